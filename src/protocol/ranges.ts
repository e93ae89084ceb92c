/**
 * Ranges of a frontier, for range-based set reconciliation: the stretch of the sorted chains from the
 * previous range's end up to a bound, and what the sender holds there. On the wire: `[bound]`, `[bound,
 * fingerprint]` or `[bound, [short hashes]]`.
 *
 * A bound is the shortest prefix of a key that separates the chains on its two sides; the empty one stands
 * for the end.
 */
import { isBytes } from './cbor.ts'
import type { Crypto } from './crypto.ts'
import type { ChainHeads, ChainKey } from './frontier.ts'
import { digestOf, encodedHeads } from './frontier.ts'
import { fromHex, toHex } from './ids.ts'

/** The end of a range, exclusive: hex of a key's prefix, or `END`. Bounds and keys compare as strings. */
export type Bound = string

/** Before all keys, and after them: no hex digit is greater. */
export const START: Bound = ''
export const END: Bound = 'g'

/** Bytes of a key: an author and a log id. */
const KEY_BYTES = 40
/** Bytes of a range's fingerprint. */
const FINGERPRINT_BYTES = 16
/**
 * Bytes of a chain's short hash: among 10,000 chains that differ, one pair in 28 thousand million looks
 * equal, once.
 */
const SHORT_HASH_BYTES = 6
/** Chains in one list. */
export const MAX_LIST = 256

/** Six bytes, hex, that identify a chain's state within this session. */
export type ShortHash = string

export type Range = {
  readonly bound: Bound
} /** Nothing to add: it is equal, or was described before. */ & (
  | { readonly kind: 'settled' }
  /** The hash of the sender's chains there. */
  | { readonly kind: 'print'; readonly print: string }
  /** The short hashes of the sender's chains there, in order. */
  | { readonly kind: 'list'; readonly marks: readonly ShortHash[] }
)

/** Ranges in one part of a round, short hashes in all its lists, and requests. */
export const MAX_PART_RANGES = 1_024
export const MAX_PART_SHORT_HASHES = 16_384
/** Chains sent in one part. */
export const MAX_PART_CHAINS = 128

export interface RoundPart {
  readonly ranges: readonly Range[]
  /** The sender's chains that a list lacked, or that were requested. Ascending. */
  readonly chains: readonly ChainHeads[]
  /** Which of the chains listed in the previous round the sender requests: indices from 0, ascending. */
  readonly requested: readonly number[]
  readonly part: 'more' | 'last'
}

/** How chains are compared in one session. */
export interface RangeHashes {
  /** Sixteen bytes, hex, equal only for equal heads. */
  fingerprintOf(chains: readonly ChainHeads[]): string
  shortHashOf(chain: ChainHeads): ShortHash
}

/**
 * Compares by salted hashes. `salt` differs in each session and is chosen by both sides, so nobody can
 * prepare heads with equal short hashes.
 */
export function rangeHashes(crypto: Pick<Crypto, 'sha256'>, salt: Uint8Array): RangeHashes {
  return {
    fingerprintOf: chains => digestOf(chains, crypto).slice(0, 2 * FINGERPRINT_BYTES),
    shortHashOf: chain =>
      crypto.sha256(Buffer.concat([salt, encodedHeads(chain)])).slice(0, 2 * SHORT_HASH_BYTES),
  }
}

/** The shortest bound that is after one key and not after the next. */
export function boundBetween(before: ChainKey, next: ChainKey): Bound {
  let length = 2
  while (next.slice(0, length) === before.slice(0, length)) length += 2
  return next.slice(0, length)
}

/** The CBOR value of a range. */
export function encodeRange(range: Range): unknown {
  const bound = range.bound === END ? new Uint8Array(0) : fromHex(range.bound)
  switch (range.kind) {
    case 'settled':
      return [bound]
    case 'print':
      return [bound, fromHex(range.print)]
    case 'list':
      return [bound, [fromHex(range.marks.join(''))]]
  }
}

/** Decodes a range from any value. Its position is checked elsewhere. */
export function decodeRange(value: unknown): Range | undefined {
  if (!Array.isArray(value)) return undefined
  const [bytes, said] = value
  if (!(bytes instanceof Uint8Array) || bytes.length > KEY_BYTES) return undefined
  const bound = bytes.length === 0 ? END : toHex(bytes)
  if (value.length === 1) return { kind: 'settled', bound }
  if (value.length !== 2) return undefined
  if (isBytes(said, FINGERPRINT_BYTES)) return { kind: 'print', bound, print: toHex(said) }
  const marks = Array.isArray(said) && said.length === 1 ? decodeMarks(said[0]) : undefined
  return marks && { kind: 'list', bound, marks }
}

function decodeMarks(value: unknown): readonly ShortHash[] | undefined {
  if (!(value instanceof Uint8Array) || value.length % SHORT_HASH_BYTES !== 0) return undefined
  if (value.length > MAX_LIST * SHORT_HASH_BYTES) return undefined
  const hex = toHex(value)
  return Array.from({ length: value.length / SHORT_HASH_BYTES }, (_, index) =>
    hex.slice(2 * SHORT_HASH_BYTES * index, 2 * SHORT_HASH_BYTES * (index + 1)),
  )
}
