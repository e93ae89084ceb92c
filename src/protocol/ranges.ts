/**
 * Ranges of a frontier, as two peers compare them: a stretch of the sorted chains from where the range before it ended
 * up to a bound, and what is said of it. On the wire `[bound]`, `[bound, print]` or `[bound, [marks]]`.
 *
 * A bound is the shortest beginning of a key that tells the chains on both sides of it apart; an empty one stands for
 * the end of all keys.
 */
import { isBytes } from './cbor.ts'
import type { Crypto } from './crypto.ts'
import type { ChainHeads, ChainKey } from './frontier.ts'
import { digestOf, encodedHeads } from './frontier.ts'
import { fromHex, toHex } from './ids.ts'

/** The chains before this: hex of the beginning of a key, or `END`. Bounds and keys compare as strings. */
export type Bound = string

/** Before all keys, and behind them: no hex digit is greater. */
export const START: Bound = ''
export const END: Bound = 'g'

/** Bytes of a key: an author and a log. */
const KEY_BYTES = 40
/** Bytes of a range's print. */
const PRINT_BYTES = 16
/** Bytes of a chain's mark: of 10,000 chains that differ, one in 28 thousand million looks as if it didn't, once. */
const MARK_BYTES = 6
/** Chains in one list. */
export const MAX_LIST = 256

/** Six bytes, hex, that tell how a chain stands in this exchange. */
export type Mark = string

export type Range = {
  readonly bound: Bound
} /** Nothing is to be said: it is equal, or was told before. */ & (
  | { readonly kind: 'settled' }
  /** What I hold there hashes to this. */
  | { readonly kind: 'print'; readonly print: string }
  /** What I hold there, as marks in the order of the chains. */
  | { readonly kind: 'list'; readonly marks: readonly Mark[] }
)

/** Ranges in one part of a round, marks in all its lists, and places that it asks about. */
export const MAX_PART_RANGES = 1_024
export const MAX_PART_MARKS = 16_384
/** Chains that are told in one part. */
export const MAX_PART_CHAINS = 128

export interface RoundPart {
  readonly ranges: readonly Range[]
  /** Chains of mine that weren't among the marks of a list, or that I was asked for. Ascending. */
  readonly told: readonly ChainHeads[]
  /** Which of all the chains that were listed in the round before I want to be told: counted from 0, ascending. */
  readonly asked: readonly number[]
  readonly part: 'more' | 'last'
}

/** How chains are told apart in one exchange. */
export interface Comparing {
  /** Sixteen bytes, hex, equal for equal heads only. */
  printOf(chains: readonly ChainHeads[]): string
  markOf(chain: ChainHeads): Mark
}

/**
 * Compares by hashes. `salt` is another one in each exchange, and nobody's alone to choose: so nobody can prepare
 * heads whose marks are the same.
 */
export function comparing(crypto: Pick<Crypto, 'sha256'>, salt: Uint8Array): Comparing {
  return {
    printOf: chains => digestOf(chains, crypto).slice(0, 2 * PRINT_BYTES),
    markOf: chain => crypto.sha256(Buffer.concat([salt, encodedHeads(chain)])).slice(0, 2 * MARK_BYTES),
  }
}

/** The shortest bound that lies behind one key and not behind the next. */
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

/** Reads a range of any origin. Whether it is in its place is for others to see. */
export function decodeRange(value: unknown): Range | undefined {
  if (!Array.isArray(value)) return undefined
  const [bytes, said] = value
  if (!(bytes instanceof Uint8Array) || bytes.length > KEY_BYTES) return undefined
  const bound = bytes.length === 0 ? END : toHex(bytes)
  if (value.length === 1) return { kind: 'settled', bound }
  if (value.length !== 2) return undefined
  if (isBytes(said, PRINT_BYTES)) return { kind: 'print', bound, print: toHex(said) }
  const marks = Array.isArray(said) && said.length === 1 ? decodeMarks(said[0]) : undefined
  return marks && { kind: 'list', bound, marks }
}

function decodeMarks(value: unknown): readonly Mark[] | undefined {
  if (!(value instanceof Uint8Array) || value.length % MARK_BYTES !== 0) return undefined
  if (value.length > MAX_LIST * MARK_BYTES) return undefined
  const hex = toHex(value)
  return Array.from({ length: value.length / MARK_BYTES }, (_, index) =>
    hex.slice(2 * MARK_BYTES * index, 2 * MARK_BYTES * (index + 1)),
  )
}
