/**
 * Decides with whom a sync session is worthwhile, and what to request in it. Peers whose digests stay
 * different while nothing changes are asked what they have; sessions that change nothing become ever rarer,
 * since some differences never go away. Because beacons carry digests, sessions with random members are
 * unnecessary: they would find only what the digests show.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { Chain, ChainHeads, Want } from '../../protocol/frontier.ts'
import { endOf, idOf, wantFrom } from '../../protocol/frontier.ts'
import type { ChainId, MessageId, PeerKey } from '../../protocol/ids.ts'
import type { MissingPrefix } from '../messages/missing-prefixes.ts'
import {
  EXCHANGE_GAP_MS,
  EXCHANGE_PATIENCE_MS,
  GAP_COUNT,
  GAP_PATIENCE_MS,
  PEOPLE_COUNT,
  QUIET_MS,
  TAIL_COUNT,
  TAIL_GAP_MS,
  UNKEPT_FORGIVEN,
} from '../policy.ts'
import type { SyncResult } from './accounting.ts'
import { Backfill, UnrootedChains } from './backfill.ts'
import { afterPromise, backoff, SessionHistory, UnfulfilledOffers } from './backoff.ts'
import { ChainAssignment } from './chain-assignment.ts'
import type { Wanted } from './sync-room.ts'

/** The own frontier, as far as it determines what to request. */
export interface Mine {
  readonly chains: ReadonlyMap<ChainId, Chain>
  readonly has: (id: MessageId) => boolean
}

/** What follows from the end of a session. */
export interface Ended {
  /** Partners that waited for it. */
  readonly again: readonly PeerKey[]
  /** Whether chains may have started in their middle: others may have their prefixes. */
  readonly begun: 'late' | 'none'
  /** The partner's offence, if it committed one. */
  readonly offence: string | undefined
}

export class SyncScheduler {
  readonly #claims = new ChainAssignment()
  readonly #backfill: Backfill
  readonly #roots = new UnrootedChains()
  readonly #unkept = new UnfulfilledOffers(afterPromise)
  readonly #tails = new TailFirstSync()
  /** Chains whose history forks from mine at an unknown place. */
  readonly #parted = new Set<ChainId>()
  readonly #asks = new PlannedSessions()
  readonly #pasts = new SessionHistory()

  /** `lacks`: the missing prefixes. */
  constructor(lacks: () => readonly MissingPrefix[] = () => []) {
    this.#backfill = new Backfill(this.#claims, lacks)
  }

  /**
   * What to request from a partner in this session (the caller's number), given its frontier. Continuations
   * of my chains come first: a fork, which may take long to find, delays only itself. `expected` counts
   * messages.
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
    const before = this.#backfill.ask(exchange, partner, theirs, steady)
    expected += before.expected
    return { wants: [...straight, ...back], tail, earlier: before.ids, expected }
  }

  /** A session delivered new messages. */
  onBrought(exchange: number, messages: number, bytes: number): void {
    this.#claims.onBrought(exchange, messages, bytes)
  }

  /** A session delivered messages of a missing prefix. */
  onBackfilled(exchange: number, chain: ChainId): void {
    this.#backfill.onBrought(exchange, chain)
  }

