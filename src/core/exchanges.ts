/**
 * Which exchanges of frontiers are worth having. Each chain is fetched from one partner at a time, so that a
 * newcomer with thirty partners receives its history once; and peers whose digests stay apart while nothing
 * moves are asked what they have.
 */
import type { Chain } from './chains.ts'
import type { ChainHeads, Want } from './frontier.ts'
import { idOf, wantFrom } from './frontier.ts'
import type { ChainId, MessageId, PeerKey } from './ids.ts'
import { EXCHANGE_GAP_MS, EXCHANGE_RETRY_MAX_MS, PEOPLE_COUNT, QUIET_MS } from './policy.ts'
import { dropOldest } from './rate.ts'

export class Exchanges {
  /** Chains on their way, and by which exchange. */
  readonly #fetching = new Map<ChainId, number>()
  /** Partners that had something which another exchange was bringing already. */
  readonly #deferred = new Set<PeerKey>()
  /** Exchanges in a row that failed with a partner. */
  readonly #failures = new Map<PeerKey, number>()
  /** When a partner that differs may be asked, by the steady clock. */
  readonly #askAt = new Map<PeerKey, number>()
  readonly #endedAt = new Map<PeerKey, number>()

  /** What to ask a partner for in this exchange (a number of the caller's), given what it holds. */
  wants(
    exchange: number,
    partner: PeerKey,
    theirs: readonly ChainHeads[],
    mine: ReadonlyMap<ChainId, Chain>,
    has: (id: MessageId) => boolean,
  ): readonly Want[] {
    return theirs.flatMap(chain => {
      const id = idOf(chain)
      const seq = wantFrom(mine.get(id), chain, has)
      if (seq === undefined) return []
      if (this.#fetching.has(id)) {
        this.#deferred.add(partner)
        return []
      }
      this.#fetching.set(id, exchange)
      return [{ author: chain.author, log: chain.log, seq }]
    })
  }

  /** An exchange is over: who was put off because of it is asked now; who failed is asked again later. */
  onEnded(
    exchange: number,
    partner: PeerKey,
    outcome: 'complete' | 'failed',
    steady: number,
  ): readonly PeerKey[] {
    for (const [id, fetcher] of this.#fetching) if (fetcher === exchange) this.#fetching.delete(id)
    this.#endedAt.delete(partner)
    this.#endedAt.set(partner, steady)
    if (this.#endedAt.size > PEOPLE_COUNT) dropOldest(this.#endedAt)
    if (outcome === 'failed') this.#retryLater(partner, steady)
    else this.#failures.delete(partner)
    const again = [...this.#deferred]
    this.#deferred.clear()
    return again
  }

  /** A peer's digest was heard. */
  onDigest(peer: PeerKey, relation: 'equal' | 'differs', steady: number): void {
    if (relation === 'equal') this.#askAt.delete(peer)
    else if (!this.#askAt.has(peer)) {
      const earliest = (this.#endedAt.get(peer) ?? Number.NEGATIVE_INFINITY) + EXCHANGE_GAP_MS
      this.#askAt.set(peer, Math.max(steady + QUIET_MS, earliest))
    }
    if (this.#askAt.size > PEOPLE_COUNT) dropOldest(this.#askAt)
  }

  /** Peers to ask now. */
  due(steady: number): readonly PeerKey[] {
    const due = [...this.#askAt].flatMap(([peer, at]) => (at <= steady ? peer : []))
    for (const peer of due) this.#askAt.delete(peer)
    return due
  }

  /** Steady time at which `due` has something. */
  dueAt(): number | undefined {
    return this.#askAt.size === 0 ? undefined : Math.min(...this.#askAt.values())
  }

  #retryLater(partner: PeerKey, steady: number): void {
    const failures = this.#failures.get(partner) ?? 0
    this.#failures.delete(partner)
    this.#failures.set(partner, failures + 1)
    if (this.#failures.size > PEOPLE_COUNT) dropOldest(this.#failures)
    this.#askAt.set(partner, steady + Math.min(QUIET_MS * 2 ** failures, EXCHANGE_RETRY_MAX_MS))
  }
}
