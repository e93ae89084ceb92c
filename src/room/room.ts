/**
 * The room: a pure function of events. Everything enters through one door, `handle`, which answers with
 * effects for others to perform. Time, randomness, keys and the log are passed in. It knows nothing of
 * sockets, files or screens.
 */
import type { Instant } from '../common/clock.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { ChainHeads, Want } from '../protocol/frontier.ts'
import { lengthOf } from '../protocol/frontier.ts'
import type { MessageId, PeerKey } from '../protocol/ids.ts'
import { chainId } from '../protocol/ids.ts'
import type { Greeting } from '../protocol/sync-message.ts'
import type { MessageWithState, RoomEffect, RoomEvent } from './events.ts'
import type { Entry, RangeLimit, StoredMessage } from './log.ts'
import {
  newestOf,
  nthSaid,
  onAmend,
  onDue,
  onEarlier,
  onFrame,
  onHolds,
  onOpened,
  onRetain,
  onSay,
  onSegment,
  onSynced,
  onTail,
} from './message-handlers.ts'
import type { Member } from './presence/members.ts'
import {
  onDeadlines,
  onGreeting,
  onLeave,
  onLinked,
  onMemberChanges,
  onReached,
  onUnlinked,
  ownChains,
  publishDueBeacon,
} from './presence-handlers.ts'
import type { Buffers, RoomConfig, RoomDeps, RoomState } from './state.ts'
import { idleBeaconGapOf, openRoom, reloadRoom, showEffects } from './state.ts'
import type { Request } from './sync/sync-room.ts'

export class Room {
  readonly #state: RoomState
  /** After the tick that ends a turn, the log is committed or `reload` is called. */
  #turn: 'on' | 'over' = 'over'

  constructor(config: RoomConfig, deps: RoomDeps) {
    this.#state = openRoom(config, deps)
  }

