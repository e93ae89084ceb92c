/**
 * Decides with whom a sync session is worthwhile, and what to request in it. Peers whose digests stay
 * different while nothing changes are asked what they have; sessions that change nothing become ever rarer,
 * since some differences never go away. Because beacons carry digests, sessions with random members are
 * unnecessary: they would find only what the digests show.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { Chain, ChainHeads, Want } from '../../protocol/frontier.ts'
import { chainIdOf, lengthOf, wantFrom } from '../../protocol/frontier.ts'
import type { ChainId, MessageId, PeerKey } from '../../protocol/ids.ts'
import type { MissingPrefix } from '../messages/missing-prefixes.ts'
import {
  BUSY_ROOM_SESSION_MS,
  GAP_COUNT,
  GAP_PATIENCE_MS,
  MEMBER_COUNT,
  QUIET_MS,
  SESSION_GAP_MS,
  TAIL_COUNT,
  TAIL_GAP_MS,
  UNFULFILLED_FORGIVEN,
} from '../policy.ts'
import type { SyncResult } from './accounting.ts'
import { Backfill, UnrootedChains } from './backfill.ts'
import { backoff, SessionHistory, UnfulfilledOffers, unfulfilledWaitMs } from './backoff.ts'
import { ChainAssignment } from './chain-assignment.ts'
import type { Request } from './sync-room.ts'

/** The own frontier, as far as it determines what to request. */
export interface OwnState {
  readonly chains: ReadonlyMap<ChainId, Chain>
  readonly has: (id: MessageId) => boolean
}

/** What follows from the end of a session. */
export interface SessionConsequences {
  /** Partners that waited for it. */
  readonly again: readonly PeerKey[]
  /** Whether chains may have started in their middle: others may have their prefixes. */
  readonly started: 'late' | 'none'
  /** The partner's offence, if it committed one. */
  readonly offence: string | undefined
}

export class SyncScheduler {
  readonly #assignment = new ChainAssignment()
  readonly #backfill: Backfill
  readonly #unrooted = new UnrootedChains()
  readonly #unfulfilled = new UnfulfilledOffers(unfulfilledWaitMs)
  readonly #tailFirst = new TailFirstSync()
  /** Chains whose history forks from mine at an unknown place. */
  readonly #forkedBelow = new Set<ChainId>()
  readonly #planned = new PlannedSessions()
  /** Steady time at which each peer's digest last differed. */
  readonly #differedAt = new Map<PeerKey, number>()
  readonly #history = new SessionHistory()

