/**
 * Home routers and carriers' as nftables sees them. Linux keeps a local port where it can, whatever the target: that
 * is the endpoint-independent mapping of nearly every router sold. What differs is who gets in from outside, and
 * whether the port is drawn anew for each target (`symmetric`). Interfaces: `wan` outside, `lan` inside.
 */

import type { Ip6 } from './ip6.ts'
import { ip6Rules } from './ip6.ts'

export const NAT_KINDS = [
  'open',
  'drop',
  'reject',
  'mapped',
  'upnp',
  'nat-pmp',
  'symmetric',
  'no-udp',
  'only-443',
] as const
export type NatKind = (typeof NAT_KINDS)[number]

/** In words, for tables. */
export const NAT_TITLES: Readonly<Record<NatKind, string>> = {
  open: 'NAT without a firewall',
  drop: 'NAT, drops the uninvited',
  reject: 'NAT, answers the uninvited with RST',
  mapped: 'NAT with a forwarded port',
  upnp: 'NAT that maps ports by UPnP',
  'nat-pmp': 'NAT that maps ports by NAT-PMP',
  symmetric: 'symmetric NAT',
  'no-udp': 'NAT that blocks UDP',
  'only-443': 'firewall: only TCP port 443 out',
}

/** A port that the user has forwarded, or told the router to. */
export interface Forward {
  readonly port: number
  readonly to: string
}

/** True of routers that map ports for whoever asks. */
export function mapsPorts(kind: NatKind): boolean {
  return kind === 'upnp' || kind === 'nat-pmp'
}

export function natRules(kind: NatKind, forwards: readonly Forward[] = [], ip6?: Ip6): string {
  const tables = [filterTable(kind), natTable(kind, forwards)]
  if (mapsPorts(kind)) tables.push(UPNP_TABLE)
  if (ip6 !== undefined) tables.push(ip6Rules(ip6))
  return tables.join('\n')
}

/** Where miniupnpd puts what it is asked for. What it forwards passes by `ct status dnat`. */
const UPNP_TABLE = `table inet upnp {
  chain forwarded {
  }
  chain mapped {
  }
  chain masked {
  }
  chain prerouting {
    type nat hook prerouting priority -100
    jump mapped
  }
}`

/** The configuration of miniupnpd to go with it: it speaks one of both. `lan`: the network that may ask. */
export function mapperSettings(kind: NatKind, lan: string): string {
  const isOn = (one: NatKind): string => (kind === one ? 'yes' : 'no')
  return `ext_ifname=wan
listening_ip=lan
enable_upnp=${isOn('upnp')}
enable_natpmp=${isOn('nat-pmp')}
secure_mode=yes
upnp_table_name=upnp
upnp_nat_table_name=upnp
upnp_forward_chain=forwarded
upnp_nat_chain=mapped
upnp_nat_postrouting_chain=masked
uuid=7b1c9d5e-6a40-4f6e-9e2d-1c0a4b8f2d37
allow 1024-65535 ${lan} 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
`
}

function filterTable(kind: NatKind): string {
  const uninvited = kind === 'reject' ? 'meta l4proto tcp reject with tcp reset' : 'drop'
  return `table ip filter {
  chain input {
    type filter hook input priority 0; policy accept;
    iifname "wan" ct state established,related accept
    iifname "wan" icmp type echo-request accept
    iifname "wan" ${uninvited}
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    ct status dnat accept
    iifname "wan" ${uninvited}
    ${OUTBOUND[kind] ?? 'iifname "lan" accept'}
  }
}`
}

/** What may go out, where that isn't all. */
const OUTBOUND: Readonly<Partial<Record<NatKind, string>>> = {
  'no-udp': 'iifname "lan" meta l4proto != udp accept',
  'only-443': 'iifname "lan" tcp dport 443 accept',
}

function natTable(kind: NatKind, forwards: readonly Forward[]): string {
  const masquerade = kind === 'symmetric' ? 'masquerade fully-random' : 'masquerade'
  const open = kind === 'open'
  return `table ip nat {
  map mapped {
    type inet_service : ipv4_addr
    flags dynamic,timeout
    timeout 5m
    size 65535
  }
  chain prerouting {
    type nat hook prerouting priority -100
    ${forwards.map(({ port, to }) => `iifname "wan" tcp dport ${port} dnat to ${to}`).join('\n    ')}
    ${open ? 'iifname "wan" meta l4proto tcp dnat to tcp dport map @mapped' : ''}
  }
  chain postrouting {
    type nat hook postrouting priority 100
    ${open ? 'oifname "wan" meta l4proto tcp update @mapped { tcp sport : ip saddr }' : ''}
    oifname "wan" ${masquerade}
  }
}`
}
