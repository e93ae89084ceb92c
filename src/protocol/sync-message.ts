/**
 * The messages of `/parley/sync/1`, each a CBOR array whose first element is its type. Both sides send the
 * same sequence over one stream: HELLO; unless the digests are equal, HAVE or, if both hold many chains,
 * RANGES in turn; then WANT; then what the other side requested in TAIL, MESSAGES and EARLIER; and END. What
 * has parts takes one or more messages, of which the last says so.
 */
import { decodeCbor, encodeCbor, isBytes, isUint } from './cbor.ts'
import type { ChainHeads } from './frontier.ts'
import { decodeChain, encodeChain } from './frontier.ts'
import type { MessageId, RoomId } from './ids.ts'
import { fromHex, toHex } from './ids.ts'
import { MAX_BEACON_BYTES, MAX_MESSAGE_BYTES, MAX_TAIL } from './limits.ts'
import type { RoundPart } from './ranges.ts'
import {
  decodeRange,
  encodeRange,
  MAX_PART_CHAINS,
  MAX_PART_RANGES,
  MAX_PART_SHORT_HASHES,
} from './ranges.ts'

export type Part = 'more' | 'last'

export type SyncMessage =
  | ({ readonly kind: 'hello'; readonly room: RoomId; readonly lacks: boolean } & Greeting)
  | { readonly kind: 'have'; readonly chains: readonly ChainHeads[]; readonly part: Part }
  | {
      readonly kind: 'want'
      readonly wants: readonly WantAt[]
      readonly part: Part
      readonly tail: number
      readonly earlier: readonly MessageId[]
    }
  | { readonly kind: 'messages'; readonly wires: readonly Uint8Array[] }
  | { readonly kind: 'end' }
  | ({ readonly kind: 'ranges' } & RoundPart)
  | { readonly kind: 'tail'; readonly wires: readonly Uint8Array[] }
  | { readonly kind: 'earlier'; readonly wires: readonly Uint8Array[] }

/** A request for a chain by its index among the chains that the partner sent, from a place on. */
export interface WantAt {
  readonly index: number
  readonly seq: number
}

/** A peer's greeting. */
export interface Greeting {
  readonly beacon: Uint8Array
  /** Digest of its frontier. */
  readonly digest: string
  /** How many chains the frontier has, and how many places they have together. */
  readonly chains: number
  readonly places: number
}

const TYPE = { hello: 0, have: 1, want: 2, messages: 3, end: 4, ranges: 5, tail: 6, earlier: 7 } as const
const PART = ['more', 'last'] as const

/** Bytes of one message on the stream: two runs of 128 KiB, because a run is never split. */
export const MAX_SYNC_MESSAGE_BYTES = 393_216
/** What one MESSAGES should hold; a TAIL has the same limit in bytes. */
export const MESSAGES_LIMIT = { count: 512, bytes: 131_072 } as const
/** Chains in one HAVE, and requests in one WANT. */
export const MAX_HAVE_CHAINS = 128
export const MAX_WANTS = 1_024
/** Messages requested in one WANT with their predecessors. */
export const MAX_EARLIER = 256
/** How many messages of the smallest size fit into one MESSAGES. */
const MAX_MESSAGES = 2_048
/** If at most one side has more chains than this, both simply list them. */
export const FLAT_CHAINS = 128

/** Encodes one message, without its length prefix. */
export function encodeSync(message: SyncMessage): Uint8Array {
  return encodeCbor([TYPE[message.kind], ...fieldsOf(message)])
}

function fieldsOf(message: SyncMessage): readonly unknown[] {
  switch (message.kind) {
    case 'hello':
      return helloFields(message)
    case 'have':
      return [message.chains.map(encodeChain), PART.indexOf(message.part)]
    case 'want':
      return [
        message.wants.map(({ index, seq }) => [index, seq]),
        PART.indexOf(message.part),
        message.tail,
        message.earlier.map(fromHex),
      ]
    case 'ranges':
      return [
        message.ranges.map(encodeRange),
        message.chains.map(encodeChain),
        message.requested,
        PART.indexOf(message.part),
      ]
    case 'messages':
    case 'tail':
    case 'earlier':
      return [message.wires]
    case 'end':
      return []
  }
}

function helloFields(hello: Extract<SyncMessage, { readonly kind: 'hello' }>): readonly unknown[] {
  const { room, beacon, digest, chains, places, lacks } = hello
  return [fromHex(room), beacon, fromHex(digest), chains, places, lacks]
}

