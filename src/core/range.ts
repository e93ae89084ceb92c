/**
 * Ranges of a frontier, as two peers compare them: a stretch of the sorted chains from where the range before it ended
 * up to a bound, and what is said of it. On the wire `[bound]`, `[bound, print]` or `[bound, [chain, ...]]`.
 *
 * A bound is the shortest beginning of a key that tells the chains on both sides of it apart; an empty one stands for
 * the end of all keys.
 */
import { isBytes } from './codec.ts'
import type { Crypto } from './crypto.ts'
import type { ChainHeads, ChainKey } from './frontier.ts'
import { decodeChain, digestOf, encodeChain } from './frontier.ts'
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

export type Range = {
  readonly bound: Bound
} /** Nothing is to be said: it is equal, or was told before. */ & (
  | { readonly kind: 'settled' }
  /** What I hold there hashes to this. */
  | { readonly kind: 'print'; readonly print: string }
  /** This is all that I hold there. */
  | { readonly kind: 'list'; readonly chains: readonly ChainHeads[] }
)

/** Sixteen bytes, hex, equal for equal heads only: the beginning of their digest. */
export function printOf(chains: readonly ChainHeads[], crypto: Crypto): string {
  return digestOf(chains, crypto).slice(0, 2 * PRINT_BYTES)
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
      return [bound, range.chains.map(encodeChain)]
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
  const chains = decodeChains(said)
  return chains && { kind: 'list', bound, chains }
}

/** Reads a list of chains of any origin. */
export function decodeChains(value: unknown): readonly ChainHeads[] | undefined {
  if (!Array.isArray(value)) return undefined
  const chains: ChainHeads[] = []
  for (const item of value) {
    const chain = decodeChain(item)
    if (chain === undefined) return undefined
    chains.push(chain)
  }
  return chains
}
