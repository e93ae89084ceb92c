/**
 * The beacon: a small signed presence message, never stored. It has the peer's name, the length of its chain,
 * what it holds of others' chains, and its addresses; so it feeds the member list, receipts, gap detection
 * and discovery at once.
 *
 *     core = deterministic CBOR [2, room, author, log, stamp, state, name, length, links, digest, acks, addresses]
 *     wire = core || Ed25519("parley/1/beacon\0" || core)
 */
import { decodeCbor, encodeCbor, isBytes, isText, isUint } from './cbor.ts'
import type { Crypto, Signer } from './crypto.ts'
import { inDomain, SIGNATURE_BYTES } from './crypto.ts'
import type { LogId, PeerKey, RoomId } from './ids.ts'
import { fromHex, toHex } from './ids.ts'
import {
  MAX_ADDRESS_BYTES,
  MAX_BEACON_ACKS,
  MAX_BEACON_ADDRESSES,
  MAX_BEACON_BYTES,
  MAX_NAME_BYTES,
} from './limits.ts'

/** The first element of a beacon's core. */
export const BEACON_TYPE = 2
const DOMAIN = new TextEncoder().encode('parley/1/beacon\0')
const STATES = ['here', 'leaving'] as const

/** "I hold this chain up to and including `seq`." */
export interface Ack {
  readonly author: PeerKey
  readonly log: LogId
  readonly seq: number
}

export interface Beacon {
  readonly room: RoomId
  readonly author: PeerKey
  /** The log id of the author's current chain. */
  readonly log: LogId
  /** The author's clock, made monotonic: an older beacon never replaces a newer one. Milliseconds. */
  readonly stamp: number
  readonly state: (typeof STATES)[number]
  readonly name: string
  /** How many messages the author's chain has. */
  readonly length: number
  /** How many members the author is directly connected to; those need nobody to forward its frames. */
  readonly links: number
  /** Digest of the author's frontier, hex: equal digests mean equal messages. */
  readonly digest: string
  readonly acks: readonly Ack[]
  /** Multiaddrs in their binary form, hex, without the peer id. */
  readonly addresses: readonly string[]
}

/** Signs a beacon; returns its wire bytes. */
export function sealBeacon(beacon: Beacon, signer: Signer): Uint8Array {
  const core = encodeCbor([
    BEACON_TYPE,
    fromHex(beacon.room),
    fromHex(beacon.author),
    fromHex(beacon.log),
    beacon.stamp,
    STATES.indexOf(beacon.state),
    beacon.name,
    beacon.length,
    beacon.links,
    fromHex(beacon.digest),
    beacon.acks.map(ack => [fromHex(ack.author), fromHex(ack.log), ack.seq]),
    beacon.addresses.map(fromHex),
  ])
  return inDomain(core, signer.sign(inDomain(DOMAIN, core)))
}

/** Decodes a beacon from any bytes; undefined if they aren't one. Doesn't check the signature. */
export function decodeBeacon(wire: Uint8Array): Beacon | undefined {
  if (wire.length <= SIGNATURE_BYTES || wire.length > MAX_BEACON_BYTES) return undefined
  const decoded = decodeCbor(wire.subarray(0, -SIGNATURE_BYTES))
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  return readBeacon(decoded.value)
}

/** True if the author signed this beacon. */
export function isAuthenticBeacon(beacon: Beacon, wire: Uint8Array, crypto: Crypto): boolean {
  const signed = inDomain(DOMAIN, wire.subarray(0, -SIGNATURE_BYTES))
  return crypto.verify(beacon.author, signed, wire.subarray(-SIGNATURE_BYTES))
}

function readBeacon(value: readonly unknown[]): Beacon | undefined {
  const [type, room, author, log, stamp, state, name, length, links, digest, acks, addresses] = value
  if (value.length !== 12 || type !== BEACON_TYPE) return undefined
  if (!isBytes(room, 16) || !isBytes(author, 32) || !isBytes(log, 8) || !isBytes(digest, 32)) return undefined
  if (!isUint(stamp) || !isUint(state) || !isUint(length) || !isUint(links)) return undefined
  const stateName = STATES[state]
  const readAcks = readList(acks, MAX_BEACON_ACKS, readAck)
  const readAddresses = readList(addresses, MAX_BEACON_ADDRESSES, readAddress)
  if (stateName === undefined || readAcks === undefined || readAddresses === undefined) return undefined
  if (!isText(name, MAX_NAME_BYTES) || name === '') return undefined
  return {
    room: toHex(room) as RoomId,
    author: toHex(author) as PeerKey,
    log: toHex(log) as LogId,
    stamp,
    state: stateName,
    name,
    length,
    links,
    digest: toHex(digest),
    acks: readAcks,
    addresses: readAddresses,
  }
}

function readAck(value: unknown): Ack | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [author, log, seq] = value
  if (!isBytes(author, 32) || !isBytes(log, 8) || !isUint(seq)) return undefined
  return { author: toHex(author) as PeerKey, log: toHex(log) as LogId, seq }
}

function readAddress(value: unknown): string | undefined {
  return value instanceof Uint8Array && value.length <= MAX_ADDRESS_BYTES ? toHex(value) : undefined
}

/** All elements decoded; undefined if it is no array, too long, or has an invalid element. */
function readList<T>(value: unknown, max: number, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > max) return undefined
  const out: T[] = []
  for (const item of value) {
    const one = read(item)
    if (one === undefined) return undefined
    out.push(one)
  }
  return out
}
