/**
 * Runs a room: gives it events with the time, keeps its alarm, and performs its effects. What one turn of the
 * event loop brings is committed to the log once, and only then shown and published, so that nobody is told what
 * a power cut could take back. Network effects are handed over and never awaited here.
 */
import type { Instant } from '../core/clock.ts'
import type { ChainHeads } from '../core/frontier.ts'
import type { PeerKey } from '../core/ids.ts'
import type { RoomLog } from '../core/log.ts'
import type { Room } from '../core/room.ts'
import type { RoomEffect, RoomEvent, RoomNotice, Verdict } from '../core/room-event.ts'
import type { Outcome, SyncRoom } from '../net/sync-exchange.ts'

/** An alarm is set at most this far ahead: what is due later is looked up again. Milliseconds. */
const MAX_ALARM_MS = 60_000

export interface RoomRuntimeDeps {
  readonly room: Room
  readonly log: RoomLog
  readonly publish: (payload: Uint8Array) => void
  readonly requestSync: (peer: PeerKey) => void
  readonly expel: (peer: PeerKey, reason: string) => void
  readonly show: (notice: RoomNotice) => void
  /** A member says where it can be dialled. */
  readonly onLocated: (peer: PeerKey, addresses: readonly string[]) => void
  /** An exchange ended well and moved something. */
  readonly onSynced: (peer: PeerKey, received: number, sent: number) => void
  /** The log refuses: the disk is full, or worse. */
  readonly onLogFailure: (cause: unknown) => void
}

export class RoomRuntime {
  readonly room: Room
  readonly #deps: RoomRuntimeDeps
  #effects: RoomEffect[] = []
  #turn: Promise<void> | undefined
  #alarm: NodeJS.Timeout | undefined
  #isOpen = true

  constructor(deps: RoomRuntimeDeps) {
    this.#deps = deps
    this.room = deps.room
  }

  /** Gives the room an event. Resolves when its effects were performed, at the end of this turn. */
  handle(event: RoomEvent): Promise<void> {
    this.#take(this.room.handle(event, readClocks()))
    return this.#endTurn()
  }

  /** Judges a gossip payload. The verdict is needed at once, the other effects follow at the end of the turn. */
  judge(from: PeerKey, payload: Uint8Array): Verdict {
    return this.#judged({ kind: 'frame', from, payload })
  }

  /** The room as its exchanges see it. */
  get syncRoom(): SyncRoom {
    const { room } = this
    return {
      greeting: () => room.greeting(readClocks()),
      frontier: () => room.frontier,
      wants: (exchange, peer, theirs) => room.wants(exchange, peer, theirs),
      part: (want, limit) => room.part(want, limit),
      onGreeted: (from, beacon) => void this.handle({ kind: 'greeted', from, beacon }),
      onHolds: (from, chains) => this.#onHolds(from, chains),
      onSegment: (from, wires) => this.#judged({ kind: 'segment', from, wires }),
      onEnded: (exchange, from, outcome) => this.#onEnded(exchange, from, outcome),
    }
  }

  /** Says goodbye and stops. Resolves when the goodbye was handed to the network. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    await this.handle({ kind: 'leave' })
    this.#isOpen = false
    clearTimeout(this.#alarm)
  }

  #judged(event: RoomEvent): Verdict {
    if (!this.#isOpen) return 'ignore'
    const effects = this.room.handle(event, readClocks())
    this.#take(effects)
    void this.#endTurn()
    const judgement = effects.find(effect => effect.kind === 'verdict')
    return judgement?.verdict ?? 'ignore'
  }

  #onHolds(from: PeerKey, chains: readonly ChainHeads[]): void {
    void this.handle({ kind: 'holds', from, chains })
  }

  #onEnded(exchange: number, from: PeerKey, outcome: Outcome): void {
    const { received, sent } = outcome
    void this.handle({ kind: 'synced', from, exchange, outcome: outcome.kind })
    if (outcome.kind === 'complete' && received + sent > 0) this.#deps.onSynced(from, received, sent)
  }

  #take(effects: readonly RoomEffect[]): void {
    for (const effect of effects) this.#effects.push(effect)
  }

  #endTurn(): Promise<void> {
    this.#turn ??= new Promise(resolve => {
      setImmediate(() => {
        this.#turn = undefined
        this.#finishTurn()
        resolve()
      })
    })
    return this.#turn
  }

  #finishTurn(): void {
    if (!this.#isOpen) return
    this.#take(this.room.handle({ kind: 'tick' }, readClocks()))
    const effects = this.#effects
    this.#effects = []
    try {
      this.#deps.log.commit()
    } catch (cause) {
      this.#deps.onLogFailure(cause)
      return
    }
    for (const effect of effects) this.#perform(effect)
    this.#setAlarm()
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
        this.#deps.onLocated(effect.peer, effect.addresses)
        break
      case 'verdict':
        break
    }
  }

  #setAlarm(): void {
    const now = readClocks()
    const wait = Math.min(MAX_ALARM_MS, Math.max(0, this.room.dueAt(now) - now.steady))
    clearTimeout(this.#alarm)
    this.#alarm = setTimeout(() => void this.#endTurn(), wait)
  }
}

function readClocks(): Instant {
  return { steady: performance.now(), wall: Date.now() }
}
