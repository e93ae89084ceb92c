/**
 * One life of a machine, from its start to the next loss of power: a room, run as src/chat/room-runner.ts runs it.
 * Events are handled when they come; a turn ends a moment later with a `tick` and a commit, and only then is performed
 * what the room asked for. The power may fail anywhere in between.
 */
import type { Instant } from '../../src/common/clock.ts'
import type { MessageId, PeerKey } from '../../src/protocol/ids.ts'
import type { RoomEffect, RoomEvent, RoomNotice, Verdict } from '../../src/room/events.ts'
import type { Retention } from '../../src/room/log.ts'
import { Room } from '../../src/room/room.ts'
import { LOST_AFTER_MS } from '../support/core-peer.ts'
import { ROOM } from '../support/core-world.ts'
import { checkBuffers, Turns } from './buffers.ts'
import { describeEffect, describeEvent } from './describe.ts'
import type { Disk } from './disk.ts'
import { DiskFull } from './disk.ts'
import type { Doom, LifeOptions, Surroundings } from './life-options.ts'
import { BACKLOG, RETRY_MS } from './life-options.ts'
import type { Moment } from './plan.ts'
import { Screen } from './screen.ts'
import { Broken } from './trace.ts'

/** Events that are dropped while the disk refuses: what they bring would have to be kept. */
const WRITING: ReadonlySet<RoomEvent['kind']> = new Set(['say', 'amend', 'frame', 'segment', 'tail'])
/** The alarm is set at most this far ahead, as the runtime does. */
const MAX_ALARM_MS = 60_000
/** A turn lasts at most this long: what comes meanwhile is committed together. */
const MAX_TURN_MS = 2

export class Life {
  readonly room: Room
  readonly screen: Screen
  readonly key: PeerKey
  readonly name: string
  /** Digests of frames, as gossip remembers them. */
  readonly seen = new Set<string>()
  /** Messages that were put by when it began: an earlier life may have shown them. */
  readonly knownEarly: ReadonlySet<MessageId>
  /** Messages that went into the log in this life. */
  readonly tookIn = new Set<MessageId>()
  /** True while the user says something: only then is anything written in its name. */
  isSaying = false
  /** The power is to fail at the end of the next turn. */
  doom: Doom | undefined
  readonly #world: Surroundings
  readonly #options: LifeOptions
  readonly #bornAt: number
  readonly #inbox: (() => void)[] = []
  #state: 'running' | 'stalled' | 'over' = 'running'
  #effects: RoomEffect[] = []
  #turn: 'none' | 'on' = 'none'
  #alarm = 0
  readonly #turns: Turns
  #refusedAt = Number.NEGATIVE_INFINITY
  #retention: Retention | undefined

