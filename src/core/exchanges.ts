/**
 * Which exchanges of frontiers are worth having, and what is asked for in them. Peers whose digests stay apart while
 * nothing moves are asked what they have, and what brings nothing is tried ever more rarely, since some differences
 * never go away. That digests travel in beacons makes exchanges with members at random needless: they would find only
 * what the digests show.
 */
import type { Chain } from './chain.ts'
import { Claims } from './claims.ts'
import type { ChainHeads, Want } from './frontier.ts'
import { endOf, idOf, wantFrom } from './frontier.ts'
import type { ChainId, MessageId, PeerKey } from './ids.ts'
import type { Outcome } from './outcome.ts'
import {
  EXCHANGE_GAP_MS,
  EXCHANGE_PATIENCE_MS,
  EXCHANGE_RETRY_MAX_MS,
  PEOPLE_COUNT,
  QUIET_MS,
  UNKEPT_FORGIVEN,
} from './policy.ts'
import { dropOldest } from './rate.ts'
import { Roots } from './roots.ts'
import type { Wanted } from './sync-room.ts'
import { Tails } from './tails.ts'
import { Unkept } from './unkept.ts'

/** An exchange to begin, not before `at` (steady). One for a digest also waits until nothing moves. */
interface Ask {
  readonly at: number
  readonly reason: 'gap' | 'failure' | 'root' | 'digest'
}

/**
 * How exchanges with a partner went: when the last one ended, and how many in a row failed, changed nothing, or left
 * out what was promised.
 */
interface Past {
  readonly endedAt: number
  readonly failures: number
  readonly fruitless: number
  readonly unkept: number
}

const NO_PAST: Past = { endedAt: Number.NEGATIVE_INFINITY, failures: 0, fruitless: 0, unkept: 0 }

/** What is held here, as far as it says what to ask for. */
export interface Mine {
  readonly chains: ReadonlyMap<ChainId, Chain>
  readonly has: (id: MessageId) => boolean
}

/** What follows from the end of an exchange. */
export interface Ended {
  /** Who was put off because of it. */
  readonly again: readonly PeerKey[]
  /** An offence of the partner's, if it was one. */
  readonly offence: string | undefined
}

export class Exchanges {
  readonly #claims = new Claims()
  readonly #roots = new Roots()
  readonly #unkept = new Unkept()
  readonly #tails = new Tails()
  /** Chains whose histories part from mine at an unknown place. */
  readonly #parted = new Set<ChainId>()
  readonly #asks = new Map<PeerKey, Ask>()
  readonly #pasts = new Map<PeerKey, Past>()
  /** When something was last taken in. */
  #movedAt = Number.NEGATIVE_INFINITY

