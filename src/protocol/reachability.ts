/**
 * `/parley/reach/1`: what a peer asks a helper about itself. The peer names the ports that it believes to be open; the
 * helper tells at once from which address it sees it, and then which of these ports it could reach there. It never dials
 * any other address. CBOR arrays, each with its length in front:
 *
 *     ask    [1, [port…]]
 *     seen   [1, observed: multiaddr bytes, time: uint ms, others: [port…], otherwise: [multiaddr bytes…]]
 *     tried  [2, [[port, outcome]…]]      outcome: 0 reached, 1 refused, 2 no answer; empty: not tried, ask later
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { decodeCbor, encodeCbor, isUint } from './cbor.ts'
import { hostOf } from './multiaddr.ts'

export const REACH_PROTOCOL = '/parley/reach/1'

/** Ports in one question: what is listened on for both kinds of addresses, and what a router maps. */
export const MAX_PORTS = 4

/** Addresses of the other kind: one is enough, and names may come on top. */
export const MAX_OTHERWISE = 2

/** Bytes of one message. */
export const MAX_REACH_BYTES = 512

const OUTCOMES = ['reached', 'refused', 'silent'] as const
/** `refused`: something is there and says no, or isn't the peer. `silent`: nothing came back. */
export type ReachOutcome = (typeof OUTCOMES)[number]

/** What a helper sees of a peer. */
export interface Seen {
  /** Where the connection comes from: a router's address and port, where there is one in between. */
  readonly observed: Multiaddr
  /** The helper's clock, milliseconds since the epoch. */
  readonly time: number
  /** Further ports that the helper listens on. */
  readonly others: readonly number[]
  /** Public addresses of the helper of the kind that the connection isn't of: an IPv6 address on one by IPv4. */
  readonly otherwise: readonly Multiaddr[]
}

/** Which ports led from the helper to the peer. */
export type Tried = ReadonlyMap<number, ReachOutcome>

export function encodeAsk(ports: readonly number[]): Uint8Array {
  return encodeCbor([1, [...ports]])
}

/** The ports asked for, each once; undefined if it is no question. */
export function readAsk(bytes: Uint8Array): readonly number[] | undefined {
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [version, ports] = decoded.value
  return version === 1 ? readPorts(ports) : undefined
}

export function encodeSeen({ observed, time, others, otherwise }: Seen): Uint8Array {
  return encodeCbor([1, observed.bytes, time, [...others], otherwise.map(({ bytes }) => bytes)])
}

export function readSeen(bytes: Uint8Array): Seen | undefined {
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [kind, observed, time, others, further] = decoded.value
  const address = readAddress(observed)
  const ports = readPorts(others)
  if (kind !== 1 || address === undefined || !isUint(time) || ports === undefined) return undefined
  // older helpers don't tell
  const all: readonly unknown[] = Array.isArray(further) ? further : []
  const otherwise = all.slice(0, MAX_OTHERWISE).flatMap(bytes => readAddress(bytes) ?? [])
  return { observed: address, time, others: ports, otherwise }
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

/** Any value in. */
export function isPort(value: unknown): value is number {
  return isUint(value) && value > 0 && value < 65_536
}

function readAddress(value: unknown): Multiaddr | undefined {
  try {
    const address = value instanceof Uint8Array ? multiaddr(value) : undefined
    // of a connection it has no other kind of host, and what is built of it would be no address
    return address && hostOf(address) !== undefined ? address : undefined
  } catch {
    // any bytes may claim to be an address
    return undefined
  }
}