  constructor(world: Surroundings, options: LifeOptions) {
    const { disk, signer, dice } = options
    this.#world = world
    this.#options = options
    this.#bornAt = world.now
    this.key = signer.author
    this.name = options.name
    this.#turns = new Turns(options.name)
    this.screen = new Screen(this.key, disk, world.witness)
    this.knownEarly = new Set(disk.allPending().map(entry => entry.envelope.id))
    this.room = new Room(
      { id: ROOM, name: options.userName, lostAfterMs: LOST_AFTER_MS },
      { log: disk, signer, crypto: world.keys, random: dice.next },
    )
    this.tell({ kind: 'opened', backlog: BACKLOG })
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  get isStalled(): boolean {
    return this.#state === 'stalled'
  }

  get disk(): Disk {
    return this.#options.disk
  }

  now(): Instant {
    return { steady: this.#world.now - this.#bornAt, wall: Math.floor(this.#options.wall()) }
  }

  /** Does something as soon as the process runs, which it may not for now. */
  whenRunning(act: () => void): void {
    if (this.#state === 'stalled') this.#inbox.push(act)
    else if (this.#state === 'running') act()
  }

  tell(event: RoomEvent): Verdict | undefined {
    if (this.#state === 'over') return 'ignore'
    if (this.#state === 'stalled') {
      this.#inbox.push(() => void this.tell(event))
      return 'ignore'
    }
    if (!this.#mayWrite && WRITING.has(event.kind)) return 'ignore'
    this.#world.trace.note(this.name, () => describeEvent(event))
    const effects = this.#handle(event)
    this.#effects.push(...effects)
    this.#beginTurn()
    return effects.find(effect => effect.kind === 'verdict')?.verdict
  }

  /** Lets go what isn't covered, step by step. */
  retain(retention: Retention): void {
    this.#retention = retention
    this.tell({ kind: 'retain', retention })
  }

  /** Ends this turn at once, if there is one: what is told a partner next is durable. */
  settle(): void {
    if (this.#turn === 'on' && this.#state === 'running') this.#finishTurn()
  }

  /** Says goodbye; the turn ends at once, and then nothing is heard of it any more. */
  leave(): void {
    this.tell({ kind: 'leave' })
    this.#finishTurn()
    this.die()
  }

  /** Nothing more happens here. */
  die(): void {
    this.#state = 'over'
    this.#inbox.length = 0
  }

  stall(): void {
    if (this.#state === 'running') this.#state = 'stalled'
  }

  resume(): void {
    if (this.#state !== 'stalled') return
    this.#state = 'running'
    for (const act of this.#inbox.splice(0)) this.whenRunning(act)
  }

  /** A write that the disk refuses throws: then all of the turn is taken back. */
  #handle(event: RoomEvent): readonly RoomEffect[] {
    this.isSaying = event.kind === 'say' || event.kind === 'amend'
    try {
      return this.room.handle(event, this.now())
    } catch (error) {
      if (error instanceof Broken) throw error
      if (!(error instanceof DiskFull))
        throw new Broken(
          'nothing throws',
          `${this.name} on ${event.kind}: ${error instanceof Error ? error.stack : error}`,
        )
      this.#takeBack()
      return []
    } finally {
      this.isSaying = false
    }
  }

  /** False for a while after the disk refused. */
  get #mayWrite(): boolean {
    return this.#world.now >= this.#refusedAt + RETRY_MS
  }

  #takeBack(): void {
    this.#world.trace.note(this.name, () => 'the disk refuses: back to the last commit')
    this.#refusedAt = this.#world.now
    this.#effects = []
    this.#options.disk.rollback()
    this.room.reload()
    this.#setAlarm()
  }

  #beginTurn(): void {
    if (this.#turn === 'on') return
    this.#turn = 'on'
    this.#world.later(this.#options.dice.next() * MAX_TURN_MS, () =>
      this.whenRunning(() => this.#finishTurn()),
    )
  }

  #finishTurn(): void {
    this.#turn = 'none'
    if (this.#state === 'over') return
    this.#turns.count(this.#world.now)
    checkBuffers(this.name, this.room.buffers)
    this.#effects.push(...this.#handle({ kind: 'tick' }))
    if (this.#isDoomed('before commit') || !this.#isCommitted() || this.#isDoomed('after commit')) return
    const effects = this.#effects
    this.#effects = []
    const isCut = this.doom?.moment === 'amid effects'
    const end = isCut ? this.#options.dice.whole(0, effects.length) : effects.length
    for (const effect of effects.slice(0, end)) this.#perform(effect)
    if (!this.#isDoomed('amid effects')) this.#setAlarm()
  }

  #isCommitted(): boolean {
    try {
      this.#options.disk.commit()
      return true
    } catch (error) {
      if (!(error instanceof DiskFull)) throw error
      this.#takeBack()
      return false
    }
  }

  #isDoomed(moment: Moment): boolean {
    if (this.doom?.moment !== moment) return false
    this.#options.onDeath(this.doom.downMs)
    return true
  }

  #perform(effect: RoomEffect): void {
    this.#world.trace.note(this.name, () => `  → ${describeEffect(effect)}`)
    switch (effect.kind) {
      case 'publish':
        this.#world.publish(this, effect.payload)
        break
      case 'sync':
        this.#world.requestSync(this, effect.peer)
        break
      case 'expel':
        this.#world.expel(this, effect.peer, effect.reason)
        break
      case 'show':
        this.#show(effect.notice)
        break
      case 'pruned':
        if (effect.chains > 0 && this.#retention !== undefined) this.retain(this.#retention)
        break
      case 'located':
      case 'verdict':
        break
    }
  }

  #show(notice: RoomNotice): void {
    const sent = this.screen.show(notice)
    if (sent !== undefined) this.#options.onSent(sent)
  }

  #setAlarm(): void {
    const alarm = ++this.#alarm
    const now = this.now()
    const wait = Math.min(MAX_ALARM_MS, Math.max(0, this.room.dueAt(now) - now.steady))
    this.#world.later(wait, () => {
      if (this.#alarm === alarm && this.#state !== 'over') this.#beginTurn()
    })
  }
}
