/**
 * The frontier: the heads of all chains that a peer holds. Two peers with equal digests hold the same
 * messages; otherwise each computes from the other's frontier what to request.
 */
import { encodeCbor, isBytes, isUint } from './cbor.ts'
import type { Crypto } from './crypto.ts'
import type { ChainId, LogId, MessageId, PeerKey } from './ids.ts'
import { chainId, fromHex, toHex } from './ids.ts'
import { FORK_TAIL, MAX_HEADS } from './limits.ts'

/** One chain of a frontier on the wire: `[author, log, [[seq, id], ...], base]`. */
export interface ChainHeads {
  readonly author: PeerKey
  readonly log: LogId
  /** Ascending by (seq, id). */
  readonly heads: readonly Pick<Head, 'seq' | 'id'>[]
  /** Messages before this place aren't stored any more. Not part of the digest. */
  readonly base: number
}

/** Hex of an author and a log, 80 characters: frontiers are sorted by it. */
export type ChainKey = string

/** A request for a chain from a place on. */
export interface Want {
  readonly author: PeerKey
  readonly log: LogId
  readonly seq: number
}

/** The key by which frontiers are sorted. */
export function chainKey(chain: { readonly author: PeerKey; readonly log: LogId }): ChainKey {
  return chain.author + chain.log
}

/** The chains of a frontier in order: by author, then log. */
export function sortedChains(chains: ReadonlyMap<ChainId, Chain>): readonly ChainHeads[] {
  const ids = [...chains.keys()].sort()
  return ids.flatMap(id => chains.get(id) ?? [])
}

/**
 * SHA-256 over the CBOR of the sorted frontier, hex. It is computed after every message, when one of
 * thousands of chains has changed, so the encodings of the others are cached.
 */
export function frontierDigest(chains: ReadonlyMap<ChainId, Chain>, crypto: Crypto): string {
  return digestOf(sortedChains(chains), crypto)
}

/** The same of any sorted list of chains. */
export function digestOf(sorted: readonly ChainHeads[], crypto: Pick<Crypto, 'sha256'>): string {
  const zeros = encodeCbor(sorted.map(() => 0))
  const head = zeros.subarray(0, zeros.length - sorted.length)
  return crypto.sha256(Buffer.concat([head, ...sorted.map(encodedHeads)]))
}

/** Keyed by the chain, which is replaced and never changed. */
const encoded = new WeakMap<ChainHeads, Uint8Array>()

/** One chain's heads in the encoding of a frontier. */
export function encodedHeads(chain: ChainHeads): Uint8Array {
  const known = encoded.get(chain)
  if (known !== undefined) return known
  const bytes = encodeCbor(encodeHeads(chain))
  encoded.set(chain, bytes)
  return bytes
}

/** The CBOR value of one chain's heads, for digests. */
export function encodeHeads(chain: ChainHeads): readonly unknown[] {
  const heads = chain.heads.map(head => [head.seq, fromHex(head.id)])
  return [fromHex(chain.author), fromHex(chain.log), heads]
}

/** The CBOR value of one chain of a frontier. */
export function encodeChain(chain: ChainHeads): unknown {
  return [...encodeHeads(chain), chain.base]
}

/** Decodes one chain of a frontier. */
export function decodeChain(value: unknown): ChainHeads | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined
  const [author, log, list, base] = value
  if (!isBytes(author, 32) || !isBytes(log, 8) || !isUint(base)) return undefined
  const heads = decodeHeads(list)
  const lowest = heads?.[0]?.seq
  if (heads === undefined || lowest === undefined || base > lowest) return undefined
  return { author: toHex(author) as PeerKey, log: toHex(log) as LogId, heads, base }
}

/** True if both have the same heads. */
export function hasSameHeads(a: ChainHeads, b: ChainHeads): boolean {
  if (a.heads.length !== b.heads.length) return false
  return a.heads.every((head, index) => head.id === b.heads[index]?.id && head.seq === b.heads[index]?.seq)
}

