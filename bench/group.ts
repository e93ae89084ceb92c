/**
 * Some processes of one system in one room, and the helper if it has one. Every pair is directly connected, in parley
 * because small rooms are, in the baselines because they are told to.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Listener } from './probe.ts'
import { findProbe } from './probe.ts'
import type { LineReader } from './program.ts'
import { Program } from './program.ts'
import { helperArgs, ROOM_NAME, type System } from './system.ts'
import { HELLO_PHASE, Tally } from './tally.ts'

/** A hello is repeated until it was heard: bare gossipsub loses what is sent before it knows who listens. */
const HELLO_GAP_MS = 250
const HELLO_GAP_PER_PROCESS_MS = 50
const HELLO_ROUNDS = 100
/** Gossipsub forms its mesh at the next heartbeats, which are a second apart. */
const SETTLE_MS = 1_500

/** Temporary folders of this run and the environment of its programs. */
export interface Workshop {
  readonly folder: string
  /** One that isn't on a disk; undefined where there is none. */
  readonly memory: string | undefined
  readonly env: Readonly<Record<string, string>>
}

export class Group implements AsyncDisposable {
  readonly system: System
  readonly helper: Program | undefined
  readonly programs: Program[] = []
  /** Whoever measures now. */
  listener: Listener = () => {}
  readonly #workshop: Workshop
  readonly #folder: string

  private constructor(system: System, workshop: Workshop) {
    this.system = system
    this.#workshop = workshop
    this.#folder = mkdtempSync(join(workshop.folder, 'group-'))
    if (system.meeting === 'helper') this.helper = this.#spawn('helper', helperArgs(this.#data('helper')), -1)
  }

  /** Starts a group; resolves when everyone heard everyone. */
  static async gather(system: System, workshop: Workshop, size: number): Promise<Group> {
    const group = new Group(system, workshop)
    try {
      const helper = await group.helper?.address()
      for (let index = 0; index < size; index++) group.#add(helper)
      await Promise.all(group.programs.map((_, index) => group.#introduce(index)))
      await group.#greet()
      await wait(SETTLE_MS)
      return group
    } catch (error) {
      await group[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts one more, which connects as soon as it can. */
  async join(): Promise<Program> {
    const helper = await this.helper?.address()
    const addresses = await this.#addresses(this.programs)
    const program = this.#add(helper)
    if (this.system.meeting === 'addresses') void program.write([{ connect: addresses }])
    return program
  }

  /** Ends the one that started last. */
  async part(): Promise<void> {
    await this.programs.pop()?.[Symbol.asyncDispose]()
  }

  /** Helper included. */
  get pids(): readonly number[] {
    return [this.helper, ...this.programs].flatMap(program => program?.pid ?? [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener = () => {}
    await Promise.all(this.programs.map(program => program[Symbol.asyncDispose]()))
    await this.helper?.[Symbol.asyncDispose]()
  }

  #add(helper = ''): Program {
    const index = this.programs.length
    const data = this.#data(`${index}-${Math.trunc(performance.now())}`)
    const args = this.system.args({ room: ROOM_NAME, data, helper })
    const program = this.#spawn(`process ${index}`, args, index)
    this.programs.push(program)
    return program
  }

  #spawn(what: string, args: readonly string[], index: number): Program {
    const name = `${what} of ${this.system.name}`
    const { env } = this.#workshop
    const onLine: LineReader = (line, atMs) => {
      const probe = findProbe(line)
      if (probe !== undefined) this.listener(index, probe, atMs)
    }
    return new Program({ name, args, env, onLine })
  }

  /** Each dials those before it, so that every pair has one connection. */
  async #introduce(index: number): Promise<void> {
    const program = this.programs[index]
    await program?.event('ready')
    if (this.system.meeting === 'helper' || program === undefined) return
    await program.write([{ connect: await this.#addresses(this.programs.slice(0, index)) }])
  }

  #addresses(programs: readonly Program[]): Promise<readonly string[]> {
    return Promise.all(programs.map(program => program.address()))
  }

  async #greet(): Promise<void> {
    const { programs } = this
    const tally = new Tally({
      phase: HELLO_PHASE,
      processes: programs.length,
      senders: programs.length,
      each: 1,
    })
    this.listener = tally.listener
    const gap = Math.max(HELLO_GAP_MS, programs.length * HELLO_GAP_PER_PROCESS_MS)
    for (let round = 0; tally.missing > 0; round++) {
      if (round === HELLO_ROUNDS) throw new Error(`${tally.missing} pairs never heard each other`)
      for (const [index, program] of programs.entries()) program.say(HELLO_PHASE, index, 0)
      await wait(gap)
    }
    this.listener = () => {}
  }

  #data(name: string): string {
    return join(this.#folder, name)
  }
}
