/**
 * Records: the signed items in frames and syncs, decoded and sorted by type. Only their form and room are
 * checked here, which every honest peer judges alike from the same bytes.
 */
import type { Beacon } from '../../protocol/beacon.ts'
import { BEACON_TYPE, decodeBeacon } from '../../protocol/beacon.ts'
import { contentOf } from '../../protocol/content.ts'
import type { Crypto } from '../../protocol/crypto.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import { decodeEnvelope, MESSAGE_TYPE } from '../../protocol/envelope.ts'
import type { MessageId, RoomId } from '../../protocol/ids.ts'
import type { Entry } from '../log.ts'

/** Adjacent messages of one chain. A message proves its predecessors: see `endsOf`. */
export type Run = readonly [Envelope, ...Envelope[]]

export interface SignedBeacon {
  readonly beacon: Beacon
  readonly wire: Uint8Array
}

export type Records =
  | {
      readonly kind: 'records'
      readonly runs: readonly Run[]
      readonly beacons: readonly SignedBeacon[]
      /** How many were of an unknown, later type. */
      readonly unknown: number
    }
  | { readonly kind: 'malformed'; readonly reason: string }

/** Decodes the records of one frame or one part of a sync. Types of a later version are skipped. */
export function readRecords(wires: readonly Uint8Array[], room: RoomId, crypto: Crypto): Records {
  const runs: [Envelope, ...Envelope[]][] = []
  const beacons: SignedBeacon[] = []
  let unknown = 0
  for (const wire of wires) {
    const record = readRecord(wire, room, crypto)
    if (record.kind === 'malformed') return record
    if (record.kind === 'message') extendRuns(runs, record.envelope)
    if (record.kind === 'beacon') beacons.push(record)
    if (record.kind === 'later version') unknown++
  }
  return { kind: 'records', runs, beacons, unknown }
}

type OneRecord =
  | { readonly kind: 'message'; readonly envelope: Envelope }
  | ({ readonly kind: 'beacon' } & SignedBeacon)
  | { readonly kind: 'later version' }
  | { readonly kind: 'malformed'; readonly reason: string }

function readRecord(wire: Uint8Array, room: RoomId, crypto: Crypto): OneRecord {
  switch (typeOf(wire)) {
    case MESSAGE_TYPE:
      return readMessage(wire, room, crypto)
    case BEACON_TYPE:
      return readBeacon(wire, room)
    case undefined:
      return malformed('a record is not of its form')
    default:
      return { kind: 'later version' }
  }
}

function readMessage(wire: Uint8Array, room: RoomId, crypto: Crypto): OneRecord {
  const envelope = decodeEnvelope(wire, crypto)
  if (envelope === undefined) return malformed('a message is not of its form')
  if (envelope.room !== room) return malformed('a message is of another room')
  if (contentOf(envelope).kind === 'malformed') return malformed('a body is not of its form')
  return { kind: 'message', envelope }
}

/** Decodes a beacon for this room; the caller checks its signature. */
export function readBeacon(wire: Uint8Array, room: RoomId): OneRecord {
  const beacon = decodeBeacon(wire)
  if (beacon === undefined) return malformed('a beacon is not of its form')
  return beacon.room === room ? { kind: 'beacon', beacon, wire } : malformed('a beacon is of another room')
}

/** The type of a record, the first element of its CBOR array: a small integer. */
function typeOf(wire: Uint8Array): number | undefined {
  const [head, type] = wire
  if (head === undefined || type === undefined) return undefined
  const isShortArray = head >= 0x81 && head <= 0x97
  return isShortArray && type < 0x18 ? type : undefined
}

function extendRuns(runs: [Envelope, ...Envelope[]][], envelope: Envelope): void {
  const run = runs.at(-1)
  const isSameChain = run?.[0].author === envelope.author && run[0].log === envelope.log
  if (isSameChain) run?.push(envelope)
  else runs.push([envelope])
}

/**
 * The messages that no later one of these follows. Each signature covers its predecessor's id and so, in
 * turn, all predecessors: the signatures of the ends prove them all. Usually that is the last message alone.
 */
export function endsOf(messages: readonly Envelope[]): ReadonlySet<Envelope> {
  const followed = new Set<MessageId | null>()
  const ends = new Set<Envelope>()
  for (const envelope of messages.toReversed()) {
    if (!followed.has(envelope.id)) ends.add(envelope)
    followed.add(envelope.prev)
  }
  return ends
}

/** Messages with their proofs, given their ends. */
export function entriesOf(messages: readonly Envelope[], ends: ReadonlySet<Envelope>): readonly Entry[] {
  return messages.map(envelope => ({ envelope, proof: ends.has(envelope) ? 'signature' : 'successor' }))
}

function malformed(reason: string): { readonly kind: 'malformed'; readonly reason: string } {
  return { kind: 'malformed', reason }
}
