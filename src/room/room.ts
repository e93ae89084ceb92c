/**
 * The room: a pure function of events. Everything enters through one door, `handle`, which answers with
 * effects for others to perform. Time, randomness, keys and the log are passed in. It knows nothing of
 * sockets, files or screens.
 */
import type { Instant } from '../common/clock.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { ChainHeads, Want } from '../protocol/frontier.ts'
import { endOf } from '../protocol/frontier.ts'
import type { MessageId, PeerKey } from '../protocol/ids.ts'
import { chainId } from '../protocol/ids.ts'
import type { Greeting } from '../protocol/sync-message.ts'
import type { RoomEffect, RoomEvent, Told } from './events.ts'
import type { Entry, Piece, RangeLimit } from './log.ts'
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
  beat,
  onDeadlines,
  onGreeted,
  onLeave,
  onLinked,
  onPeople,
  onReached,
  onUnlinked,
  ownChains,
} from './presence-handlers.ts'
import type { Buffers, RoomConfig, RoomDeps, RoomState } from './state.ts'
import { openRoom, paceOf, reloadRoom, show } from './state.ts'
import type { Wanted } from './sync/sync-room.ts'

export class Room {
  readonly #state: RoomState
  /** After the tick that ends a turn, the log is committed or `reload` is called. */
  #turn: 'on' | 'over' = 'over'

  constructor(config: RoomConfig, deps: RoomDeps) {
    this.#state = openRoom(config, deps)
  }

  /** The only entrance. Returns the effects to perform, in order. */
  handle(event: RoomEvent, now: Instant): readonly RoomEffect[] {
    if (this.#turn === 'over') for (const part of [this.#state.stage, this.#state.herald]) part.settle()
    this.#turn = 'on'
    const effects = this.#on(event, now)
    if (event.kind === 'tick' || event.kind === 'leave') this.#turn = 'over'
    return effects
  }

  #on(event: RoomEvent, now: Instant): readonly RoomEffect[] {
    const room = this.#state
    switch (event.kind) {
      case 'say':
        return onSay(room, event, now)
      case 'amend':
        return onAmend(room, event, now)
      case 'rename':
        room.herald.rename(event.name, now, room.people.count)
        return []
      case 'addresses':
        room.herald.setAddresses(event.addresses, now, room.people.count)
        return []
      case 'frame':
        return onFrame(room, event.from, event.payload, now)
      case 'greeted':
        return onGreeted(room, event.from, event.beacon, now)
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
        return onPeople(room, room.people.onUnsubscribed(event.peer), now)
      case 'tick':
        return this.#onTick(now)
      case 'leave':
        return [...this.#onTick(now), ...onLeave(room, now)]
    }
  }

  /** Steady time at which a `tick` has work. */
  dueAt(now: Instant): number {
    const { herald, author, gaps, exchanges, people, placing, stage } = this.#state
    const future = placing.waiting.dueAt()
    const dues = [
      herald.dueAt,
      author.dueAt(now),
      gaps.dueAt(),
      exchanges.dueAt(),
      stage.dueAt(),
      placing.waiting.putByDueAt(),
      people.dueAt(paceOf(this.#state)),
      future === undefined ? undefined : now.steady + Math.max(0, future - now.wall),
    ]
    return Math.min(...dues.map(due => due ?? Number.POSITIVE_INFINITY))
  }

  /** The own username. */
  get name(): string {
    return this.#state.herald.name
  }

  /** Everyone else who is here, by key. */
  get people(): readonly Member[] {
    return this.#state.people.here()
  }

  /** A member, here or gone. */
  person(key: PeerKey): Member | undefined {
    return this.#state.people.get(key)
  }

  /** The disk failed and the log went back to its last commit; so does the room. */
  reload(): void {
    reloadRoom(this.#state)
  }

  /** How much others make this room hold in memory, each within its bound in policy.ts. */
  get buffers(): Buffers {
    const { placing, stage, gaps } = this.#state
    const { size, bytes } = placing.waiting
    return { waiting: size, waitingBytes: bytes, heldBack: stage.size, gaps: gaps.size }
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
  find(id: MessageId): Told | undefined {
    return this.#state.annals.find(id, 'whole')
  }

  /** The nth newest message (1 is the last) that matches and isn't deleted. */
  nth(nth: number, isWanted: (envelope: Envelope) => boolean): Told | undefined {
    return nthSaid(this.#state, nth, isWanted)
  }

  /** For a sync session: this peer's greeting. */
  greeting(now: Instant): Greeting {
    const { herald, chains } = this.#state
    let places = 0
    for (const chain of chains.all.values()) places += endOf(chain)
    return { beacon: herald.handOver(now), digest: herald.digest, chains: chains.all.size, places }
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
  wants(exchange: number, partner: PeerKey, theirs: readonly ChainHeads[], now: Instant): Wanted {
    const { exchanges, progress, chains, log, intake, placing } = this.#state
    const welcome = theirs.filter(chain => !intake.isFull(chain.author))
    // messages held because their timestamp is ahead of the clock count as present
    const has = (id: MessageId): boolean => log.has(id) || placing.waiting.isAhead(id)
    const mine = { chains: chains.all, has }
    const { expected, ...wanted } = exchanges.wants(exchange, partner, welcome, mine, now.steady)
    progress.begin(exchange, expected, now.steady)
    return wanted
  }

  /** For a sync session: true if this partner could be asked for a missing prefix. */
  lacks(partner: PeerKey, now: Instant): boolean {
    return this.#state.exchanges.lacks(partner, now.steady)
  }

  /** For a sync session: a message and its predecessors, as many as fit. */
  upTo(id: MessageId, limit: RangeLimit): readonly Piece[] {
    return this.#state.log.upTo(id, limit)
  }

  /** For a sync session: true once others deliver better what this session should deliver. */
  isGivenUp(exchange: number): boolean {
    return this.#state.exchanges.isGivenUp(exchange)
  }

  /** For a sync session: the next part of a requested chain. */
  part(want: Want, limit: RangeLimit): readonly Piece[] {
    return this.#state.log.range(chainId(want.author, want.log), want.seq, limit)
  }

  #onTick(now: Instant): readonly RoomEffect[] {
    const room = this.#state
    const frames = room.author.takeFrames(now)
    for (const peer of room.gaps.due(now.steady)) room.exchanges.onGap(peer, now.steady)
    const partners = room.exchanges.due(now.steady).filter(peer => room.people.isLinked(peer))
    return [
      ...frames.map(payload => ({ kind: 'publish', payload }) as const),
      ...onDue(room, now),
      ...show(room.stage.due(now.steady)),
      ...onDeadlines(room, now),
      ...beat(room, now),
      ...partners.map(peer => ({ kind: 'sync', peer }) as const),
    ]
  }
}
