/**
 * Who holds what I wrote. Each peer is known to hold each of my chains up to some place; a message is delivered to
 * a peer once that place is beyond it. It is remembered in the log, so that it outlives the program.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import type { RoomLog } from '../log.ts'
import { PEOPLE_COUNT } from '../policy.ts'

/** Places `from` up to but not including `to` of a chain of mine are newly held by `peer`. */
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
  /** Everyone of whom something is remembered; who was heard of longest ago first. */
  readonly #peers = new Map<PeerKey, true>()

  constructor(log: RoomLog) {
    this.#log = log
    this.reload()
  }

  /** Takes what is remembered from the log, which may have gone back to its last commit. */
  reload(): void {
    for (const map of [this.#held, this.#peers]) map.clear()
    const log = this.#log
    for (const { chain, peer, length } of log.holdings()) {
      this.#set(chain, peer, Math.min(length, log.length(chain)))
      this.#touch(peer)
    }
  }

  /** A peer holds the first `length` places of a chain of mine. Undefined if that was known. */
  onHolds(chain: ChainId, peer: PeerKey, length: number): Delivery | undefined {
    const from = this.#held.get(chain)?.get(peer) ?? 0
    if (this.#peers.has(peer)) this.#touch(peer)
    if (length <= from) return undefined
    this.#set(chain, peer, length)
    this.#touch(peer)
    this.#log.setHolding({ chain, peer, length })
    return { chain, peer, from, to: length }
  }

  /** Who holds the message at a place. */
  holders(chain: ChainId, seq: number): readonly PeerKey[] {
    return [...(this.#held.get(chain) ?? [])].flatMap(([peer, length]) => (length > seq ? peer : []))
  }

  /** How many hold the message at each place, from one up to but not including another. */
  counts(chain: ChainId, from: number, to: number): readonly number[] {
    const lengths = [...(this.#held.get(chain)?.values() ?? [])].sort((a, b) => a - b)
    const counts: number[] = []
    let fewer = 0
    for (let seq = from; seq < to; seq++) {
      while ((lengths[fewer] ?? Number.POSITIVE_INFINITY) <= seq) fewer++
      counts.push(lengths.length - fewer)
    }
    return counts
  }

  /** How many places of a chain somebody else is known to hold. */
  heldByAny(chain: ChainId): number {
    return Math.max(0, ...(this.#held.get(chain)?.values() ?? []))
  }

  /** How many messages of these chains of mine nobody else is known to hold. */
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

  #touch(peer: PeerKey): void {
    this.#peers.delete(peer)
    this.#peers.set(peer, true)
    if (this.#peers.size <= PEOPLE_COUNT) return
    const [oldest] = this.#peers.keys()
    dropOldest(this.#peers)
    if (oldest === undefined) return
    for (const held of this.#held.values()) held.delete(oldest)
    this.#log.dropHolding(oldest)
  }
}
