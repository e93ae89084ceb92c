/**
 * The parts of a multiaddr that routing is about: host, port and relay. A bare host, `/ip4/…` without a port,
 * is how a peer announces where helpers see it: nobody can dial it, but a peer seen at the same host is
 * behind the same router and may use local addresses.
 */
import { isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { CODE_P2P, CODE_P2P_CIRCUIT, multiaddr } from '@multiformats/multiaddr'
import { fromHex } from './ids.ts'

/** The two IP address families: each has its own routes, routers and firewalls. */
export type IpFamily = 'ip4' | 'ip6'

/** The IP address of a multiaddr; undefined for names. */
export function hostOf(address: Multiaddr): string | undefined {
  return familyOf(address) === undefined ? undefined : address.getComponents()[0]?.value
}

/** Undefined for names. */
export function familyOf(address: Multiaddr): IpFamily | undefined {
  const name = address.getComponents()[0]?.name
  return name === 'ip4' || name === 'ip6' ? name : undefined
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
  const [host, next] = address.getComponents()
  return (host?.name === 'ip4' || host?.name === 'ip6') && (next === undefined || next.name === 'p2p')
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
