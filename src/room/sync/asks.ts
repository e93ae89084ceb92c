/**
 * Which exchanges are planned, at most one for each peer. One for a digest that differs also waits until nothing moves;
 * but not for ever, since in a room that never rests digests differ all the time.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { EXCHANGE_PATIENCE_MS, PEOPLE_COUNT, QUIET_MS } from '../policy.ts'

export type Reason = 'gap' | 'failure' | 'root' | 'earlier' | 'digest'

/** An exchange to begin, not before `at` (steady). */
interface Ask {
  readonly at: number
  readonly reason: Reason
}

export class Asks {
  readonly #asks = new Map<PeerKey, Ask>()
  /** When something was last taken in. */
  #movedAt = Number.NEGATIVE_INFINITY

  get movedAt(): number {
    return this.#movedAt
  }

  onMoved(steady: number): void {
    this.#movedAt = steady
  }

  /** True if one is planned for what is missing now; that for the beginnings of chains may be an hour away. */
  has(peer: PeerKey): boolean {
    const planned = this.#asks.get(peer)
    return planned !== undefined && planned.reason !== 'earlier'
  }

  /** The earlier of what is planned for a peer counts. */
  plan(peer: PeerKey, at: number, reason: Reason): void {
    const planned = this.#asks.get(peer)
    if (planned !== undefined && at >= this.#dueAt(planned)) return
    this.#asks.delete(peer)
    this.#asks.set(peer, { at, reason })
    if (this.#asks.size > PEOPLE_COUNT) dropOldest(this.#asks)
  }

  /** The peer holds the same, but for the beginnings of chains. */
  settle(peer: PeerKey): void {
    if (this.#asks.get(peer)?.reason !== 'earlier') this.#asks.delete(peer)
  }

  /** Takes out those whose time has come. */
  due(steady: number): readonly PeerKey[] {
    const due = [...this.#asks].flatMap(([peer, ask]) => (this.#dueAt(ask) <= steady ? peer : []))
    for (const peer of due) this.#asks.delete(peer)
    return due
  }

  /** Steady time at which `due` has something; infinite if nothing is planned. */
  dueAt(): number {
    return Math.min(...[...this.#asks.values()].map(ask => this.#dueAt(ask)))
  }

  #dueAt({ at, reason }: Ask): number {
    if (reason !== 'digest') return at
    return Math.max(at, Math.min(this.#movedAt + QUIET_MS, at + EXCHANGE_PATIENCE_MS))
  }
}
