/**
 * Which exchanges of frontiers are worth having. Each chain is fetched from one partner at a time, so that a
 * newcomer with thirty partners receives its history once; peers whose digests stay apart while nothing moves are
 * asked what they have; and what brings nothing is tried ever more rarely, since some differences never go away.
 */
import type { Chain } from './chain.ts'
import type { ChainHeads, Want } from './frontier.ts'
import { idOf, wantFrom } from './frontier.ts'
import type { ChainId, MessageId, PeerKey } from './ids.ts'
import {
  EXCHANGE_GAP_MS,
  EXCHANGE_PATIENCE_MS,
  EXCHANGE_RETRY_MAX_MS,
  PEOPLE_COUNT,
  QUIET_MS,
} from './policy.ts'
import { dropOldest } from './rate.ts'

/** An exchange to begin, not before `at` (steady). One for a digest also waits until nothing moves. */
interface Ask {
  readonly at: number
  readonly reason: 'gap' | 'failure' | 'digest'
}

/** How exchanges with a partner went: when the last one ended, and how many in a row failed or changed nothing. */
interface Past {
  readonly endedAt: number
  readonly failures: number
  readonly fruitless: number
}

const NO_PAST: Past = { endedAt: Number.NEGATIVE_INFINITY, failures: 0, fruitless: 0 }

export class Exchanges {
  /** Chains on their way, and by which exchange. */
  readonly #fetching = new Map<ChainId, number>()
  /** Exchanges that are bringing something, with whom, and who has the same and was put off until their end. */
  readonly #running = new Map<number, { readonly partner: PeerKey; readonly deferred: Set<PeerKey> }>()
  /** Chains whose histories part from mine at an unknown place. */
  readonly #parted = new Set<ChainId>()
  readonly #asks = new Map<PeerKey, Ask>()
  readonly #pasts = new Map<PeerKey, Past>()
  /** When something was last taken in. */
  #movedAt = Number.NEGATIVE_INFINITY