  /** `lacks`: the missing prefixes. */
  constructor(lacks: () => readonly MissingPrefix[] = () => []) {
    this.#backfill = new Backfill(this.#assignment, lacks)
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
    mine: OwnState,
    steady: number,
  ): Request & { readonly expected: number } {
    const straight: Want[] = []
    const back: Want[] = []
    let expected = 0
    this.#assignment.onSessionStart(exchange, partner, steady)
    for (const chain of theirs) {
      const known = mine.chains.get(chainIdOf(chain))
      const guess = wantFrom(known, chain, mine.has)
      if (guess === undefined || this.#unfulfilled.isBackedOff(partner, chainIdOf(chain), steady)) continue
      const seq = this.#placeOf(partner, chain, known, guess, steady)
      if (seq === undefined || !this.#assignment.assign(exchange, chainIdOf(chain))) continue
      this.#forkedBelow.delete(chainIdOf(chain))
      const end = known === undefined ? 0 : lengthOf(known)
      if (seq > end) this.#unrooted.allow(chainIdOf(chain), seq, exchange)
      const list = seq < end ? back : straight
      list.push({ author: chain.author, log: chain.log, seq })
      expected += Math.max(0, lengthOf(chain) - seq)
    }
    const tail = this.#tailFirst.requestCount(exchange, expected, steady)
    const before = this.#backfill.requestFor(exchange, partner, theirs, steady)
    expected += before.expected
    return { wants: [...straight, ...back], tail, earlier: before.ids, expected }
  }

  /** A session delivered new messages. */
  onReceived(exchange: number, messages: number, bytes: number): void {
    this.#assignment.onReceived(exchange, messages, bytes)
  }

  /** A session delivered messages of a missing prefix. */
  onBackfilled(exchange: number, chain: ChainId): void {
    this.#backfill.onReceived(exchange, chain)
  }

  /** True if this partner could be asked for a missing prefix. */
  canBackfillFrom(partner: PeerKey, steady: number): boolean {
    return (this.#backfill.requestableAt(partner) ?? Number.POSITIVE_INFINITY) <= steady
  }

  /** A partner may have a missing prefix: it is asked when that is worthwhile. */
  onPossibleBackfill(partner: PeerKey, steady: number): void {
    const at = this.#backfill.worthwhileAt(partner)
    if (at !== undefined) this.#planned.plan(partner, Math.max(at, steady + QUIET_MS), 'earlier')
  }

  /** A session delivered the newest messages. */
  onTail(exchange: number, steady: number): void {
    this.#tailFirst.onReceived(exchange, steady)
  }

  /** True if others deliver better what this session should deliver. */
  isReassigned(exchange: number): boolean {
    return this.#assignment.isReassigned(exchange)
  }

  /** A session ended: partners that waited for it are asked now; one that failed is asked again later. */
  onEnded(exchange: number, partner: PeerKey, outcome: SyncResult, steady: number): SessionConsequences {
    const claimed = this.#assignment.chainsOf(exchange)
    const dry = this.#backfill.onSessionEnd(exchange, partner, outcome.kind, steady)
    const missed = new Set(outcome.kind === 'complete' ? [...outcome.unfulfilled, ...dry] : claimed)
    const again = this.#assignment.onSessionEnd(exchange, missed)
    const started = this.#unrooted.onSessionEnd(exchange)
    this.#tailFirst.end(exchange)
    const unkept = outcome.kind === 'complete' ? outcome.unfulfilled : []
    for (const chain of unkept) this.#unfulfilled.add(partner, chain, steady)
    for (const chain of claimed) if (!missed.has(chain)) this.#unfulfilled.forget(partner, chain)
    const past = this.#history.of(partner)
    const fruitless = this.#planned.acceptedAt > past.endedAt ? 0 : past.fruitless + 1
    const isVain = outcome.received === 0 && (outcome.kind === 'failed' || unkept.length > 0)
    const failures = isVain ? past.failures + 1 : 0
    if (outcome.kind === 'failed')
      this.#planned.plan(partner, steady + backoff(QUIET_MS, failures - 1), 'failure')
    this.onPossibleBackfill(partner, steady)
    const broken =
      unkept.length > 0 ? past.unfulfilled + 1 : outcome.kind === 'complete' ? 0 : past.unfulfilled
    this.#history.set(partner, { endedAt: steady, failures, fruitless, unfulfilled: broken })
    return { again, started, offence: offenceOf(outcome, broken) }
  }

  /** True while any session fetches something. */
  get isFetching(): boolean {
    return this.#assignment.isFetching
  }

  /** Something was accepted, from anywhere. */
  onAccepted(steady: number): void {
    this.#planned.onAccepted(steady)
  }

  /** A partner sent messages of a chain that follow none of mine: it forks below what was requested. */
  onForkBelow(chain: ChainId): void {
    this.#forkedBelow.add(chain)
    if (this.#forkedBelow.size <= MEMBER_COUNT) return
    for (const oldest of this.#forkedBelow) {
      this.#forkedBelow.delete(oldest)
      return
    }
  }

  /** The place at which a chain may start, or continue after a gap, because nobody has what precedes. */
  mayBeginAt(chain: ChainId): number | undefined {
    return this.#unrooted.allowedStart(chain)
  }

  /** A peer probably holds what is missing here. */
  onGap(peer: PeerKey, steady: number): void {
    const { endedAt, failures, fruitless } = this.#history.of(peer)
    const since = this.#assignment.isBusy(peer) ? steady : endedAt
    // a gap that stays open whatever is requested, and shows again in each session
    const vain = this.#planned.acceptedAt > endedAt ? failures : Math.max(failures, fruitless - 1)
    this.#planned.plan(peer, Math.max(steady, since + backoff(QUIET_MS, vain)), 'gap')
  }

  /** A peer's digest arrived. */
  onDigest(peer: PeerKey, relation: 'equal' | 'differs', steady: number): void {
    const past = this.#history.of(peer)
    if (relation === 'equal') {
      this.#planned.cancel(peer)
      const differedAt = this.#differedAt.get(peer) ?? Number.NEGATIVE_INFINITY
      this.#differedAt.delete(peer)
      // nothing changed here, so the peer caught up: perhaps with messages that it had to hold back
      if (differedAt > this.#planned.acceptedAt) this.#backfill.onPartnerCaughtUp(peer)
      // a session planned meanwhile replaced it
      this.onPossibleBackfill(peer, steady)
      if (past.fruitless > 0) this.#history.set(peer, { ...past, fruitless: 0 })
      return
    }
    this.#differedAt.set(peer, steady)
    if (this.#differedAt.size > MEMBER_COUNT) dropOldest(this.#differedAt)
    if (!this.#planned.has(peer)) {
      // the first fruitless one only shows that nothing was missing then
      const vain = Math.max(past.fruitless - 1, past.failures, 0)
      const earliest = past.endedAt + backoff(SESSION_GAP_MS, vain)
      this.#planned.plan(peer, Math.max(steady + QUIET_MS, earliest), 'digest')
    }
  }

  /**
   * Peers to ask now: those whose time has come, and those that may deliver what others deliver too slowly.
   */
  due(steady: number): readonly PeerKey[] {
    const planned = this.#planned
      .due(steady)
      .flatMap(({ peer, reason }) => (reason !== 'earlier' || this.#isBackfillDue(peer, steady) ? peer : []))
    return [...new Set([...planned, ...this.#assignment.reassignSlow(steady)])]
  }

  /** The missing prefixes may have come from another partner meanwhile, or be worth a session only later. */
  #isBackfillDue(partner: PeerKey, steady: number): boolean {
    const at = this.#backfill.worthwhileAt(partner)
    if (at !== undefined && at > steady) this.onPossibleBackfill(partner, steady)
    return at !== undefined && at <= steady
  }

  /** Steady time at which `due` has work. */
  dueAt(): number | undefined {
    const first = Math.min(this.#planned.dueAt(), this.#assignment.dueAt() ?? Number.POSITIVE_INFINITY)
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
    const seq = this.#forkedBelow.has(chainIdOf(chain)) ? (known?.base ?? 0) : guess
    if (chain.base <= (known === undefined ? 0 : lengthOf(known))) return Math.max(seq, chain.base)
    const at = this.#unrooted.offer(chainIdOf(chain), chain.base, steady)
    if (at <= steady) return chain.base
    this.#planned.plan(partner, at, 'root')
    return undefined
  }
}

/**
 * An offence that no honest partner commits counts at once; an unfulfilled offer, which may have good
 * reasons, counts after a few times.
 */
function offenceOf(outcome: SyncResult, unkept: number): string | undefined {
  if (outcome.kind === 'failed') return outcome.blame === 'partner' ? outcome.reason : undefined
  const isLiar = outcome.unfulfilled.length > 0 && unkept > UNFULFILLED_FORGIVEN
  return isLiar ? 'it does not have what it claims' : undefined
}

// Planned sessions, at most one for each peer. A session for a different digest also waits until nothing
// changes, but not for ever, since in a busy room digests differ all the time.

export type PlanReason = 'gap' | 'failure' | 'root' | 'earlier' | 'digest'

/** A session to start, not before `at` (steady). */
interface PlannedSession {
  readonly at: number
  readonly reason: PlanReason
}

class PlannedSessions {
  readonly #sessions = new Map<PeerKey, PlannedSession>()
  /** When something was last accepted. */
  #acceptedAt = Number.NEGATIVE_INFINITY

  get acceptedAt(): number {
    return this.#acceptedAt
  }

  onAccepted(steady: number): void {
    this.#acceptedAt = steady
  }

  /** True if a session is planned for what is missing now; one for missing prefixes may be an hour away. */
  has(peer: PeerKey): boolean {
    const planned = this.#sessions.get(peer)
    return planned !== undefined && planned.reason !== 'earlier'
  }

  /** Plans a session; the earlier of two plans for a peer counts. */
  plan(peer: PeerKey, at: number, reason: PlanReason): void {
    const planned = this.#sessions.get(peer)
    if (planned !== undefined && at >= this.#dueAt(planned)) return
    this.#sessions.delete(peer)
    this.#sessions.set(peer, { at, reason })
    if (this.#sessions.size > MEMBER_COUNT) dropOldest(this.#sessions)
  }

  /** The peer's frontier is equal, except perhaps for missing prefixes. */
  cancel(peer: PeerKey): void {
    if (this.#sessions.get(peer)?.reason !== 'earlier') this.#sessions.delete(peer)
  }

  /** Removes and returns the sessions whose time has come. */
  due(steady: number): readonly { readonly peer: PeerKey; readonly reason: PlanReason }[] {
    const due = [...this.#sessions].flatMap(([peer, session]) =>
      this.#dueAt(session) <= steady ? { peer, reason: session.reason } : [],
    )
    for (const { peer } of due) this.#sessions.delete(peer)
    return due
  }

  /** Steady time at which `due` has work; infinite if nothing is planned. */
  dueAt(): number {
    return Math.min(...[...this.#sessions.values()].map(ask => this.#dueAt(ask)))
  }

  #dueAt({ at, reason }: PlannedSession): number {
    if (reason !== 'digest') return at
    return Math.max(at, Math.min(this.#acceptedAt + QUIET_MS, at + BUSY_ROOM_SESSION_MS))
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
  add(name: string, peer: PeerKey, steady: number, isFilled: () => boolean): void {
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
  #receivedAt = Number.NEGATIVE_INFINITY

  /** How many of the newest messages a session should deliver first, if so many are expected of it. */
  requestCount(exchange: number, expected: number, steady: number): number {
    const isNeeded =
      expected > TAIL_COUNT && this.#asked.size === 0 && steady >= this.#receivedAt + TAIL_GAP_MS
    if (isNeeded) this.#asked.add(exchange)
    return isNeeded ? TAIL_COUNT : 0
  }

  onReceived(exchange: number, steady: number): void {
    if (this.#asked.delete(exchange)) this.#receivedAt = steady
  }

  end(exchange: number): void {
    this.#asked.delete(exchange)
  }
}