  /**
   * What to ask a partner for in this exchange (a number of the caller's), given what it holds. What continues my
   * chains comes first: a fork, which may be long to find, holds up nothing but itself. `expected` counts messages.
   */
  wants(
    exchange: number,
    partner: PeerKey,
    theirs: readonly ChainHeads[],
    mine: Mine,
    steady: number,
  ): Wanted & { readonly expected: number } {
    const straight: Want[] = []
    const back: Want[] = []
    let expected = 0
    this.#claims.begin(exchange, partner, steady)
    for (const chain of theirs) {
      const known = mine.chains.get(idOf(chain))
      const guess = wantFrom(known, chain, mine.has)
      if (guess === undefined || this.#unkept.has(partner, idOf(chain), steady)) continue
      const seq = this.#placeOf(partner, chain, known, guess, steady)
      if (seq === undefined || !this.#claims.take(exchange, idOf(chain))) continue
      this.#parted.delete(idOf(chain))
      const end = known === undefined ? 0 : endOf(known)
      if (seq > end) this.#roots.allow(idOf(chain), seq, exchange)
      const list = seq < end ? back : straight
      list.push({ author: chain.author, log: chain.log, seq })
      expected += Math.max(0, endOf(chain) - seq)
    }
    const tail = this.#tails.ask(exchange, expected, steady)
    return { wants: [...straight, ...back], tail, expected }
  }

  /** An exchange brought new messages. */
  onBrought(exchange: number, messages: number, bytes: number): void {
    this.#claims.onBrought(exchange, messages, bytes)
  }

  /** An exchange brought the newest messages. */
  onTail(exchange: number, steady: number): void {
    this.#tails.onCame(exchange, steady)
  }

  /** True if others bring better what an exchange was to bring. */
  isGivenUp(exchange: number): boolean {
    return this.#claims.isGivenUp(exchange)
  }

  /** An exchange is over: who was put off because of it is asked now; who failed is asked again later. */
  onEnded(exchange: number, partner: PeerKey, outcome: Outcome, steady: number): Ended {
    const claimed = this.#claims.of(exchange)
    const missed = new Set(outcome.kind === 'complete' ? outcome.unkept : claimed)
    const again = this.#claims.end(exchange, missed)
    this.#roots.end(exchange)
    this.#tails.end(exchange)
    const unkept = outcome.kind === 'complete' ? outcome.unkept : []
    for (const chain of unkept) this.#unkept.note(partner, chain, steady)
    for (const chain of claimed) if (!missed.has(chain)) this.#unkept.forget(partner, chain)
    const past = this.#pasts.get(partner) ?? NO_PAST
    const fruitless = this.#movedAt > past.endedAt ? 0 : past.fruitless + 1
    const isVain = outcome.received === 0 && (outcome.kind === 'failed' || unkept.length > 0)
    const failures = isVain ? past.failures + 1 : 0
    if (outcome.kind === 'failed') this.#ask(partner, steady + backoff(QUIET_MS, failures - 1), 'failure')
    const broken = unkept.length > 0 ? past.unkept + 1 : outcome.kind === 'complete' ? 0 : past.unkept
    put(this.#pasts, partner, { endedAt: steady, failures, fruitless, unkept: broken })
    return { again, offence: offenceOf(outcome, broken) }
  }

  /** True while any exchange brings something. */
  get isFetching(): boolean {
    return this.#claims.isFetching
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
  mayBeginAt(chain: ChainId): number | undefined {
    return this.#roots.mayBeginAt(chain)
  }

  /** A peer probably holds what is missing here. */
  onGap(peer: PeerKey, steady: number): void {
    const { endedAt, failures, fruitless } = this.#pasts.get(peer) ?? NO_PAST
    const isBusy = this.#claims.isBusy(peer)
    // one that stays open whatever is asked for
    const vain = this.#movedAt > endedAt ? failures : Math.max(failures, fruitless - 1)
    const earliest = isBusy ? steady + QUIET_MS : endedAt + backoff(QUIET_MS, vain)
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
      const vain = Math.max(past.fruitless - 1, past.failures, 0)
      const earliest = past.endedAt + backoff(EXCHANGE_GAP_MS, vain)
      this.#ask(peer, Math.max(steady + QUIET_MS, earliest), 'digest')
    }
  }

  /** Peers to ask now: those whose time has come, and those who may bring what others bring too slowly. */
  due(steady: number): readonly PeerKey[] {
    const due = [...this.#asks].flatMap(([peer, ask]) => (this.#dueAt(ask) <= steady ? peer : []))
    for (const peer of due) this.#asks.delete(peer)
    return [...new Set([...due, ...this.#claims.giveUp(steady)])]
  }

  /** Steady time at which `due` has something. */
  dueAt(): number | undefined {
    const asks = [...this.#asks.values()].map(ask => this.#dueAt(ask))
    const first = Math.min(...asks, this.#claims.dueAt() ?? Number.POSITIVE_INFINITY)
    return first === Number.POSITIVE_INFINITY ? undefined : first
  }

  /** From where to ask for a chain; undefined if it is better to wait until somebody has more of it. */
  #placeOf(
    partner: PeerKey,
    chain: ChainHeads,
    known: Chain | undefined,
    guess: number,
    steady: number,
  ): number | undefined {
    const seq = this.#parted.has(idOf(chain)) ? (known?.base ?? 0) : guess
    if (chain.base <= (known === undefined ? 0 : endOf(known))) return Math.max(seq, chain.base)
    const at = this.#roots.offer(idOf(chain), chain.base, steady)
    if (at <= steady) return chain.base
    this.#ask(partner, at, 'root')
    return undefined
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

/** What no honest partner does: once is enough, but promises may be broken for good reasons a few times. */
function offenceOf(outcome: Outcome, unkept: number): string | undefined {
  if (outcome.kind === 'failed') return outcome.blame === 'partner' ? outcome.reason : undefined
  const isLiar = outcome.unkept.length > 0 && unkept > UNKEPT_FORGIVEN
  return isLiar ? 'it does not have what it claims' : undefined
}

/** Doubles a wait with each attempt in a row that was in vain. */
function backoff(ms: number, attempts: number): number {
  return Math.min(ms * 2 ** Math.max(0, attempts), EXCHANGE_RETRY_MAX_MS)
}

/** Puts an entry last, for a bounded number of peers. */
function put<Value>(map: Map<PeerKey, Value>, peer: PeerKey, value: Value): void {
  map.delete(peer)
  map.set(peer, value)
  if (map.size > PEOPLE_COUNT) dropOldest(map)
}
