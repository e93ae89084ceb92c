/**
 * The chains of one room: how far each author got, and whether a message fits. The result depends only on the
 * bytes and the author's own chain, so every peer arrives at the same set in whatever order messages arrive.
 *
 * Two signed messages at one place are a fork. Each place keeps its smallest ids, of those whose predecessor
 * is kept, and nothing beyond FORK_TAIL places after the first fork. These rules are on sets, not on arrival,
 * so they converge.
 */

import type { Envelope } from '../../protocol/envelope.ts'
import type { Chain } from '../../protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { FORK_TAIL, MAX_CHAINS, MAX_FORKS_PER_PLACE } from '../../protocol/limits.ts'
import type { Entry, Proof, Retention, RoomLog } from '../log.ts'
import { AUTHOR_CHAINS } from '../policy.ts'
import type { ChainFit } from './chain.ts'
import {
  chainAfterRemoval,
  fitAfter,
  fitPlace,
  fitsAfter,
  headsFrom,
  soleHead,
  unprovedTail,
  withSuccessors,
} from './chain.ts'
import type { MissingPrefix } from './missing-prefixes.ts'
import { MissingPrefixes, prunedTo, startedAt } from './missing-prefixes.ts'

export type { Chain } from '../../protocol/frontier.ts'

export class Chains {
  readonly #log: RoomLog
  readonly #chains = new Map<ChainId, Chain>()
  /** Every author's chains, including those of which nothing could be kept. */
  readonly #authors = new Map<PeerKey, Set<ChainId>>()
  /** Where chains are closed for good, because the author left a message that only others could prove. */
  readonly #closedAt = new Map<ChainId, number>()
  readonly #missingPrefixes: MissingPrefixes
  #retention: Retention = {}
  #order: readonly ChainId[] | undefined
  #latest = 0
  #bytes = 0

  constructor(log: RoomLog) {
    this.#log = log
    this.#missingPrefixes = new MissingPrefixes(log, this.#chains)
    this.reload()
  }

