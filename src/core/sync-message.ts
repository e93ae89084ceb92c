/**
 * The messages of `/parley/sync/1`, each a CBOR array whose first element is its type. Both sides send the same
 * sequence over one stream: HELLO, and unless their digests are equal HAVE (in parts), WANT, then what the other
 * side asked for in MESSAGES, and END.
 */
import { decodeCbor, encodeCbor, isBytes } from './codec.ts'
import type { ChainHeads, Want } from './frontier.ts'
import { decodeHeads, decodeWant, encodeHeads, encodeWant } from './frontier.ts'
import type { RoomId } from './ids.ts'
import { fromHex, toHex } from './ids.ts'
import { MAX_BEACON_BYTES, MAX_CHAINS, MAX_MESSAGE_BYTES } from './limits.ts'

export type SyncMessage =
  | { readonly kind: 'hello'; readonly room: RoomId; readonly beacon: Uint8Array; readonly digest: string }
  | { readonly kind: 'have'; readonly chains: readonly ChainHeads[]; readonly part: 'more' | 'last' }
  | { readonly kind: 'want'; readonly wants: readonly Want[] }
  | { readonly kind: 'messages'; readonly wires: readonly Uint8Array[] }
  | { readonly kind: 'end' }

const TYPE = { hello: 0, have: 1, want: 2, messages: 3, end: 4 } as const
const PART = ['more', 'last'] as const

/** Bytes of one message on the stream: two runs of 128 KiB, since a run is never cut. */
export const MAX_SYNC_MESSAGE_BYTES = 393_216
/** What one MESSAGES should hold. */
export const MESSAGES_LIMIT = { count: 512, bytes: 131_072 } as const
/** Chains in one HAVE and places asked for in one WANT. */
export const MAX_HAVE_CHAINS = 128
export const MAX_WANTS = 1_024
/** Messages of the smallest size that fit into one MESSAGES. */
const MAX_MESSAGES = 2_048
/** Chains that all parts of a HAVE may name together. */
export const MAX_HAVE_TOTAL = MAX_CHAINS

/** Encodes one message, without the length in front of it. */
export function encodeSync(message: SyncMessage): Uint8Array {
  switch (message.kind) {
    case 'hello':
      return encodeCbor([TYPE.hello, fromHex(message.room), message.beacon, fromHex(message.digest)])
    case 'have':
      return encodeCbor([TYPE.have, message.chains.map(encodeHeads), PART.indexOf(message.part)])
    case 'want':
      return encodeCbor([TYPE.want, message.wants.map(encodeWant)])
    case 'messages':
      return encodeCbor([TYPE.messages, message.wires])
    case 'end':
      return encodeCbor([TYPE.end])
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
      return readMessages(rest)
    case TYPE.end:
      return rest.length === 0 ? { kind: 'end' } : undefined
    default:
      return undefined
  }
}

function readHello(fields: readonly unknown[]): SyncMessage | undefined {
  const [room, beacon, digest] = fields
  if (fields.length !== 3 || !isBytes(room, 16) || !isBytes(digest, 32)) return undefined
  if (!(beacon instanceof Uint8Array) || beacon.length > MAX_BEACON_BYTES) return undefined
  return { kind: 'hello', room: toHex(room) as RoomId, beacon, digest: toHex(digest) }
}

function readHave(fields: readonly unknown[]): SyncMessage | undefined {
  const [list, part] = fields
  const partName = part === 0 || part === 1 ? PART[part] : undefined
  if (fields.length !== 2 || partName === undefined) return undefined
  if (!Array.isArray(list) || list.length > MAX_HAVE_CHAINS) return undefined
  const chains = list.flatMap(item => decodeHeads(item) ?? [])
  return chains.length === list.length ? { kind: 'have', chains, part: partName } : undefined
}

function readWant(fields: readonly unknown[]): SyncMessage | undefined {
  const [list] = fields
  if (fields.length !== 1 || !Array.isArray(list) || list.length > MAX_WANTS) return undefined
  const wants = list.flatMap(item => decodeWant(item) ?? [])
  return wants.length === list.length ? { kind: 'want', wants } : undefined
}

function readMessages(fields: readonly unknown[]): SyncMessage | undefined {
  const [list] = fields
  if (fields.length !== 1 || !Array.isArray(list) || list.length > MAX_MESSAGES) return undefined
  const wires: readonly unknown[] = list
  return wires.every(isWire) ? { kind: 'messages', wires } : undefined
}

function isWire(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= MAX_MESSAGE_BYTES
}
