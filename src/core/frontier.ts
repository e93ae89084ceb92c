/**
 * The frontier: what a peer holds, said in the heads of its chains. Two peers with equal digests hold the same
 * messages; otherwise each works out from the other's frontier what to ask for.
 */
import type { Chain, Head } from './chain.ts'
import { encodeCbor, isBytes, isUint } from './codec.ts'
import type { Crypto } from './crypto.ts'
import type { ChainId, LogId, MessageId, PeerKey } from './ids.ts'
import { chainId, fromHex, toHex } from './ids.ts'
import { FORK_TAIL, MAX_HEADS } from './limits.ts'

/** One chain of a frontier as it travels: `[author, log, [[seq, id], ...]]`. */
export interface ChainHeads {
  readonly author: PeerKey
  readonly log: LogId
  readonly heads: readonly Pick<Head, 'seq' | 'id'>[]
}

/** "Give me this chain from this place on": `[author, log, seq]`. */
export interface Want {
  readonly author: PeerKey
  readonly log: LogId
  readonly seq: number
}

/** The chains of a frontier in their one order: by author, then log. */
export function sortedChains(chains: ReadonlyMap<ChainId, Chain>): readonly ChainHeads[] {
  const ids = [...chains.keys()].sort()
  return ids.flatMap(id => chains.get(id) ?? [])
}

/**
 * SHA-256 over the CBOR of the sorted frontier, hex. It is asked for after every message, and of thousands of chains
 * one has changed since: what the others are encoded to is kept beside them.
 */
export function frontierDigest(chains: ReadonlyMap<ChainId, Chain>, crypto: Crypto): string {
  const sorted = sortedChains(chains)
  const zeros = encodeCbor(sorted.map(() => 0))
  const head = zeros.subarray(0, zeros.length - sorted.length)
  return crypto.sha256(Buffer.concat([head, ...sorted.map(encodedHeads)]))
}

/** By the chain, which is replaced and never changed. */
const encoded = new WeakMap<ChainHeads, Uint8Array>()

function encodedHeads(chain: ChainHeads): Uint8Array {
  const known = encoded.get(chain)
  if (known !== undefined) return known
  const bytes = encodeCbor(encodeHeads(chain))
  encoded.set(chain, bytes)
  return bytes
}

/** The CBOR value of one chain's heads. */
export function encodeHeads(chain: ChainHeads): unknown {
  const heads = chain.heads.map(head => [head.seq, fromHex(head.id)])
  return [fromHex(chain.author), fromHex(chain.log), heads]
}

/** Reads one chain's heads of any origin. */
export function decodeHeads(value: unknown): ChainHeads | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [author, log, heads] = value
  if (!isBytes(author, 32) || !isBytes(log, 8) || !Array.isArray(heads)) return undefined
  if (heads.length < 1 || heads.length > MAX_HEADS) return undefined
  const read = heads.flatMap(decodeHead)
  if (read.length !== heads.length) return undefined
  return { author: toHex(author) as PeerKey, log: toHex(log) as LogId, heads: read }
}

/** The CBOR value of a want. */
export function encodeWant(want: Want): unknown {
  return [fromHex(want.author), fromHex(want.log), want.seq]
}

/** Reads a want of any origin. */
export function decodeWant(value: unknown): Want | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [author, log, seq] = value
  if (!isBytes(author, 32) || !isBytes(log, 8) || !isUint(seq)) return undefined
  return { author: toHex(author) as PeerKey, log: toHex(log) as LogId, seq }
}

/**
 * From where to ask a partner for a chain, given its heads there; undefined if it has nothing that is missing
 * here. Usually its chain is mine and more. Where a fork shows, the branches part at most FORK_TAIL places below
 * the heads, as far as both sides know; if they part lower still, what comes has no predecessor here, and the
 * caller asks for the chain from its start.
 */
export function wantFrom(
  mine: Chain | undefined,
  theirs: ChainHeads,
  has: (id: MessageId) => boolean,
): number | undefined {
  const end = (mine?.forkedAt ?? Number.POSITIVE_INFINITY) + FORK_TAIL
  const useful = theirs.heads.flatMap(head => (head.seq <= end && !has(head.id) ? head.seq : []))
  if (useful.length === 0) return undefined
  if (mine === undefined) return 0
  const after = Math.max(...mine.heads.map(head => head.seq)) + 1
  const lowest = Math.min(...useful)
  const isForked = mine.forkedAt !== undefined || theirs.heads.length > 1
  if (!isForked && lowest >= after) return after
  return Math.max(0, Math.min(after, lowest) - FORK_TAIL)
}

/** Names one chain of a frontier. */
export function idOf(chain: { readonly author: PeerKey; readonly log: LogId }): ChainId {
  return chainId(chain.author, chain.log)
}

function decodeHead(value: unknown): Pick<Head, 'seq' | 'id'>[] {
  if (!Array.isArray(value) || value.length !== 2) return []
  const [seq, id] = value
  return isUint(seq) && isBytes(id, 32) ? [{ seq, id: toHex(id) as MessageId }] : []
}
