/**
 * The parts of a multiaddr that routing is about: host, port and relay. A link-local IPv6 host may have a zone, the
 * interface of one machine (RFC 4007), which is valid only there. A bare host, `/ip4/…` without a port, is how a peer
 * announces where helpers see it: nobody can dial it, but a peer seen at the same host is behind the same router and may
 * use local addresses.
 */
import { isLinkLocal, isLoopback, isPrivate } from '@libp2p/utils'
import type { Component, Multiaddr } from '@multiformats/multiaddr'
import { CODE_IP6ZONE, CODE_P2P, CODE_P2P_CIRCUIT, CODE_TCP, multiaddr } from '@multiformats/multiaddr'
import { fromHex } from './ids.ts'

/** The two IP address families: each has its own routes, routers and firewalls. */
export type IpFamily = 'ip4' | 'ip6'

/** The IP address of a multiaddr, without its zone; undefined for names. */
export function hostOf(address: Multiaddr): string | undefined {
  return hostPart(address)?.value
}

/** Undefined for names. */
export function familyOf(address: Multiaddr): IpFamily | undefined {
  return hostPart(address)?.name as IpFamily | undefined
}

/** The interface by which a link-local address is reached; undefined if it isn't said. */
export function zoneOf(address: Multiaddr): string | undefined {
  const [first] = address.getComponents()
  return first?.code === CODE_IP6ZONE ? first.value : undefined
}

export function withoutZone(address: Multiaddr): Multiaddr {
  return zoneOf(address) === undefined ? address : multiaddr(address.getComponents().slice(1))
}

/** The address with this zone, in the place of another one. */
export function withZone(address: Multiaddr, zone: string): Multiaddr {
  const first = { code: CODE_IP6ZONE, name: 'ip6zone', value: zone }
  return multiaddr([first, ...withoutZone(address).getComponents()])
}

/** Another TCP port of the same host, and nothing more of the address. `address` begins with an IP address. */
export function atPort(address: Multiaddr, port: number): Multiaddr {
  const all = address.getComponents()
  const host = all.slice(0, all.findIndex(isIp) + 1)
  return multiaddr([...host, { code: CODE_TCP, name: 'tcp', value: String(port) }])
}

function hostPart(address: Multiaddr): Component | undefined {
  const [first] = withoutZone(address).getComponents()
  return first && isIp(first) ? first : undefined
}

function isIp({ name }: Component): boolean {
  return name === 'ip4' || name === 'ip6'
}

export function portOf(address: Multiaddr): number | undefined {
  const tcp = address.getComponents().find(({ name }) => name === 'tcp')
  return tcp?.value === undefined ? undefined : Number(tcp.value)
}

export function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some(({ code }) => code === CODE_P2P_CIRCUIT)
}

/** True for a host without a port. */
export function isBareHost(address: Multiaddr): boolean {
  const [, next] = withoutZone(address).getComponents()
  return hostOf(address) !== undefined && (next === undefined || next.name === 'p2p')
}

export function bareHost(host: string): Multiaddr {
  return multiaddr(`/${familyOfHost(host)}/${host}`)
}

export function familyOfHost(host: string): IpFamily {
  return host.includes(':') ? 'ip6' : 'ip4'
}

/** True if the address is valid only within one network. */
export function isLocal(address: Multiaddr): boolean {
  return isLoopback(address) || isPrivate(address) === true
}

/** True if a peer is observed at an address of its own. Routers don't forward link-local ones, so those always are. */
export function isOwn(observed: Multiaddr, ownHosts: readonly string[]): boolean {
  return isLinkLocal(observed) || ownHosts.includes(hostOf(observed) ?? '')
}

/** The address without the peer id at its end; a relay's, in the middle, stays. */
export function withoutPeer(address: Multiaddr): Multiaddr {
  return address.getComponents().at(-1)?.code === CODE_P2P ? address.decapsulateCode(CODE_P2P) : address
}

/** The peer id of the relay in an address; empty if there is none. */
export function relayOf(address: Multiaddr): string {
  return isRelayed(address)
    ? (address.getComponents().find(({ code }) => code === CODE_P2P)?.value ?? '')
    : ''
}

/** A binary address in hex; none if it is invalid: a stranger may claim any bytes as one. */
export function readAddress(hex: string): Multiaddr[] {
  try {
    return [multiaddr(fromHex(hex))]
  } catch {
    return []
  }
}
