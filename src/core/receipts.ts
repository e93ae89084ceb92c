/**
 * Who holds what I wrote. Each peer is known to hold my chain up to some place; a message is delivered to a
 * peer once that place is beyond it.
 */
import type { PeerKey } from './ids.ts'
import { PEOPLE_COUNT } from './policy.ts'
import { dropOldest } from './rate.ts'

/** Places `from` up to but not including `to` are newly held by `peer`. */
export interface Delivery {
  readonly peer: PeerKey
  readonly from: number
  readonly to: number
}

export class Receipts {
  /** How many places of my chain each peer holds. */
  readonly #held = new Map<PeerKey, number>()

  /** A peer holds my chain's first `length` places. Undefined if that was known. */
  onHolds(peer: PeerKey, length: number): Delivery | undefined {
    const from = this.#held.get(peer) ?? 0
    // who was heard of longest ago is forgotten first
    this.#held.delete(peer)
    this.#held.set(peer, Math.max(from, length))
    if (this.#held.size > PEOPLE_COUNT) dropOldest(this.#held)
    return length <= from ? undefined : { peer, from, to: length }
  }

  /** Who holds the message at a place. */
  holders(seq: number): readonly PeerKey[] {
    return [...this.#held].flatMap(([peer, length]) => (length > seq ? peer : []))
  }

  /** How many hold the message at each place, from one up to but not including another. */
  counts(from: number, to: number): readonly number[] {
    const lengths = [...this.#held.values()].sort((a, b) => a - b)
    const counts: number[] = []
    let fewer = 0
    for (let seq = from; seq < to; seq++) {
      while ((lengths[fewer] ?? Number.POSITIVE_INFINITY) <= seq) fewer++
      counts.push(lengths.length - fewer)
    }
    return counts
  }

  /** How many of my `length` messages nobody else is known to hold. */
  undelivered(length: number): number {
    return Math.max(0, length - Math.max(0, ...this.#held.values()))
  }
}
