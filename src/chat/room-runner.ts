/**
 * Runs a room: passes it events with the time, keeps its timer, and performs its effects once the turn is
 * durable. Network effects are handed over and never awaited here.
 */
import type { Instant } from '../common/clock.ts'
import type { PeerKey } from '../protocol/ids.ts'
import type { RoomEffect, RoomEvent, RoomNotice, Verdict } from '../room/events.ts'
import type { Retention } from '../room/log.ts'
import type { Room } from '../room/room.ts'
import type { SyncResult, SyncRoom } from '../room/sync/sync-room.ts'
import type { EventLoop, TurnParticipant } from './event-loop.ts'

/** The timer is set at most this far ahead; later deadlines are checked again then. Milliseconds. */
const MAX_TIMER_MS = 60_000

export interface RoomRunnerDeps {
  readonly room: Room
  readonly eventLoop: EventLoop
  readonly publish: (payload: Uint8Array) => void
  readonly requestSync: (peer: PeerKey) => void
  readonly expel: (peer: PeerKey, reason: string) => void
  readonly show: (notice: RoomNotice) => void
  /** A member announced its addresses. */
  readonly onAddresses: (peer: PeerKey, addresses: readonly string[]) => void
  /** A sync session ended well and transferred something. */
  readonly onSynced: (peer: PeerKey, received: number, sent: number) => void
  /** The user wrote something while the disk fails: it is neither stored nor sent. */
  readonly onNotStored: () => void
}

export class RoomRunner implements TurnParticipant {
  readonly room: Room
  readonly #deps: RoomRunnerDeps
  #effects: RoomEffect[] = []
  #timer: NodeJS.Timeout | undefined
  #isOpen = true
  /** How many messages the user wrote in this turn. */
  #written = 0
  #retention: Retention | undefined

  constructor(deps: RoomRunnerDeps) {
    this.#deps = deps
    this.room = deps.room
  }

  /** Passes an event to the room. Resolves when its effects are performed, at the end of this turn. */
  async handle(event: RoomEvent): Promise<void> {
    if (!this.#isOpen) return
    const isSaying = event.kind === 'say' || event.kind === 'amend'
    if (isSaying && !this.#deps.eventLoop.mayWrite) {
      this.#deps.onNotStored()
      return
    }
    if (isSaying) this.#written++
    const turn = this.#deps.eventLoop.join(this)
    this.#queueEffects(this.#passEvent(event))
    await turn
  }

  /**
   * Validates a gossip payload. The verdict is needed at once; the other effects follow at the end of the
   * turn.
   */
  validate(from: PeerKey, payload: Uint8Array): Verdict {
    return this.#validateNow({ kind: 'frame', from, payload })
  }

  /** Prunes messages outside the retention, step by step, now and whenever it is called again. */
  prune(retention: Retention): void {
    this.#retention = retention
    void this.handle({ kind: 'retain', retention })
  }

  /** The room as its sync sessions see it. */
  get syncRoom(): SyncRoom {
    const { room } = this
    return {
      greeting: () => this.#durable.greeting(readClocks()),
      canBackfillFrom: peer => room.lacks(peer, readClocks()),
      frontier: () => this.#durable.frontier,
      sha256: bytes => room.sha256(bytes),
      wants: (exchange, peer, theirs) => room.wants(exchange, peer, theirs, readClocks()),
      newest: count => this.#durable.latest(count).map(entry => entry.envelope.wire),
      chainPart: (want, limit) => this.#durable.chainPart(want, limit),
      backFrom: (id, limit) => this.#durable.backFrom(id, limit),
      onGreeting: (from, beacon) => void this.handle({ kind: 'greeted', from, beacon }),
      onHolds: (from, chains) => void this.handle({ kind: 'holds', from, chains }),
      onTail: (exchange, from, wires) => this.#validateNow({ kind: 'tail', from, exchange, wires }),
      onSegment: (exchange, from, wires) => this.#validateNow({ kind: 'segment', from, exchange, wires }),
      onEarlier: (exchange, from, wires) => this.#validateNow({ kind: 'earlier', from, exchange, wires }),
      isReassigned: exchange => room.isGivenUp(exchange),
      onEnded: (exchange, from, outcome) => this.#onEnded(exchange, from, outcome),
    }
  }

  /** Says goodbye and stops. Resolves when the goodbye was handed to the network. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    await this.handle({ kind: 'leave' })
    this.#isOpen = false
    clearTimeout(this.#timer)
  }

  end(): void {
    if (this.#isOpen) this.#queueEffects(this.room.handle({ kind: 'tick' }, readClocks()))
  }

  perform(): void {
    const effects = this.#effects
    this.#effects = []
    this.#written = 0
    if (!this.#isOpen) return
    for (const effect of effects) this.#perform(effect)
    this.#setTimer()
  }

  rollback(): number {
    const unsaid = this.#written
    this.#effects = this.#effects.filter(outlivesRollback)
    this.#written = 0
    this.room.reload()
    if (this.#isOpen) this.#setTimer()
    return unsaid
  }

  /**
   * The room without anything that a power cut could take back. If a partner had an own message that the log
   * lost, the next message would contradict it; and whatever is claimed to be held here counts as delivered.
   */
  get #durable(): Room {
    this.#deps.eventLoop.endTurn()
    return this.room
  }

