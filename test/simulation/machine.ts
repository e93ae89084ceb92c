/**
 * A machine with somebody's data folder: what stays when the power fails (keys, disk, clock), and the life that runs
 * there now, if any.
 */
import type { Signer } from '../../src/protocol/crypto.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import type { LogId, MessageId, PeerKey } from '../../src/protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import type { RoomEvent } from '../../src/room/events.ts'
import { FLOOR_AHEAD_MS } from '../../src/room/policy.ts'
import { EPOCH } from '../support/core-world.ts'
import { checkTime } from './buffers.ts'
import type { Dice } from './dice.ts'
import { Disk } from './disk.ts'
import { Life } from './life.ts'
import type { Surroundings } from './life-options.ts'
import type { Action, MachinePlan, Moment } from './plan.ts'
import { checkStandings } from './standings.ts'
import { Broken } from './trace.ts'
import { amending } from './user.ts'
import type { Station } from './wires.ts'
import type { Author } from './witness.ts'

/** Between a goodbye and the end of the process: what was said has left by then. */
const PARTING_MS = 300

export interface MachineDeps {
  readonly world: Surroundings
  readonly signer: Signer
  readonly dice: (name: string) => Dice
  /** A frame came: what becomes of it. */
  readonly onFrame: (to: Machine, life: Life, from: Station, payload: Uint8Array) => void
  /** A life began here, or ended with a word or without. */
  readonly onSession: (machine: Machine, how: 'clean' | 'silent') => void
}

export class Machine implements Station, Author {
  readonly name: string
  readonly disk: Disk
  /** `gone`: it never comes back. */
  state: 'off' | 'on' | 'gone' = 'off'
  life: Life | undefined
  skewMs: number
  prunes = false
  doubtful: LogId | undefined
  /** What its user was told is sent, but for what a restore took from it. */
  readonly acknowledged = new Set<MessageId>()
  readonly #deps: MachineDeps
  #userName: string
  #lives = 0
  #logs = 0

