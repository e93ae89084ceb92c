/**
 * People whose programs are killed, again and again, while they write and while they fetch what others wrote; and
 * what has to be true of their logs in the end.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { expect } from 'vitest'
import { seeded } from '../support/core-world.ts'
import { expectSameLogs } from '../support/kept-log.ts'
import type { JsonProgram } from '../support/process-peer.ts'
import type { Helper, Stage } from '../support/process-stage.ts'
import { SEED } from '../support/seed.ts'

/** What the elder wrote before anyone else came: long enough that fetching it is interrupted. */
const HISTORY = 4_000
const HISTORY_CHUNK = 500
/** A life ends after at most so many own messages, or so many milliseconds after the start of the last of them. */
const MAX_WORDS = 60
const MAX_DELAY_MS = 40

export interface CrashPlan {
  readonly names: readonly string[]
  /** How often each of them is killed. */
  readonly lives: number
}

/** Tells the story. Everything that it promises is checked; resolves with how many messages there were in the end. */
export async function crashStory(stage: Stage, plan: CrashPlan): Promise<number> {
  const helpers = [await stage.helper()]
  const elder = new Mortal('elder', stage, helpers, SEED)
  await elder.begin()
  await elder.write(HISTORY, HISTORY_CHUNK)
  const mortals = plan.names.map((name, index) => new Mortal(name, stage, helpers, SEED + index + 1))
  await Promise.all(mortals.map(mortal => mortal.liveAndDie(plan.lives)))
  const all = [elder, ...mortals]
  await Promise.all(mortals.map(mortal => mortal.begin()))
  await Promise.all(all.map(mortal => mortal.bequeath(all.length - 1)))
  await Promise.all(all.map(mortal => mortal.leave()))
  return await expectSameLogs(stage, all)
}

class Mortal {
  readonly name: string
  /** What was acknowledged to be in the log: text by id. */
  readonly acknowledged = new Map<string, string>()
  readonly #stage: Stage
  readonly #helpers: readonly Helper[]
  readonly #random: () => number
  #program: JsonProgram | undefined
  #words = 0

  constructor(name: string, stage: Stage, helpers: readonly Helper[], seed: number) {
    this.name = name
    this.#stage = stage
    this.#helpers = helpers
    this.#random = seeded(seed)
  }

  async begin(): Promise<JsonProgram> {
    this.#program = await this.#stage.peer(this.name, { data: this.name, helpers: this.#helpers })
    return this.#program
  }

  /** Writes many messages; resolves when all are acknowledged. */
  async write(count: number, chunk: number): Promise<void> {
    for (let written = 0; written < count; written += chunk) {
      const last = this.#sayMany(Math.min(chunk, count - written))
      await this.#running.next({ type: 'sent', text: last })
    }
  }

  async liveAndDie(lives: number): Promise<void> {
    for (let life = 0; life < lives; life++) {
      const program = await this.begin()
      const words = Math.floor(this.#random() * MAX_WORDS)
      if (words > 0) this.#sayMany(words)
      // when it is killed is what is tested: anywhere in what it does then
      await pass(this.#random() * MAX_DELAY_MS)
      program.signal('SIGKILL')
      await program.end()
      this.#remember(program)
    }
  }

  /** Says a last word. Whoever acknowledges it holds everything that was written in this chain. */
  async bequeath(heirs: number): Promise<void> {
    const last = this.#sayMany(1)
    const { id } = await this.#running.next({ type: 'sent', text: last })
    await this.#running.next({ type: 'delivered', id, count: heirs })
  }

  async leave(): Promise<void> {
    const program = this.#running
    program.command('/quit')
    await program.exits(0)
    expect(program.events.at(-1), this.name).toEqual({ type: 'bye', undelivered: 0 })
    this.#remember(program)
  }

  get #running(): JsonProgram {
    if (this.#program === undefined) throw new Error(`${this.name} isn't running`)
    return this.#program
  }

  #remember(program: JsonProgram): void {
    for (const { id, text } of program.all({ type: 'sent' })) this.acknowledged.set(id, text)
  }

  /** Returns the last text. */
  #sayMany(count: number): string {
    let text = ''
    for (let said = 0; said < count; said++) {
      text = `${this.name} says ${this.#words++}`
      this.#running.say(text)
    }
    return text
  }
}
