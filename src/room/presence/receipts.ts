/**
 * Delivery receipts: who holds the own messages. Each peer is known to hold each own chain up to some place;
 * a message is delivered to a peer once that place is beyond it. The log remembers this across restarts.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import type { RoomLog } from '../log.ts'
import { MEMBER_COUNT } from '../policy.ts'

/** `peer` newly holds the places from `from` up to but not including `to` of an own chain. */
export interface Delivery {
  readonly chain: ChainId
  readonly peer: PeerKey
  readonly from: number
  readonly to: number
}

export class DeliveryReceipts {
  readonly #log: RoomLog
  /** By chain and peer, how many places it holds. */
  readonly #held = new Map<ChainId, Map<PeerKey, number>>()
  /** Every remembered peer, least recently heard first. */
  readonly #peers = new Map<PeerKey, true>()

  constructor(log: RoomLog) {
    this.#log = log
    this.reload()
  }

  /** Loads what the log remembers, which may have gone back to its last commit. */
  reload(): void {
    for (const map of [this.#held, this.#peers]) map.clear()
    const log = this.#log
    for (const { chain, peer, length } of log.holdings()) {
      this.#set(chain, peer, Math.min(length, log.length(chain)))
      this.#markHeard(peer)
    }
  }

  /** A peer holds the first `length` places of an own chain. Undefined if that was known. */
  onHolds(chain: ChainId, peer: PeerKey, length: number): Delivery | undefined {
    const from = this.#held.get(chain)?.get(peer) ?? 0
    if (this.#peers.has(peer)) this.#markHeard(peer)
    if (length <= from) return undefined
    this.#set(chain, peer, length)
    this.#markHeard(peer)
    this.#log.setHolding({ chain, peer, length })
    return { chain, peer, from, to: length }
  }

  /** Who holds the message at a place. */
  holders(chain: ChainId, seq: number): readonly PeerKey[] {
    return [...(this.#held.get(chain) ?? [])].flatMap(([peer, length]) => (length > seq ? peer : []))
  }

  /** For each place from one up to but not including another, how many peers hold its message. */
  holderCounts(chain: ChainId, from: number, to: number): readonly number[] {
    const lengths = [...(this.#held.get(chain)?.values() ?? [])].sort((a, b) => a - b)
    const counts: number[] = []
    let fewer = 0
    for (let seq = from; seq < to; seq++) {
      while ((lengths[fewer] ?? Number.POSITIVE_INFINITY) <= seq) fewer++
      counts.push(lengths.length - fewer)
    }
    return counts
  }

  /** How many places of a chain anyone else is known to hold. */
  heldByAny(chain: ChainId): number {
    return Math.max(0, ...(this.#held.get(chain)?.values() ?? []))
  }

  /** How many messages of these own chains no one else is known to hold. */
  undelivered(chains: readonly ChainId[]): number {
    return chains.reduce(
      (sum, chain) => sum + Math.max(0, this.#log.length(chain) - this.heldByAny(chain)),
      0,
    )
  }

  #set(chain: ChainId, peer: PeerKey, length: number): void {
    const known = this.#held.get(chain)
    if (known === undefined) this.#held.set(chain, new Map([[peer, length]]))
    else known.set(peer, length)
  }

  #markHeard(peer: PeerKey): void {
    this.#peers.delete(peer)
    this.#peers.set(peer, true)
    if (this.#peers.size <= MEMBER_COUNT) return
    const [oldest] = this.#peers.keys()
    dropOldest(this.#peers)
    if (oldest === undefined) return
    for (const held of this.#held.values()) held.delete(oldest)
    this.#log.dropHolding(oldest)
  }
}