  /** True if this partner could be asked for a missing prefix. */
  lacks(partner: PeerKey, steady: number): boolean {
    return (this.#backfill.askableAt(partner) ?? Number.POSITIVE_INFINITY) <= steady
  }

  /** A partner may have a missing prefix: it is asked when that is worthwhile. */
  onLack(partner: PeerKey, steady: number): void {
    const at = this.#backfill.worthAt(partner)
    if (at !== undefined) this.#asks.plan(partner, Math.max(at, steady + QUIET_MS), 'earlier')
  }

  /** A session delivered the newest messages. */
  onTail(exchange: number, steady: number): void {
    this.#tails.onCame(exchange, steady)
  }

  /** True if others deliver better what this session should deliver. */
  isGivenUp(exchange: number): boolean {
    return this.#claims.isGivenUp(exchange)
  }

  /** A session ended: partners that waited for it are asked now; one that failed is asked again later. */
  onEnded(exchange: number, partner: PeerKey, outcome: SyncResult, steady: number): Ended {
    const claimed = this.#claims.of(exchange)
    const dry = this.#backfill.end(exchange, partner, outcome.kind, steady)
    const missed = new Set(outcome.kind === 'complete' ? [...outcome.unkept, ...dry] : claimed)
    const again = this.#claims.end(exchange, missed)
    const begun = this.#roots.end(exchange)
    this.#tails.end(exchange)
    const unkept = outcome.kind === 'complete' ? outcome.unkept : []
    for (const chain of unkept) this.#unkept.note(partner, chain, steady)
    for (const chain of claimed) if (!missed.has(chain)) this.#unkept.forget(partner, chain)
    const past = this.#pasts.of(partner)
    const fruitless = this.#asks.movedAt > past.endedAt ? 0 : past.fruitless + 1
    const isVain = outcome.received === 0 && (outcome.kind === 'failed' || unkept.length > 0)
    const failures = isVain ? past.failures + 1 : 0
    if (outcome.kind === 'failed')
      this.#asks.plan(partner, steady + backoff(QUIET_MS, failures - 1), 'failure')
    this.onLack(partner, steady)
    const broken = unkept.length > 0 ? past.unkept + 1 : outcome.kind === 'complete' ? 0 : past.unkept
    this.#pasts.set(partner, { endedAt: steady, failures, fruitless, unkept: broken })
    return { again, begun, offence: offenceOf(outcome, broken) }
  }

  /** True while any session fetches something. */
  get isFetching(): boolean {
    return this.#claims.isFetching
  }

  /** Something was accepted, from anywhere. */
  onMoved(steady: number): void {
    this.#asks.onMoved(steady)
  }

  /** A partner sent messages of a chain that follow none of mine: it forks below what was requested. */
  onParted(chain: ChainId): void {
    this.#parted.add(chain)
    if (this.#parted.size <= PEOPLE_COUNT) return
    for (const oldest of this.#parted) {
      this.#parted.delete(oldest)
      return
    }
  }

  /** The place at which a chain may start, or continue after a gap, because nobody has what precedes. */
  mayBeginAt(chain: ChainId): number | undefined {
    return this.#roots.mayBeginAt(chain)
  }

  /** A peer probably holds what is missing here. */
  onGap(peer: PeerKey, steady: number): void {
    const { endedAt, failures, fruitless } = this.#pasts.of(peer)
    const since = this.#claims.isBusy(peer) ? steady : endedAt
    // a gap that stays open whatever is requested, and shows again in each session
    const vain = this.#asks.movedAt > endedAt ? failures : Math.max(failures, fruitless - 1)
    this.#asks.plan(peer, Math.max(steady, since + backoff(QUIET_MS, vain)), 'gap')
  }

  /** A peer's digest arrived. */
  onDigest(peer: PeerKey, relation: 'equal' | 'differs', steady: number): void {
    const past = this.#pasts.of(peer)
    if (relation === 'equal') {
      this.#asks.settle(peer)
      // a session planned meanwhile replaced it
      this.onLack(peer, steady)
      if (past.fruitless > 0) this.#pasts.set(peer, { ...past, fruitless: 0 })
    } else if (!this.#asks.has(peer)) {
      // the first fruitless one only shows that nothing was missing then
      const vain = Math.max(past.fruitless - 1, past.failures, 0)
      const earliest = past.endedAt + backoff(EXCHANGE_GAP_MS, vain)
      this.#asks.plan(peer, Math.max(steady + QUIET_MS, earliest), 'digest')
    }
  }

  /**
   * Peers to ask now: those whose time has come, and those that may deliver what others deliver too slowly.
   */
  due(steady: number): readonly PeerKey[] {
    return [...new Set([...this.#asks.due(steady), ...this.#claims.giveUp(steady)])]
  }

  /** Steady time at which `due` has work. */
  dueAt(): number | undefined {
    const first = Math.min(this.#asks.dueAt(), this.#claims.dueAt() ?? Number.POSITIVE_INFINITY)
    return first === Number.POSITIVE_INFINITY ? undefined : first
  }

  /**
   * The place from which to request a chain; undefined if it is better to wait until someone has more of it.
   */
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
    this.#asks.plan(partner, at, 'root')
    return undefined
  }
}

/**
 * An offence that no honest partner commits counts at once; an unfulfilled offer, which may have good
 * reasons, counts after a few times.
 */
function offenceOf(outcome: SyncResult, unkept: number): string | undefined {
  if (outcome.kind === 'failed') return outcome.blame === 'partner' ? outcome.reason : undefined
  const isLiar = outcome.unkept.length > 0 && unkept > UNKEPT_FORGIVEN
  return isLiar ? 'it does not have what it claims' : undefined
}

// Planned sessions, at most one for each peer. A session for a different digest also waits until nothing
// changes, but not for ever, since in a busy room digests differ all the time.

export type Reason = 'gap' | 'failure' | 'root' | 'earlier' | 'digest'

/** A session to start, not before `at` (steady). */
interface Ask {
  readonly at: number
  readonly reason: Reason
}

class PlannedSessions {
  readonly #asks = new Map<PeerKey, Ask>()
  /** When something was last accepted. */
  #movedAt = Number.NEGATIVE_INFINITY

  get movedAt(): number {
    return this.#movedAt
  }

  onMoved(steady: number): void {
    this.#movedAt = steady
  }

  /** True if a session is planned for what is missing now; one for missing prefixes may be an hour away. */
  has(peer: PeerKey): boolean {
    const planned = this.#asks.get(peer)
    return planned !== undefined && planned.reason !== 'earlier'
  }

  /** Plans a session; the earlier of two plans for a peer counts. */
  plan(peer: PeerKey, at: number, reason: Reason): void {
    const planned = this.#asks.get(peer)
    if (planned !== undefined && at >= this.#dueAt(planned)) return
    this.#asks.delete(peer)
    this.#asks.set(peer, { at, reason })
    if (this.#asks.size > PEOPLE_COUNT) dropOldest(this.#asks)
  }

  /** The peer's frontier is equal, except perhaps for missing prefixes. */
  settle(peer: PeerKey): void {
    if (this.#asks.get(peer)?.reason !== 'earlier') this.#asks.delete(peer)
  }

  /** Removes and returns the peers whose time has come. */
  due(steady: number): readonly PeerKey[] {
    const due = [...this.#asks].flatMap(([peer, ask]) => (this.#dueAt(ask) <= steady ? peer : []))
    for (const peer of due) this.#asks.delete(peer)
    return due
  }

  /** Steady time at which `due` has work; infinite if nothing is planned. */
  dueAt(): number {
    return Math.min(...[...this.#asks.values()].map(ask => this.#dueAt(ask)))
  }

  #dueAt({ at, reason }: Ask): number {
    if (reason !== 'digest') return at
    return Math.max(at, Math.min(this.#movedAt + QUIET_MS, at + EXCHANGE_PATIENCE_MS))
  }
}

// Known gaps, and whom to ask. A gap often fills by itself a moment later, over a slower link; only one that
// stays open is worth a session.

interface Gap {
  /** The peer that revealed it, and so probably holds what is missing. */
  readonly peer: PeerKey
  readonly since: number
  /** True once it is filled. */
  readonly isFilled: () => boolean
}

export class Gaps {
  readonly #gaps = new Map<string, Gap>()

  get size(): number {
    return this.#gaps.size
  }

  /** Records a gap under a name of its own; the first peer that revealed it is asked. */
  note(name: string, peer: PeerKey, steady: number, isFilled: () => boolean): void {
    if (this.#gaps.has(name)) return
    this.#gaps.set(name, { peer, since: steady, isFilled })
    if (this.#gaps.size > GAP_COUNT) dropOldest(this.#gaps)
  }

  /** Peers to ask now. A requested gap is forgotten: if it stays open, it will show again. */
  due(steady: number): readonly PeerKey[] {
    const peers = new Set<PeerKey>()
    for (const [name, gap] of this.#gaps) {
      const open = !gap.isFilled()
      if (open && steady < gap.since + GAP_PATIENCE_MS) continue
      this.#gaps.delete(name)
      if (open) peers.add(gap.peer)
    }
    return [...peers]
  }

  /** Steady time at which `due` may have work. */
  dueAt(): number | undefined {
    for (const gap of this.#gaps.values()) return gap.since + GAP_PATIENCE_MS
    return undefined
  }
}

// Tail-first sync: when to request the newest messages first. That is where many are missing, so that a
// newcomer can read at once; not from several partners at a time, and not repeatedly while the rest arrives.

export class TailFirstSync {
  readonly #asked = new Set<number>()
  #cameAt = Number.NEGATIVE_INFINITY

  /** How many of the newest messages a session should deliver first, if so many are expected of it. */
  ask(exchange: number, expected: number, steady: number): number {
    const isNeeded = expected > TAIL_COUNT && this.#asked.size === 0 && steady >= this.#cameAt + TAIL_GAP_MS
    if (isNeeded) this.#asked.add(exchange)
    return isNeeded ? TAIL_COUNT : 0
  }

  onCame(exchange: number, steady: number): void {
    if (this.#asked.delete(exchange)) this.#cameAt = steady
  }

  end(exchange: number): void {
    this.#asked.delete(exchange)
  }
}