  /**
   * What to ask a partner for in this exchange (a number of the caller's), given what it holds. What continues my
   * chains comes first: a fork, which may be long to find, holds up nothing but itself.
   */
  wants(
    exchange: number,
    partner: PeerKey,
    theirs: readonly ChainHeads[],
    mine: ReadonlyMap<ChainId, Chain>,
    has: (id: MessageId) => boolean,
  ): readonly Want[] {
    const straight: Want[] = []
    const back: Want[] = []
    this.#running.set(exchange, { partner, deferred: new Set() })
    for (const chain of theirs) {
      const id = idOf(chain)
      const known = mine.get(id)
      const guess = wantFrom(known, chain, has)
      if (guess === undefined || !this.#claim(id, exchange, partner)) continue
      const seq = this.#parted.delete(id) ? 0 : guess
      const isBack = known?.heads.some(head => head.seq >= seq) ?? false
      const list = isBack ? back : straight
      list.push({ author: chain.author, log: chain.log, seq })
    }
    return [...straight, ...back]
  }

  /** An exchange is over: who was put off because of it is asked now; who failed is asked again later. */
  onEnded(
    exchange: number,
    partner: PeerKey,
    outcome: 'complete' | 'failed',
    steady: number,
  ): readonly PeerKey[] {
    for (const [id, fetcher] of this.#fetching) if (fetcher === exchange) this.#fetching.delete(id)
    const deferred = this.#running.get(exchange)?.deferred ?? []
    this.#running.delete(exchange)
    const past = this.#pasts.get(partner) ?? NO_PAST
    const fruitless = this.#movedAt > past.endedAt ? 0 : past.fruitless + 1
    const failures = outcome === 'failed' ? past.failures + 1 : 0
    if (outcome === 'failed') this.#ask(partner, steady + backoff(QUIET_MS, past.failures), 'failure')
    put(this.#pasts, partner, { endedAt: steady, failures, fruitless })
    return [...deferred]
  }

  /** True while any exchange brings something. */
  get isFetching(): boolean {
    return this.#fetching.size > 0
  }

  /** Something was taken in, from wherever. */
  onMoved(steady: number): void {
    this.#movedAt = steady
  }

  /** A partner sent messages of a chain that follow none of mine: it is forked below what was asked for. */
  onParted(chain: ChainId): void {
    this.#parted.add(chain)
    if (this.#parted.size <= PEOPLE_COUNT) return
    for (const oldest of this.#parted) {
      this.#parted.delete(oldest)
      return
    }
  }

  /** From where a chain may begin, or go on after a gap, because nobody has what is before. */
  mayBeginAt(_chain: ChainId): number | undefined {
    return undefined
  }

  /** A peer probably holds what is missing here. */
  onGap(peer: PeerKey, steady: number): void {
    const { endedAt, failures } = this.#pasts.get(peer) ?? NO_PAST
    const isBusy = [...this.#running.values()].some(({ partner }) => partner === peer)
    const earliest = isBusy ? steady + QUIET_MS : endedAt + backoff(QUIET_MS, failures)
    this.#ask(peer, Math.max(steady, earliest), 'gap')
  }

  /** A peer's digest was heard. */
  onDigest(peer: PeerKey, relation: 'equal' | 'differs', steady: number): void {
    const past = this.#pasts.get(peer) ?? NO_PAST
    if (relation === 'equal') {
      this.#asks.delete(peer)
      if (past.fruitless > 0) put(this.#pasts, peer, { ...past, fruitless: 0 })
    } else if (!this.#asks.has(peer)) {
      // the first one in vain shows only that nothing was missing then
      const earliest = past.endedAt + backoff(EXCHANGE_GAP_MS, Math.max(0, past.fruitless - 1))
      this.#ask(peer, Math.max(steady + QUIET_MS, earliest), 'digest')
    }
  }

  /** Peers to ask now. */
  due(steady: number): readonly PeerKey[] {
    const due = [...this.#asks].flatMap(([peer, ask]) => (this.#dueAt(ask) <= steady ? peer : []))
    for (const peer of due) this.#asks.delete(peer)
    return due
  }

  /** Steady time at which `due` has something. */
  dueAt(): number | undefined {
    if (this.#asks.size === 0) return undefined
    return Math.min(...[...this.#asks.values()].map(ask => this.#dueAt(ask)))
  }

  /** Marks a chain as fetched by an exchange; false, and the partner noted for later, if another brings it already. */
  #claim(id: ChainId, exchange: number, partner: PeerKey): boolean {
    const fetcher = this.#fetching.get(id)
    if (fetcher === exchange) return false
    if (fetcher === undefined) this.#fetching.set(id, exchange)
    else this.#running.get(fetcher)?.deferred.add(partner)
    return fetcher === undefined
  }

  /** The earlier of what is planned for a peer counts. */
  #ask(peer: PeerKey, at: number, reason: Ask['reason']): void {
    const planned = this.#asks.get(peer)
    if (planned === undefined || at < this.#dueAt(planned)) put(this.#asks, peer, { at, reason })
  }

  /** While messages come in digests differ all the time; but not for ever does that count. */
  #dueAt({ at, reason }: Ask): number {
    if (reason !== 'digest') return at
    return Math.max(at, Math.min(this.#movedAt + QUIET_MS, at + EXCHANGE_PATIENCE_MS))
  }
}

/** Doubles a wait with each attempt in a row that was in vain. */
function backoff(ms: number, attempts: number): number {
  return Math.min(ms * 2 ** attempts, EXCHANGE_RETRY_MAX_MS)
}

/** Puts an entry last, for a bounded number of peers. */
function put<Value>(map: Map<PeerKey, Value>, peer: PeerKey, value: Value): void {
  map.delete(peer)
  map.set(peer, value)
  if (map.size > PEOPLE_COUNT) dropOldest(map)
}
