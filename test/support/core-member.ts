/** A peer in a network in memory: it acts on what its room asks for, and can be asked what it showed. */
import type { Instant } from '../../src/common/clock.ts'
import type { PeerKey } from '../../src/protocol/ids.ts'
import type { RoomEffect, RoomEvent, Verdict } from '../../src/room/events.ts'
import { Peer } from './core-peer.ts'
import { EPOCH } from './core-world.ts'

/** What a member needs of its network. */
export interface Host {
  /** Steady time, milliseconds. */
  readonly now: number
  later(ms: number, act: () => void): void
  cut(a: Member, b: Member): void
  perform(member: Member, effect: RoomEffect): void
}

/** A peer in the network. */
export class Member extends Peer {
  readonly linked = new Set<Member>()
  readonly seen = new Set<string>()
  readonly expelled: PeerKey[] = []
  /** Over whose links came what it rejected. */
  readonly rejected: PeerKey[] = []
  readonly #host: Host
  #state: 'running' | 'stopped' = 'running'
  #turn: 'over' | 'on' = 'over'

  readonly #clock: { skewMs: number }

  constructor(name: string, host: Host, skewMs: number) {
    const clock = { skewMs }
    super(name, {
      now: (): Instant => ({ steady: host.now, wall: EPOCH + Math.floor(host.now) + clock.skewMs }),
    })
    this.#clock = clock
    this.#host = host
  }

  /** Steady time at which its alarm rings. */
  get dueAt(): number {
    return this.#state === 'running' ? this.room.dueAt(this.now()) : Number.POSITIVE_INFINITY
  }

  override tell(event: RoomEvent): Verdict | undefined {
    if (this.#state === 'stopped') return 'ignore'
    const before = this.effects.length
    const verdict = super.tell(event)
    for (const effect of this.effects.slice(before)) this.#host.perform(this, effect)
    if (event.kind !== 'tick' && this.#turn === 'over') {
      this.#turn = 'on'
      this.#host.later(0, () => {
        this.#turn = 'over'
        this.tell({ kind: 'tick' })
      })
    }
    return verdict
  }

  say(text: string): void {
    this.tell({ kind: 'say', act: 'text', text })
  }

  /** Its wall clock is set, to so much ahead of everybody's. */
  setClock(skewMs: number): void {
    this.#clock.skewMs = skewMs
  }

  /** Says goodbye and closes its room; the links close a moment later, when what was sent is on its way. */
  leave(): void {
    this.tell({ kind: 'leave' })
    this.#state = 'stopped'
    this.#host.later(100, () => this.kill())
  }

  /** Is gone from one moment to the next. */
  kill(): void {
    this.#state = 'stopped'
    for (const other of [...this.linked]) this.#host.cut(this, other)
  }

  /** Texts shown, in their order. */
  get texts(): readonly string[] {
    return this.shown.flatMap(notice => (notice.kind === 'message' ? notice.content.text : []))
  }

  /** Who came, went and changed, in short. */
  get comings(): readonly string[] {
    return this.shown.flatMap(notice => {
      if (notice.kind === 'joined') return `${notice.member.beacon.name} joined`
      if (notice.kind === 'renamed') return `${notice.formerName} is now ${notice.member.beacon.name}`
      return notice.kind === 'left' ? `${notice.member.beacon.name} left, ${notice.reason}` : []
    })
  }

  /** Whose receipts came, in short. */
  get receipts(): readonly string[] {
    return this.shown.flatMap(notice => {
      if (notice.kind !== 'delivered') return []
      const name = this.room.member(notice.peer)?.beacon.name ?? 'nobody'
      return `${name} has it, ${notice.count} of ${notice.of}`
    })
  }
}
