/**
 * The chains of one room: who wrote how far, and whether a message fits. Accepting depends only on the bytes
 * and the author's own chain, so every peer comes to the same set whatever order things arrive in.
 *
 * A place that its author signed twice is a fork. Of each place the smallest ids are kept, those whose
 * predecessor is kept, and nothing beyond FORK_TAIL places after the first fork: rules on sets and not on
 * arrival, which is why they converge.
 */
import type { Chain, Head } from './chain.ts'
import { leaves, survey } from './chain.ts'
import type { Envelope } from './envelope.ts'
import type { ChainId, LogId, MessageId, PeerKey } from './ids.ts'
import { chainId } from './ids.ts'
import { FORK_TAIL, MAX_CHAINS, MAX_FORKS_PER_PLACE } from './limits.ts'
import type { Entry, Proof, RoomLog } from './log.ts'

/** How a message relates to what is there. */
export type Fit =
  | { readonly kind: 'next' }
  | { readonly kind: 'known' }
  /** Its predecessor isn't here yet. */
  | { readonly kind: 'gap'; readonly missing: MessageId }
  /** It contradicts its predecessor: everyone who has that one says so. */
  | { readonly kind: 'wrong'; readonly reason: string }
  /** It would be kept nowhere: displaced by smaller ids, beyond a fork's tail, or one chain too many. */
  | { readonly kind: 'surplus' }

export type { Chain } from './chain.ts'

export class Chains {
  readonly #log: RoomLog
  readonly #chains = new Map<ChainId, Chain>()
  readonly #authors = new Set<PeerKey>()
  /** Where chains end for good whose author wrote what only others prove. */
  readonly #closedAt = new Map<ChainId, number>()
  #latest = 0
  #bytes = 0

  constructor(log: RoomLog) {
    this.#log = log
    for (const id of log.chains()) this.#load(id, 0)
    for (const author of this.#authors) this.#bytes += log.bytesOf(author)
  }

  get all(): ReadonlyMap<ChainId, Chain> {
    return this.#chains
  }

  /** Highest `ts` accepted: the floor of the hybrid clock. */
  get latest(): number {
    return this.#latest
  }

  get(author: PeerKey, log: LogId): Chain | undefined {
    return this.#chains.get(chainId(author, log))
  }

  /** True if any message of this author is kept. */
  knows(author: PeerKey): boolean {
    return this.#authors.has(author)
  }

  /** Says how a message fits, and changes nothing. */
  fit(envelope: Envelope): Fit {
    const id = chainId(envelope.author, envelope.log)
    const chain = this.#chains.get(id)
    if (this.#isBeyond(id, chain, envelope.seq)) return { kind: 'surplus' }
    const tip = tipOf(chain)
    if (tip !== undefined && tip.id === envelope.prev) return follows(envelope, tip)
    if (this.#log.has(envelope.id)) return { kind: 'known' }
    return envelope.prev === null ? this.#fitFirst(id, envelope) : this.#fitAfter(id, envelope, envelope.prev)
  }

  /** Bytes kept of everyone. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes in a message that fits as `next`. Returns the ids that it displaced: only forks displace any. */
  add(envelope: Envelope, proof: Proof): readonly MessageId[] {
    const { author, log, seq, ts } = envelope
    const id = chainId(author, log)
    const chain = this.#chains.get(id)
    this.#log.append({ envelope, proof })
    this.#bytes += envelope.wire.length
    this.#latest = Math.max(this.#latest, ts)
    this.#authors.add(author)
    if (chain !== undefined && tipOf(chain)?.id !== envelope.prev) return this.#addBranch(id, chain, seq)
    this.#chains.set(id, { author, log, heads: [{ seq, id: envelope.id, ts }] })
    return []
  }

  /**
   * Checks a forked chain once all is added that came together. A message that a later one had proved is left
   * without proof when that one is displaced or was one too many; nobody could check it who gets it from here, so
   * its own signature decides. Where that fails the author is no honest one, and nothing more is taken in from
   * the fork on. Returns the ids removed.
   */
  settle(author: PeerKey, log: LogId, isAuthentic: (envelope: Envelope) => boolean): readonly MessageId[] {
    const id = chainId(author, log)
    const from = this.#chains.get(id)?.forkedAt
    if (from === undefined) return []
    const gone: MessageId[] = []
    let proved: ReadonlySet<MessageId | null> = new Set()
    for (let seq = this.#log.length(id) - 1; seq >= from; seq--) {
      const below = new Set<MessageId | null>()
      for (const entry of this.#log.at(id, seq)) {
        if (this.#prove(entry, proved, isAuthentic)) below.add(entry.envelope.prev)
        else gone.push(entry.envelope.id)
      }
      proved = below
    }
    for (const message of gone) this.#remove(message)
    if (gone.length > 0) this.#close(id, from)
    return gone
  }

  /** True for places at which nothing is kept: a fork's tail has an end. */
  #isBeyond(id: ChainId, chain: Chain | undefined, seq: number): boolean {
    const closedAt = this.#closedAt.get(id)
    if (closedAt !== undefined && seq >= closedAt) return true
    return chain?.forkedAt !== undefined && seq > chain.forkedAt + FORK_TAIL
  }

  #fitFirst(id: ChainId, envelope: Envelope): Fit {
    if (!this.#chains.has(id) && this.#chains.size >= MAX_CHAINS) return { kind: 'surplus' }
    return this.#fitPlace(id, envelope)
  }

  #fitAfter(id: ChainId, envelope: Envelope, prev: MessageId): Fit {
    const parent = this.#log.get(prev)?.envelope
    if (parent === undefined) return { kind: 'gap', missing: prev }
    if (chainId(parent.author, parent.log) !== id) {
      return { kind: 'wrong', reason: 'its predecessor is of another chain' }
    }
    const fit = follows(envelope, parent)
    return fit.kind === 'next' ? this.#fitPlace(id, envelope) : fit
  }

  /** A place keeps its smallest ids. */
  #fitPlace(id: ChainId, envelope: Envelope): Fit {
    const largest = this.#log.at(id, envelope.seq)[MAX_FORKS_PER_PLACE - 1]
    const displaced = largest !== undefined && largest.envelope.id < envelope.id
    return displaced ? { kind: 'surplus' } : { kind: 'next' }
  }

  /** The message just appended isn't the next of a single branch: the chain is forked. */
  #addBranch(id: ChainId, chain: Chain, seq: number): readonly MessageId[] {
    const place = this.#log.at(id, seq)
    const forkedAt = Math.min(chain.forkedAt ?? seq, place.length > 1 ? seq : Number.POSITIVE_INFINITY)
    const surplus = place.slice(MAX_FORKS_PER_PLACE).map(entry => entry.envelope.id)
    const displaced = [
      ...this.#removeBranches(id, surplus, seq),
      ...this.#removeTail(id, forkedAt + FORK_TAIL + 1),
    ]
    const { author, log } = chain
    this.#chains.set(id, { author, log, heads: leaves(this.#log, id, forkedAt), forkedAt })
    return displaced
  }