  /** The only entrance. Returns the effects to perform, in order. */
  handle(event: RoomEvent, now: Instant): readonly RoomEffect[] {
    if (this.#turn === 'over')
      for (const part of [this.#state.timeline, this.#state.beaconPublisher]) part.beginTurn()
    this.#turn = 'on'
    const effects = this.#dispatch(event, now)
    if (event.kind === 'tick' || event.kind === 'leave') this.#turn = 'over'
    return effects
  }

  #dispatch(event: RoomEvent, now: Instant): readonly RoomEffect[] {
    const room = this.#state
    switch (event.kind) {
      case 'say':
        return onSay(room, event, now)
      case 'amend':
        return onAmend(room, event, now)
      case 'rename':
        room.beaconPublisher.rename(event.name, now, room.members.count)
        return []
      case 'addresses':
        room.beaconPublisher.setAddresses(event.addresses, now, room.members.count)
        return []
      case 'frame':
        return onFrame(room, event.from, event.payload, now)
      case 'greeted':
        return onGreeting(room, event.from, event.beacon, now)
      case 'holds':
        return onHolds(room, event.from, event.chains)
      case 'opened':
        return onOpened(room, event.backlog)
      case 'tail':
        return onTail(room, event, now)
      case 'retain':
        return onRetain(room, event.retention)
      case 'segment':
        return onSegment(room, event, now)
      case 'earlier':
        return onEarlier(room, event, now)
      case 'synced':
        return onSynced(room, event, now)
      case 'reached':
        return onReached(room, event.peer, now)
      case 'linked':
        return onLinked(room, event.peer, now)
      case 'unlinked':
        return onUnlinked(room, event.peer, now)
      case 'unsubscribed':
        return onMemberChanges(room, room.members.onUnsubscribed(event.peer), now)
      case 'tick':
        return this.#onTick(now)
      case 'leave':
        return [...this.#onTick(now), ...onLeave(room, now)]
    }
  }

  /** Steady time at which a `tick` has work. */
  dueAt(now: Instant): number {
    const { beaconPublisher, author, gaps, syncScheduler, members, appender, timeline } = this.#state
    const future = appender.pending.dueAt()
    const dues = [
      beaconPublisher.dueAt,
      author.dueAt(now),
      gaps.dueAt(),
      syncScheduler.dueAt(),
      timeline.dueAt(),
      appender.pending.storeDueAt(),
      members.dueAt(idleBeaconGapOf(this.#state)),
      future === undefined ? undefined : now.steady + Math.max(0, future - now.wall),
    ]
    return Math.min(...dues.map(due => due ?? Number.POSITIVE_INFINITY))
  }

  /** The own username. */
  get name(): string {
    return this.#state.beaconPublisher.name
  }

  /** Everyone else who is here, by key. */
  get members(): readonly Member[] {
    return this.#state.members.here()
  }

  /** A member, here or gone. */
  member(key: PeerKey): Member | undefined {
    return this.#state.members.get(key)
  }

  /** The disk failed and the log went back to its last commit; so does the room. */
  reload(): void {
    reloadRoom(this.#state)
  }

  /** How much others make this room hold in memory, each within its bound in policy.ts. */
  get buffers(): Buffers {
    const { appender, timeline, gaps } = this.#state
    const { size, bytes } = appender.pending
    return { pending: size, pendingBytes: bytes, heldBack: timeline.size, gaps: gaps.size }
  }

  /** Own messages that no other peer is known to hold. */
  get undelivered(): number {
    return this.#state.receipts.undelivered(ownChains(this.#state))
  }

  /**
   * My nth newest message (1 is the last) and who holds it; undefined if there aren't that many recent ones.
   */
  whoGot(nth: number): { readonly entry: Entry; readonly holders: readonly PeerKey[] } | undefined {
    const { log, receipts } = this.#state
    const mine = nthSaid(this.#state, nth, one => one.author === this.#state.self)
    const entry = mine && log.get(mine.envelope.id)
    if (entry === undefined) return undefined
    const { author, log: name, seq } = entry.envelope
    return { entry, holders: receipts.holders(chainId(author, name), seq) }
  }

  /** A message with its state; undefined if it isn't stored or says nothing. */
  find(id: MessageId): MessageWithState | undefined {
    return this.#state.messageView.find(id, 'whole')
  }

  /** The nth newest message (1 is the last) that matches and isn't deleted. */
  nth(nth: number, isWanted: (envelope: Envelope) => boolean): MessageWithState | undefined {
    return nthSaid(this.#state, nth, isWanted)
  }

  /** For a sync session: this peer's greeting. */
  greeting(now: Instant): Greeting {
    const { beaconPublisher, chains } = this.#state
    let places = 0
    for (const chain of chains.all.values()) places += lengthOf(chain)
    return {
      beacon: beaconPublisher.beaconFor(now),
      digest: beaconPublisher.digest,
      chains: chains.all.size,
      places,
    }
  }

  /** The newest messages in order. */
  latest(count: number): readonly Entry[] {
    return newestOf(this.#state, count)
  }

  /** For a sync session: the frontier. */
  get frontier(): readonly ChainHeads[] {
    return this.#state.chains.sorted
  }

  /** For a sync session: the hash function. */
  sha256(bytes: Uint8Array): string {
    return this.#state.crypto.sha256(bytes)
  }

  /**
   * For a sync session: what to request from this partner. `exchange` is the caller's number for the session,
   * given again at its end.
   */
  wants(exchange: number, partner: PeerKey, theirs: readonly ChainHeads[], now: Instant): Request {
    const { syncScheduler, progress, chains, log, validator, appender } = this.#state
    const welcome = theirs.filter(chain => !validator.isQuotaReached(chain.author))
    // messages held because their timestamp is ahead of the clock count as present
    const has = (id: MessageId): boolean => log.has(id) || appender.pending.isFuture(id)
    const mine = { chains: chains.all, has }
    const { expected, ...wanted } = syncScheduler.wants(exchange, partner, welcome, mine, now.steady)
    progress.onSessionStart(exchange, expected, now.steady)
    return wanted
  }

  /** For a sync session: true if this partner could be asked for a missing prefix. */
  lacks(partner: PeerKey, now: Instant): boolean {
    return this.#state.syncScheduler.canBackfillFrom(partner, now.steady)
  }

  /** For a sync session: a message and its predecessors, as many as fit. */
  backFrom(id: MessageId, limit: RangeLimit): readonly StoredMessage[] {
    return this.#state.log.backFrom(id, limit)
  }

  /** For a sync session: true once others deliver better what this session should deliver. */
  isGivenUp(exchange: number): boolean {
    return this.#state.syncScheduler.isReassigned(exchange)
  }

  /** For a sync session: the next part of a requested chain. */
  chainPart(want: Want, limit: RangeLimit): readonly StoredMessage[] {
    return this.#state.log.range(chainId(want.author, want.log), want.seq, limit)
  }

  #onTick(now: Instant): readonly RoomEffect[] {
    const room = this.#state
    const frames = room.author.takeFrames(now)
    for (const peer of room.gaps.due(now.steady)) room.syncScheduler.onGap(peer, now.steady)
    const partners = room.syncScheduler.due(now.steady).filter(peer => room.members.isLinked(peer))
    return [
      ...frames.map(payload => ({ kind: 'publish', payload }) as const),
      ...onDue(room, now),
      ...showEffects(room.timeline.due(now.steady)),
      ...onDeadlines(room, now),
      ...publishDueBeacon(room, now),
      ...partners.map(peer => ({ kind: 'sync', peer }) as const),
    ]
  }
}
