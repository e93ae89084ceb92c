/**
 * The messages of `/parley/sync/1`, each a CBOR array whose first element is its type. Both sides send the same
 * sequence over one stream: HELLO, and unless their digests are equal HAVE or, where both hold many chains, RANGES in
 * turn; then WANT, then what the other side asked for in TAIL and MESSAGES, and END. What has parts comes in one
 * message or more, of which the last says so.
 */
import { decodeCbor, encodeCbor, isBytes, isUint } from './codec.ts'
import type { ChainHeads, Want } from './frontier.ts'
import { decodeWant, encodeChain, encodeWant } from './frontier.ts'
import type { RoomId } from './ids.ts'
import { fromHex, toHex } from './ids.ts'
import { MAX_BEACON_BYTES, MAX_MESSAGE_BYTES, MAX_TAIL } from './limits.ts'
import { decodeChains, decodeRange, encodeRange } from './range.ts'
import type { RoundPart } from './round.ts'
import { MAX_PART_CHAINS, MAX_PART_RANGES } from './round.ts'

export type Part = 'more' | 'last'

export type SyncMessage =
  | ({ readonly kind: 'hello'; readonly room: RoomId } & Greeting)
  | { readonly kind: 'have'; readonly chains: readonly ChainHeads[]; readonly part: Part }
  | { readonly kind: 'want'; readonly wants: readonly Want[]; readonly part: Part; readonly tail: number }
  | { readonly kind: 'messages'; readonly wires: readonly Uint8Array[] }
  | { readonly kind: 'end' }
  | ({ readonly kind: 'ranges' } & RoundPart)
  | { readonly kind: 'tail'; readonly wires: readonly Uint8Array[] }

/** How a peer introduces itself. */
export interface Greeting {
  readonly beacon: Uint8Array
  /** Digest of its frontier, and how many chains that has. */
  readonly digest: string
  readonly chains: number
}

const TYPE = { hello: 0, have: 1, want: 2, messages: 3, end: 4, ranges: 5, tail: 6 } as const
const PART = ['more', 'last'] as const

/** Bytes of one message on the stream: two runs of 128 KiB, since a run is never cut. */
export const MAX_SYNC_MESSAGE_BYTES = 393_216
/** What one MESSAGES should hold, and in bytes a TAIL, too. */
export const MESSAGES_LIMIT = { count: 512, bytes: 131_072 } as const
/** Chains in one HAVE, and places asked for in one WANT. */
export const MAX_HAVE_CHAINS = 128
export const MAX_WANTS = 1_024
/** Messages of the smallest size that fit into one MESSAGES. */
const MAX_MESSAGES = 2_048
/** Where neither side has more chains than this, or only one has, they just list them. */
export const FLAT_CHAINS = 128

/** Encodes one message, without the length in front of it. */
export function encodeSync(message: SyncMessage): Uint8Array {
  return encodeCbor([TYPE[message.kind], ...fieldsOf(message)])
}

function fieldsOf(message: SyncMessage): readonly unknown[] {
  switch (message.kind) {
    case 'hello':
      return [fromHex(message.room), message.beacon, fromHex(message.digest), message.chains]
    case 'have':
      return [message.chains.map(encodeChain), PART.indexOf(message.part)]
    case 'want':
      return [message.wants.map(encodeWant), PART.indexOf(message.part), message.tail]
    case 'ranges':
      return [message.ranges.map(encodeRange), message.answer.map(encodeChain), PART.indexOf(message.part)]
    case 'messages':
    case 'tail':
      return [message.wires]
    case 'end':
      return []
  }
}

/** Reads one message of any origin; undefined when it isn't one. */
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
    default:
      return undefined
  }
}

function readHello(fields: readonly unknown[]): SyncMessage | undefined {
  const [room, beacon, digest, chains] = fields
  if (fields.length !== 4 || !isBytes(room, 16) || !isBytes(digest, 32) || !isUint(chains)) return undefined
  if (!(beacon instanceof Uint8Array) || beacon.length > MAX_BEACON_BYTES) return undefined
  return { kind: 'hello', room: toHex(room) as RoomId, beacon, digest: toHex(digest), chains }
}

function readHave(fields: readonly unknown[]): SyncMessage | undefined {
  const [list, number] = fields
  const part = readPart(number)
  const chains = readList(list, MAX_HAVE_CHAINS) && decodeChains(list)
  if (fields.length !== 2 || part === undefined || chains === undefined) return undefined
  return { kind: 'have', chains, part }
}

function readWant(fields: readonly unknown[]): SyncMessage | undefined {
  const [list, number, tail] = fields
  const part = readPart(number)
  const wants = readList(list, MAX_WANTS)?.flatMap(item => decodeWant(item) ?? [])
  if (fields.length !== 3 || part === undefined || !Array.isArray(list)) return undefined
  if (wants === undefined || wants.length < list.length) return undefined
  // it goes with all wants together, and so with the last of them
  if (!isUint(tail) || tail > (part === 'last' ? MAX_TAIL : 0)) return undefined
  return { kind: 'want', wants, part, tail }
}

function readRanges(fields: readonly unknown[]): SyncMessage | undefined {
  const [list, answers, number] = fields
  const part = readPart(number)
  const ranges = readList(list, MAX_PART_RANGES)?.flatMap(item => decodeRange(item) ?? [])
  const answer = readList(answers, MAX_PART_CHAINS) && decodeChains(answers)
  if (fields.length !== 3 || part === undefined || !Array.isArray(list)) return undefined
  if (ranges === undefined || answer === undefined || ranges.length < list.length) return undefined
  const listed = ranges.reduce((sum, range) => sum + (range.kind === 'list' ? range.chains.length : 0), 0)
  return listed + answer.length > MAX_PART_CHAINS ? undefined : { kind: 'ranges', ranges, answer, part }
}

function readWires(
  kind: 'messages' | 'tail',
  fields: readonly unknown[],
  most: number,
): SyncMessage | undefined {
  const [list] = fields
  const wires = readList(list, most)
  return fields.length === 1 && wires?.every(isWire) ? { kind, wires } : undefined
}

function readList(value: unknown, most: number): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length <= most ? value : undefined
}

function readPart(number: unknown): Part | undefined {
  return number === 0 || number === 1 ? PART[number] : undefined
}

function isWire(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= MAX_MESSAGE_BYTES
}