  /** Removes messages of one place and everything that stands on them. */
  #removeBranches(id: ChainId, roots: readonly MessageId[], seq: number): MessageId[] {
    const gone: MessageId[] = []
    let layer = roots
    for (let place = seq + 1; layer.length > 0; place++) {
      const parents = new Set<MessageId | null>(layer)
      for (const message of layer) this.#remove(message)
      gone.push(...layer)
      layer = this.#log
        .at(id, place)
        .flatMap(({ envelope }) => (parents.has(envelope.prev) ? envelope.id : []))
    }
    return gone
  }

  /** Removes every message from a place on. */
  #removeTail(id: ChainId, from: number): MessageId[] {
    const roots = this.#log.at(id, from).map(entry => entry.envelope.id)
    return this.#removeBranches(id, roots, from)
  }

  /** True if the message is proved: by itself, or by one of those that stand on it. */
  #prove(
    { envelope, proof }: Entry,
    proved: ReadonlySet<MessageId | null>,
    isAuthentic: (envelope: Envelope) => boolean,
  ): boolean {
    if (proof === 'signature' || proved.has(envelope.id)) return true
    if (!isAuthentic(envelope)) return false
    this.#log.remove(envelope.id)
    this.#log.append({ envelope, proof: 'signature' })
    return true
  }

  #close(id: ChainId, from: number): void {
    this.#closedAt.set(id, from)
    this.#load(id, from)
  }

  #remove(message: MessageId): void {
    this.#bytes -= this.#log.get(message)?.envelope.wire.length ?? 0
    this.#log.remove(message)
  }

  /** Reads a chain from the log; the places before `from` hold one message each. */
  #load(id: ChainId, from: number): void {
    const chain = survey(this.#log, id, from)
    if (chain === undefined) {
      this.#chains.delete(id)
      return
    }
    this.#chains.set(id, chain)
    this.#authors.add(chain.author)
    for (const head of chain.heads) this.#latest = Math.max(this.#latest, head.ts)
  }
}

/** The only head of a chain that isn't forked. */
function tipOf(chain: Chain | undefined): Head | undefined {
  return chain?.forkedAt === undefined ? chain?.heads[0] : undefined
}

function follows(envelope: Envelope, parent: { readonly seq: number; readonly ts: number }): Fit {
  if (envelope.seq !== parent.seq + 1)
    return { kind: 'wrong', reason: 'its place does not follow its predecessor' }
  if (envelope.ts <= parent.ts) return { kind: 'wrong', reason: 'its time does not follow its predecessor' }
  return { kind: 'next' }
}