  constructor(plan: MachinePlan, deps: MachineDeps) {
    this.name = plan.name
    this.skewMs = plan.skewMs
    this.#userName = plan.name
    this.#deps = deps
    const { witness } = deps.world
    this.disk = new Disk(this.#newLogId(), {
      onAppend: envelope => this.#onAppend(envelope),
      onCommit: (added, removed) => witness.onCommit(this.key, added, removed),
    })
    witness.addAuthor(this.key, this)
  }

  get key(): PeerKey {
    return this.#deps.signer.author
  }

  get session(): object | undefined {
    return this.life
  }

  /** Comes on; nothing to do if it is, or never does. */
  start(): void {
    if (this.state !== 'off') return
    const { world, signer, dice } = this.#deps
    this.state = 'on'
    const lifeDice = dice(`${this.name}'s life ${this.#lives++}`)
    if (lifeDice.chance(0.5)) this.disk.reopen()
    this.life = new Life(world, {
      name: this.name,
      userName: this.#userName,
      signer,
      disk: this.disk,
      dice: lifeDice,
      wall: () => this.#wall(),
      onDeath: downMs => this.#cutPower(downMs),
      onSent: id => this.acknowledged.add(id),
    })
    world.trace.note(this.name, () => `starts with log ${this.disk.logId}`)
    this.#lookAround(this.life)
    this.#deps.onSession(this, 'clean')
  }

  /** The power fails, now or in the next turn, and comes back. */
  failPower(moment: Moment, downMs: number): void {
    if (moment === 'now') this.#cutPower(downMs)
    else if (this.life !== undefined) this.life.doom = { moment, downMs }
  }

  /** Says goodbye, ends, and comes back after a while. */
  restart(downMs: number): void {
    const { life } = this
    if (life === undefined || life.isOver) return
    life.whenRunning(() => life.leave())
    this.#deps.world.later(PARTING_MS, () => {
      if (this.life === life) this.#stop('clean')
      this.#comeBack(downMs)
    })
  }

  /** Never comes back. */
  quit(how: 'goodbye' | 'power'): void {
    this.state = 'gone'
    if (how === 'goodbye') this.restart(0)
    else this.#stop('silent')
  }

  /** The disk goes back in time while the machine is off. */
  restore(of: 'backup' | 'machine', commits: number, downMs: number): void {
    if (this.life === undefined) return
    this.#cutPower(downMs)
    this.disk.restore(commits, of === 'backup' ? this.#newLogId() : undefined)
    this.doubtful = of === 'machine' ? this.disk.logId : undefined
    for (const id of this.acknowledged) if (!this.disk.kept.has(id)) this.acknowledged.delete(id)
    this.#deps.world.trace.note(this.name, () => `has the disk of ${commits} commits ago`)
  }

  #onAppend(envelope: Envelope): void {
    const { witness } = this.#deps.world
    if (envelope.author === this.key && this.life?.isSaying === true) this.#onSaid(envelope)
    witness.onAppend(this.key, envelope)
    // one that was proved by another may go in again with a proof of its own, and the clock was maybe set back since
    if (this.disk.kept.has(envelope.id)) return
    this.life?.tookIn.add(envelope.id)
    if (envelope.author !== this.key || this.life?.isSaying !== true)
      checkTime(this.name, envelope.ts, this.#wall())
  }

  /** What is written sorts after all that its author could know. */
  #onSaid(envelope: Envelope): void {
    for (const { author, log, heads } of this.disk.chains()) {
      // what is almost too far ahead is passed over, and so is a chain of its own that was left since it is too far ahead
      const until = author === this.key && log !== envelope.log ? Number.POSITIVE_INFINITY : MAX_FUTURE_MS
      const isPassedOver = (ahead: number): boolean => ahead > FLOOR_AHEAD_MS && ahead <= until
      const isBefore = heads.every(
        ({ id, ts }) => id === envelope.id || ts < envelope.ts || isPassedOver(ts - this.#wall()),
      )
      if (!isBefore) throw new Broken('causes come first', `${this.name} writes before ${author}/${log}`)
    }
    this.#deps.world.witness.onWritten(envelope)
  }

  #wall(): number {
    return Math.floor(EPOCH + this.#deps.world.now + this.skewMs)
  }

  tell(event: RoomEvent): void {
    const { life } = this
    life?.whenRunning(() => void life.tell(event))
  }

  say(text: string): void {
    this.tell({ kind: 'say', act: 'text', text })
  }

  /** Does something to a message that is seen here, if there is one. */
  amend(amend: Extract<Action, { readonly kind: 'amend' }>): void {
    const { life } = this
    life?.whenRunning(() => {
      const event = amending(life, amend, `${this.name} ${amend.act}s at ${Math.round(this.#deps.world.now)}`)
      if (event !== undefined) life.tell(event)
      this.#lookAround(life)
    })
  }

  /** Everything is as it should be that its user could look at. */
  #lookAround(life: Life): void {
    checkStandings(this.name, life, this.#deps.world.witness)
  }

  rename(name: string): void {
    this.#userName = name
    this.tell({ kind: 'rename', name })
  }

  /** From now on only so many bytes of messages are kept. */
  prune(bytes: number): void {
    const { life } = this
    if (life === undefined) return
    this.prunes = true
    life.whenRunning(() => life.retain({ bytes }))
  }

  onLinked(peer: PeerKey): void {
    this.tell({ kind: 'linked', peer })
  }

  onUnlinked(peer: PeerKey): void {
    this.tell({ kind: 'unlinked', peer })
  }

  onFrame(from: Station, payload: Uint8Array): void {
    const { life } = this
    life?.whenRunning(() => this.#deps.onFrame(this, life, from, payload))
  }

  #cutPower(downMs: number): void {
    if (this.life === undefined) return
    this.#stop('silent')
    this.#comeBack(downMs)
  }

  #comeBack(downMs: number): void {
    this.#deps.world.later(downMs, () => this.start())
  }

  #stop(how: 'clean' | 'silent'): void {
    if (this.life === undefined) return
    this.life.die()
    this.life = undefined
    if (this.state === 'on') this.state = 'off'
    this.disk.refuses = 'nothing'
    this.disk.rollback()
    this.#deps.onSession(this, how)
  }

  #newLogId(): LogId {
    const { world, signer } = this.#deps
    return world.keys
      .sha256(new TextEncoder().encode(`${signer.author} ${this.#logs++}`))
      .slice(0, 16) as LogId
  }
}