  #validateNow(event: RoomEvent): Verdict {
    if (!this.#isOpen || !this.#deps.eventLoop.mayWrite) return 'ignore'
    void this.#deps.eventLoop.join(this)
    const effects = this.#passEvent(event)
    this.#queueEffects(effects)
    const judgement = effects.find(effect => effect.kind === 'verdict')
    return judgement?.verdict ?? 'ignore'
  }

  #queueEffects(effects: readonly RoomEffect[]): void {
    for (const effect of effects) this.#effects.push(effect)
  }

  #passEvent(event: RoomEvent): readonly RoomEffect[] {
    return this.#deps.eventLoop.guard(() => this.room.handle(event, readClocks()), [])
  }

  #onEnded(exchange: number, from: PeerKey, outcome: SyncResult): void {
    const { received, sent } = outcome
    void this.handle({ kind: 'synced', from, exchange, outcome })
    if (outcome.kind === 'complete' && received + sent > 0) this.#deps.onSynced(from, received, sent)
  }

  #perform(effect: RoomEffect): void {
    switch (effect.kind) {
      case 'publish':
        this.#deps.publish(effect.payload)
        break
      case 'sync':
        this.#deps.requestSync(effect.peer)
        break
      case 'expel':
        this.#deps.expel(effect.peer, effect.reason)
        break
      case 'show':
        this.#deps.show(effect.notice)
        break
      case 'located':
        this.#deps.onAddresses(effect.peer, effect.addresses)
        break
      case 'pruned':
        if (effect.chains > 0 && this.#retention !== undefined) this.prune(this.#retention)
        break
      case 'verdict':
        break
    }
  }

  #setTimer(): void {
    const now = readClocks()
    const due = this.#effects.length > 0 ? now.steady : this.room.dueAt(now)
    const wait = Math.min(MAX_TIMER_MS, Math.max(0, due - now.steady))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#deps.eventLoop.join(this), wait)
  }
}

/**
 * True for effects that don't depend on the log and that the room doesn't repeat: who is here, and whom to
 * ask.
 */
function outlivesRollback(effect: RoomEffect): boolean {
  switch (effect.kind) {
    case 'sync':
    case 'expel':
    case 'located':
      return true
    case 'show':
      return ['joined', 'renamed', 'left', 'progress'].includes(effect.notice.kind)
    case 'publish':
    case 'verdict':
    case 'pruned':
      return false
  }
}

function readClocks(): Instant {
  return { steady: performance.now(), wall: Date.now() }
}
