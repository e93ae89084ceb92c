/**
 * `/parley/reach/1`: a peer asks a helper whether it can be reached. The peer names the ports that it
 * believes to be open; the helper tells at once from which address it sees the peer, and then which of these
 * ports it could dial there. It never dials any other address. CBOR arrays, each with a length prefix:
 *
 *     ask    [1, [port…]]
 *     seen   [1, observed: multiaddr bytes, time: uint ms, others: [port…], otherwise: [multiaddr bytes…]]
 *     tried  [2, [[port, outcome]…]]      outcome: 0 reached, 1 refused, 2 no answer; empty: not tried, ask later
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { decodeCbor, encodeCbor, isUint } from './cbor.ts'
import { hostOf, zoneOf } from './multiaddr.ts'

export const REACH_PROTOCOL = '/parley/reach/1'

/** Ports in one request: the listening ports of both families, and a mapped one. */
export const MAX_PORTS = 4

/** Addresses of the other family: one is enough, and names may come on top. */
export const MAX_OTHER_FAMILY = 2

/** Bytes of one message. */
export const MAX_REACH_BYTES = 512

const OUTCOMES = ['reached', 'refused', 'silent'] as const
/** `refused`: something refuses, or isn't the peer. `silent`: nothing came back. */
export type ReachOutcome = (typeof OUTCOMES)[number]

/** What a helper sees of a peer. */
export interface Seen {
  /** The source of the connection: a NAT's address and port, if there is one. */
  readonly observed: Multiaddr
  /** The helper's clock, milliseconds since the epoch. */
  readonly time: number
  /** Further ports on which the helper listens. */
  readonly otherPorts: readonly number[]
  /** Public addresses of the helper in the other family: an IPv6 address on a connection over IPv4. */
  readonly otherFamily: readonly Multiaddr[]
}

/** Which ports the helper could reach. */
export type Tried = ReadonlyMap<number, ReachOutcome>

export function encodeAsk(ports: readonly number[]): Uint8Array {
  return encodeCbor([1, [...ports]])
}

/** The ports asked for, without duplicates; undefined if it is no request. */
export function readAsk(bytes: Uint8Array): readonly number[] | undefined {
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [version, ports] = decoded.value
  return version === 1 ? readPorts(ports) : undefined
}

export function encodeSeen({ observed, time, otherPorts, otherFamily }: Seen): Uint8Array {
  return encodeCbor([1, observed.bytes, time, [...otherPorts], otherFamily.map(({ bytes }) => bytes)])
}

export function readSeen(bytes: Uint8Array): Seen | undefined {
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [kind, observed, time, others, further] = decoded.value
  const address = readAddress(observed)
  const ports = readPorts(others)
  if (kind !== 1 || address === undefined || !isUint(time) || ports === undefined) return undefined
  // older helpers leave this out
  const all: readonly unknown[] = Array.isArray(further) ? further : []
  const otherFamily = all.slice(0, MAX_OTHER_FAMILY).flatMap(bytes => readAddress(bytes) ?? [])
  return { observed: address, time, otherPorts: ports, otherFamily }
}

export function encodeTried(tried: Tried): Uint8Array {
  return encodeCbor([2, [...tried].map(([port, outcome]) => [port, OUTCOMES.indexOf(outcome)])])
}

export function readTried(bytes: Uint8Array): Tried | undefined {
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [kind, list] = decoded.value
  if (kind !== 2 || !Array.isArray(list) || list.length > MAX_PORTS) return undefined
  const tried = new Map<number, ReachOutcome>()
  for (const item of list) {
    const [port, code] = Array.isArray(item) ? item : []
    const outcome = typeof code === 'number' ? OUTCOMES[code] : undefined
    if (!isPort(port) || outcome === undefined) return undefined
    tried.set(port, outcome)
  }
  return tried
}

function readPorts(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_PORTS || !value.every(isPort)) return undefined
  return [...new Set(value)]
}

/** Accepts any value. */
export function isPort(value: unknown): value is number {
  return isUint(value) && value > 0 && value < 65_536
}

function readAddress(value: unknown): Multiaddr | undefined {
  try {
    const address = value instanceof Uint8Array ? multiaddr(value) : undefined
    // a connection has no other kind of host, and anything built from it would be no address; a zone is the helper's own
    return address && hostOf(address) !== undefined && zoneOf(address) === undefined ? address : undefined
  } catch {
    // any bytes may claim to be an address
    return undefined
  }
}