/** Decodes a message from any bytes; undefined if they aren't one. */
export function decodeSync(bytes: Uint8Array): SyncMessage | undefined {
  if (bytes.length > MAX_SYNC_MESSAGE_BYTES) return undefined
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [type, ...rest] = decoded.value
  switch (type) {
    case TYPE.hello:
      return readHello(rest)
    case TYPE.have:
      return readHave(rest)
    case TYPE.want:
      return readWant(rest)
    case TYPE.messages:
      return readWires('messages', rest, MAX_MESSAGES)
    case TYPE.end:
      return rest.length === 0 ? { kind: 'end' } : undefined
    case TYPE.ranges:
      return readRanges(rest)
    case TYPE.tail:
      return readWires('tail', rest, MAX_TAIL)
    case TYPE.earlier:
      return readWires('earlier', rest, MESSAGES_LIMIT.count)
    default:
      return undefined
  }
}

function readHello(fields: readonly unknown[]): SyncMessage | undefined {
  const [room, beacon, digest, chains, places, lacks] = fields
  if (fields.length !== 6 || !isBytes(room, 16) || !isBytes(digest, 32)) return undefined
  if (!(beacon instanceof Uint8Array) || beacon.length > MAX_BEACON_BYTES) return undefined
  if (!isUint(chains) || !isUint(places) || typeof lacks !== 'boolean') return undefined
  return { kind: 'hello', room: toHex(room) as RoomId, beacon, digest: toHex(digest), chains, places, lacks }
}

function readHave(fields: readonly unknown[]): SyncMessage | undefined {
  const [list, number] = fields
  const part = readPart(number)
  const chains = readList(list, MAX_HAVE_CHAINS, decodeChain)
  if (fields.length !== 2 || part === undefined || chains === undefined) return undefined
  return { kind: 'have', chains, part }
}

function readWant(fields: readonly unknown[]): SyncMessage | undefined {
  const [list, number, tail, ids] = fields
  const part = readPart(number)
  const wants = readList(list, MAX_WANTS, readWantAt)
  // these accompany all wants, and so the last of their parts
  const earlier = readList(ids, part === 'last' ? MAX_EARLIER : 0, readId)
  if (fields.length !== 4 || part === undefined || wants === undefined || earlier === undefined)
    return undefined
  if (!isUint(tail) || tail > (part === 'last' ? MAX_TAIL : 0)) return undefined
  return { kind: 'want', wants, part, tail, earlier }
}

function readWantAt(value: unknown): WantAt | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [index, seq] = value
  return isUint(index) && isUint(seq) ? { index, seq } : undefined
}

function readId(value: unknown): MessageId | undefined {
  return isBytes(value, 32) ? (toHex(value) as MessageId) : undefined
}

function readRanges(fields: readonly unknown[]): SyncMessage | undefined {
  const [rangeList, chains, indices, number] = fields
  const part = readPart(number)
  const ranges = readList(rangeList, MAX_PART_RANGES, decodeRange)
  const told = readList(chains, MAX_PART_CHAINS, decodeChain)
  const requested = readList(indices, MAX_PART_SHORT_HASHES, value => (isUint(value) ? value : undefined))
  if (fields.length !== 4 || part === undefined) return undefined
  if (ranges === undefined || told === undefined || requested === undefined) return undefined
  const marks = ranges.reduce((sum, range) => sum + (range.kind === 'list' ? range.marks.length : 0), 0)
  return marks > MAX_PART_SHORT_HASHES ? undefined : { kind: 'ranges', ranges, chains: told, requested, part }
}

function readWires(
  kind: 'messages' | 'tail' | 'earlier',
  fields: readonly unknown[],
  most: number,
): SyncMessage | undefined {
  const wires = readList(fields[0], most, value => (isWire(value) ? value : undefined))
  return fields.length === 1 && wires !== undefined ? { kind, wires } : undefined
}

/** A list of at most so many elements, each decoded. */
function readList<T>(
  value: unknown,
  most: number,
  read: (item: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > most) return undefined
  const items: T[] = []
  for (const item of value) {
    const one = read(item)
    if (one === undefined) return undefined
    items.push(one)
  }
  return items
}

function readPart(number: unknown): Part | undefined {
  return number === 0 || number === 1 ? PART[number] : undefined
}

function isWire(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= MAX_MESSAGE_BYTES
}