/** True if the first is only a prefix of the other, unless it is forked unseen. */
export function isBehind(one: ChainHeads, other: ChainHeads): boolean {
  return one.heads.length === 1 && other.heads.length === 1 && lengthOf(one) < lengthOf(other)
}

/**
 * The place from which to request a chain from a partner with these heads; undefined if the partner has
 * nothing that is missing here. Usually its chain extends mine. If a fork shows, the branches part at most
 * FORK_TAIL places below the heads, as far as both sides know; if they part lower still, the answer has no
 * predecessor here, and the caller requests the chain from its start. What was pruned here isn't wanted
 * again.
 */
export function wantFrom(
  mine: Chain | undefined,
  theirs: ChainHeads,
  has: (id: MessageId) => boolean,
): number | undefined {
  const closedAt = mine?.closedAt ?? Number.POSITIVE_INFINITY
  const end = Math.min((mine?.forkedAt ?? Number.POSITIVE_INFINITY) + FORK_TAIL, closedAt - 1)
  const useful = theirs.heads.flatMap(head => (head.seq <= end && !has(head.id) ? head.seq : []))
  if (useful.length === 0) return undefined
  if (mine === undefined) return 0
  const after = lengthOf(mine)
  const lowest = Math.min(...useful)
  const isForked = mine.forkedAt !== undefined || theirs.heads.length > 1
  if (!isForked && lowest >= after) return after
  return Math.max(mine.base, Math.min(after, lowest) - FORK_TAIL)
}

/** The highest place of a chain, plus one. */
export function lengthOf(chain: Pick<ChainHeads, 'heads'>): number {
  return (chain.heads.at(-1)?.seq ?? -1) + 1
}

/** The id of a chain in a frontier. */
export function chainIdOf(chain: { readonly author: PeerKey; readonly log: LogId }): ChainId {
  return chainId(chain.author, chain.log)
}

/** Decodes heads in their order. */
function decodeHeads(value: unknown): ChainHeads['heads'] | undefined {
  if (!Array.isArray(value) || value.length > MAX_HEADS) return undefined
  const heads: Pick<Head, 'seq' | 'id'>[] = []
  for (const item of value) {
    if (!Array.isArray(item) || item.length !== 2) return undefined
    const [seq, bytes] = item
    if (!isUint(seq) || !isBytes(bytes, 32)) return undefined
    const id = toHex(bytes) as MessageId
    const last = heads.at(-1)
    if (last !== undefined && (seq < last.seq || (seq === last.seq && id <= last.id))) return undefined
    heads.push({ seq, id })
  }
  return heads
}

// The state of a chain beside its messages: where it is forked and where its branches end. The log stores it,
// so that opening a room reads no messages.

/** The last message of a branch. */
export interface Head {
  readonly seq: number
  readonly id: MessageId
  readonly ts: number
}

export interface Chain {
  readonly author: PeerKey
  readonly log: LogId
  /** One, or one for each branch of a forked chain. Ascending by (seq, id). Empty only for a closed chain. */
  readonly heads: readonly Head[]
  /** The lowest place with more than one message; undefined for an honest author's chain. */
  readonly forkedAt?: number
  /**
   * The first place from which nothing is missing up to the heads: earlier messages were pruned, here or
   * elsewhere.
   */
  readonly base: number
  /**
   * Messages from here up to `base` were pruned elsewhere and not here: whoever still has them may send them.
   */
  readonly lacksFrom?: number
  /** From this place on nothing more is accepted: see rule 3 of the forks. */
  readonly closedAt?: number
}

/** The latest timestamp of a head within `horizon`; 0 if there is none. */
export function latestUpTo(horizon: number, chains: Iterable<Chain>): number {
  let latest = 0
  for (const { heads } of chains) {
    for (const { ts } of heads) if (ts <= horizon && ts > latest) latest = ts
  }
  return latest
}