  /** Loads everything from the log, which may have gone back to its last commit. */
  reload(): void {
    for (const map of [this.#chains, this.#authors, this.#closedAt]) map.clear()
    this.#missingPrefixes.clear()
    this.#order = undefined
    this.#latest = 0
    for (const chain of this.#log.chains()) this.#onChainChanged(chain)
    this.#countBytes()
  }

  get all(): ReadonlyMap<ChainId, Chain> {
    return this.#chains
  }

  /** All chains in frontier order, cached: it is needed after every message. */
  get sorted(): readonly Chain[] {
    this.#order ??= [...this.#chains.keys()].sort()
    return this.#order.flatMap(id => this.#chains.get(id) ?? [])
  }

  /** Highest `ts` accepted. */
  get latest(): number {
    return this.#latest
  }

  get(author: PeerKey, log: LogId): Chain | undefined {
    return this.#chains.get(chainId(author, log))
  }

  /** True if a message of this author was ever kept. */
  knowsAuthor(author: PeerKey): boolean {
    return this.#authors.has(author)
  }

  /** The chains of one author. */
  of(author: PeerKey): readonly Chain[] {
    return [...(this.#authors.get(author) ?? [])].flatMap(id => this.#chains.get(id) ?? [])
  }

  /**
   * Returns how a message fits; changes nothing. It may start its chain at `root` if nothing is kept from
   * there on.
   */
  fit(envelope: Envelope, root?: number): ChainFit {
    const id = chainId(envelope.author, envelope.log)
    const chain = this.#chains.get(id)
    if (this.#isBeyond(id, chain, envelope.seq)) return { kind: 'surplus' }
    const tip = soleHead(chain)
    if (tip !== undefined && tip.id === envelope.prev) return fitsAfter(envelope, tip)
    if (this.#log.holds(envelope)) return { kind: 'known' }
    if (envelope.seq < (chain?.base ?? 0)) return { kind: 'surplus' }
    if (envelope.prev === null) return this.#fitFirst(id, envelope)
    const fit = fitAfter(this.#log, id, envelope, envelope.prev)
    const isRoot = fit.kind === 'gap' && root === envelope.seq && root >= this.#log.length(id)
    return isRoot ? this.#fitRoot(id, chain, envelope) : fit
  }

  /** Stored bytes of everyone. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Appends a message that fits as `next` or `root`. Returns the ids that it displaced, which happens only in
   * forks.
   */
  add(envelope: Envelope, proof: Proof, fit: 'next' | 'root' = 'next'): readonly MessageId[] {
    const { author, log, seq, ts } = envelope
    const id = chainId(author, log)
    const chain = this.#chains.get(id)
    this.#log.append({ envelope, proof })
    this.#bytes += envelope.wire.length
    this.#latest = Math.max(this.#latest, ts)
    const isBranch = fit === 'next' && chain !== undefined && soleHead(chain)?.id !== envelope.prev
    if (isBranch) return this.#addBranch(id, chain, seq)
    const { base = 0, lacksFrom } = fit === 'root' ? startedAt(chain, seq) : (chain ?? {})
    const begun = { base, ...(lacksFrom !== undefined && { lacksFrom }) }
    this.#saveChain({ author, log, heads: [{ seq, id: envelope.id, ts }], ...begun })
    return []
  }

  /**
   * Records that a stored message's own signature was checked, too. Without it the log would hand out this
   * message only together with the one that proved it, in parts that grow from peer to peer.
   */
  addSignature({ id }: Envelope): void {
    const stored = this.#log.get(id)
    if (stored === undefined || stored.proof === 'signature') return
    this.#log.remove(id)
    this.#log.append({ ...stored, proof: 'signature' })
  }

  /** Records that messages before these places were pruned here, under this retention. */
  setBases(bases: ReadonlyMap<ChainId, number>, retention: Retention): void {
    this.#retention = retention
    for (const [id, base] of bases) {
      const chain = this.#chains.get(id)
      if (chain !== undefined) this.#saveChain(prunedTo(chain, base))
    }
    this.#countBytes()
  }

  /** The missing prefixes that another peer may have. */
  get missingPrefixes(): readonly MissingPrefix[] {
    const { since = 0, bytes = Number.POSITIVE_INFINITY } = this.#retention
    return this.#bytes < bytes ? this.#missingPrefixes.since(since) : []
  }

  /**
   * Inserts messages of one chain, in order, before its base, if the last one is the base's predecessor.
   * Returns those inserted.
   */
  insertBefore(entries: readonly Entry[]): readonly Envelope[] {
    const { chain, messages } = this.#missingPrefixes.insertBefore(entries)
    for (const { wire } of messages) this.#bytes += wire.length
    if (chain !== undefined) this.#saveChain(chain)
    return messages
  }

  /**
   * Checks the end of a chain after a batch was appended, and removes what nothing proves any more. If the
   * chain was forked, its author is dishonest, and nothing more is accepted from the fork on. Returns the
   * removed ids.
   */
  checkEnd(author: PeerKey, log: LogId, isAuthentic: (envelope: Envelope) => boolean): readonly MessageId[] {
    const id = chainId(author, log)
    const chain = this.#chains.get(id)
    if (chain === undefined) return []
    const { ids, from } = unprovedTail(this.#log, id, chain, isAuthentic)
    for (const message of ids) this.#remove(message)
    if (ids.length > 0) this.#shorten(id, chain, from)
    return ids
  }

  /** True for places at which nothing is kept: beyond a fork's tail. */
  #isBeyond(id: ChainId, chain: Chain | undefined, seq: number): boolean {
    const closedAt = this.#closedAt.get(id)
    if (closedAt !== undefined && seq >= closedAt) return true
    return chain?.forkedAt !== undefined && seq > chain.forkedAt + FORK_TAIL
  }

  #fitFirst(id: ChainId, envelope: Envelope): ChainFit {
    if (!this.#chains.has(id) && this.#isChainLimitReached(envelope.author)) return { kind: 'surplus' }
    return fitPlace(this.#log, id, envelope)
  }

  #fitRoot(id: ChainId, chain: Chain | undefined, envelope: Envelope): ChainFit {
    if (chain?.forkedAt !== undefined) return { kind: 'surplus' }
    return !this.#chains.has(id) && this.#isChainLimitReached(envelope.author)
      ? { kind: 'surplus' }
      : { kind: 'root' }
  }

  /** True if this author may not start another chain. */
  #isChainLimitReached(author: PeerKey): boolean {
    const count = this.#authors.get(author)?.size ?? 0
    const isCrowded = this.#chains.size >= MAX_CHAINS || (count === 0 && this.#authors.size >= MAX_CHAINS)
    return isCrowded || count >= AUTHOR_CHAINS
  }

  /** The appended message doesn't follow a single branch: the chain is forked. */
  #addBranch(id: ChainId, chain: Chain, seq: number): readonly MessageId[] {
    const place = this.#log.at(id, seq)
    const forkedAt = Math.min(chain.forkedAt ?? seq, place.length > 1 ? seq : Number.POSITIVE_INFINITY)
    const surplus = place.slice(MAX_FORKS_PER_PLACE).map(entry => entry.envelope.id)
    const displaced = [
      ...this.#removeBranches(id, surplus, seq),
      ...this.#removeTail(id, forkedAt + FORK_TAIL + 1),
    ]
    this.#saveChain({ ...chain, heads: headsFrom(this.#log, id, forkedAt), forkedAt })
    return displaced
  }

  /** Removes messages of one place and all their successors. */
  #removeBranches(id: ChainId, roots: readonly MessageId[], seq: number): readonly MessageId[] {
    const gone = withSuccessors(this.#log, id, roots, seq)
    for (const message of gone) this.#remove(message)
    return gone
  }

  /** Removes every message from a place on. */
  #removeTail(id: ChainId, from: number): readonly MessageId[] {
    const roots = this.#log.at(id, from).map(entry => entry.envelope.id)
    return this.#removeBranches(id, roots, from)
  }

  /** Updates a chain after its end was removed. Each place before a fork holds one message. */
  #shorten(id: ChainId, { author, log, base, lacksFrom, forkedAt }: Chain, from: number): void {
    const start = Math.min(from, forkedAt ?? from)
    const left = chainAfterRemoval(this.#log, id, start) ?? { author, log, heads: [] }
    const begun = { base, ...(lacksFrom !== undefined && { lacksFrom }) }
    this.#saveChain({ ...left, ...begun, ...(forkedAt !== undefined && { closedAt: start }) })
  }

  #countBytes(): void {
    this.#bytes = 0
    for (const author of this.#authors.keys()) this.#bytes += this.#log.bytesOf(author)
  }

  #remove(message: MessageId): void {
    this.#bytes -= this.#log.get(message)?.envelope.wire.length ?? 0
    this.#log.remove(message)
  }

  /** Saves a changed chain in memory and in the log. */
  #saveChain(chain: Chain): void {
    const closedAt = chain.closedAt ?? this.#closedAt.get(chainId(chain.author, chain.log))
    const whole = closedAt === undefined ? chain : { ...chain, closedAt }
    this.#log.save(whole)
    this.#onChainChanged(whole)
  }

  #onChainChanged(chain: Chain): void {
    const { author, log, heads, closedAt } = chain
    const id = chainId(author, log)
    if (heads.length === 0 || !this.#chains.has(id)) this.#order = undefined
    if (heads.length > 0) this.#chains.set(id, chain)
    else this.#chains.delete(id)
    this.#missingPrefixes.onChainChanged(id)
    if (closedAt !== undefined) this.#closedAt.set(id, closedAt)
    const known = this.#authors.get(author)
    if (known === undefined) this.#authors.set(author, new Set([id]))
    else known.add(id)
    for (const head of heads) this.#latest = Math.max(this.#latest, head.ts)
  }
}
