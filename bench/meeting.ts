/**
 * Two programs that meet in a room: a keeper, which has a history, and a comer, which lacks some of it. Watches from
 * outside how long the comer takes to have it, and what that costs.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Workshop } from './group.ts'
import { cpuSeconds, loopbackBytes, peakResidentMiB } from './kernel.ts'
import { Program } from './program.ts'
import { countOf } from './stock.ts'
import { helperArgs, PARLEY, ROOM_NAME, type System } from './system.ts'

/** Messages that a newcomer wants to see first. */
const SCREEN = 50
/** Whoever takes longer for what is missing never gets it. */
const DEADLINE_MS = 60_000

export interface MeetingPlan {
  readonly keeper: string
  readonly comer: string
  /** Messages that the comer lacks. */
  readonly missing: number
  /** `join`: it shows all that it gets. `tail`: it shows nothing of what was written before. */
  readonly command: 'join' | 'tail'
}

export interface Met {
  /** From when the comer is told of the keeper until a screen of messages is shown. Undefined if it shows none. */
  readonly screenMs: number | undefined
  /** The same until it has everything, and shows it if it does. */
  readonly completeMs: number
  readonly bytes: number
  readonly comer: Costs
  readonly keeper: Costs
}

interface Costs {
  readonly peakMiB: number
  readonly cpuSeconds: number
}

/** Lets two programs meet until one has what the other has. */
export async function meet(plan: MeetingPlan, systems: readonly System[], workshop: Workshop): Promise<Met> {
  const met = await watch(plan, systems, workshop)
  const [all, had] = [await countOf(plan.keeper), await countOf(plan.comer)]
  if (had !== all) throw new Error(`the comer has ${had} of ${all} messages`)
  return met
}

async function watch(plan: MeetingPlan, systems: readonly System[], workshop: Workshop): Promise<Met> {
  const parley = systems.find(({ name }) => name === PARLEY)
  if (parley === undefined) throw new Error('there is no parley')
  await using programs = new AsyncDisposableStack()
  const { env } = workshop
  const start = (name: string, args: readonly string[], listener?: Watch): Program => {
    const onLine = listener?.onLine ?? (() => {})
    return programs.use(new Program({ name, args, env, onLine }))
  }
  const helper = start('helper', helperArgs(mkdtempSync(join(workshop.folder, 'helper-'))))
  const place = { room: ROOM_NAME, helper: await helper.address() }
  const keeper = start('keeper', parley.args({ ...place, data: plan.keeper }))
  await keeper.event('ready')
  const bytesBefore = loopbackBytes()
  const watched = new Watch(plan)
  const comer = start('comer', comerArgs(parley.args({ ...place, data: plan.comer }), plan.command), watched)
  await watched.complete()
  return {
    screenMs: watched.screenMs,
    completeMs: watched.completeMs,
    bytes: loopbackBytes() - bytesBefore,
    comer: costsOf(comer),
    keeper: costsOf(keeper),
  }
}

function comerArgs(joinArgs: readonly string[], command: MeetingPlan['command']): readonly string[] {
  if (command === 'join') return joinArgs
  return [...joinArgs.map(word => (word === 'join' ? 'tail' : word)), '--history', '0']
}

function costsOf({ pid }: Program): Costs {
  return { peakMiB: peakResidentMiB(pid), cpuSeconds: cpuSeconds(pid) }
}

/** Reads what the comer tells. */
class Watch {
  readonly #plan: MeetingPlan
  readonly #done = Promise.withResolvers<void>()
  #metAtMs: number | undefined
  #screenAtMs: number | undefined
  #lastAtMs = 0
  #shown = 0
  #received = 0

  constructor(plan: MeetingPlan) {
    this.#plan = plan
  }

  get screenMs(): number | undefined {
    return this.#screenAtMs === undefined ? undefined : this.#screenAtMs - this.#startMs
  }

  get completeMs(): number {
    return this.#lastAtMs - this.#startMs
  }

  readonly onLine = (line: string, atMs: number): void => {
    if (line.startsWith('{"type":"message"')) this.#onMessage(atMs)
    else if (line.startsWith('{"type":"joined"')) this.#metAtMs ??= atMs
    else if (line.startsWith('{"type":"synced"')) this.#onSynced(line, atMs)
  }

  async complete(): Promise<void> {
    const told = (): string => `the comer got ${this.#received} messages and showed ${this.#shown}`
    const timer = setTimeout(() => this.#done.reject(new Error(`${told()} in a minute`)), DEADLINE_MS)
    await this.#done.promise
    clearTimeout(timer)
  }

  get #startMs(): number {
    return this.#metAtMs ?? Number.NaN
  }

  #onMessage(atMs: number): void {
    // what it has already is shown before it meets anyone
    if (this.#metAtMs === undefined) return
    if (++this.#shown === SCREEN) this.#screenAtMs = atMs
    this.#look(atMs)
  }

  #onSynced(line: string, atMs: number): void {
    const { received } = JSON.parse(line)
    this.#received += Number(received)
    this.#look(atMs)
  }

  #look(atMs: number): void {
    const { missing, command } = this.#plan
    // some of the newest came before the rest, and aren't counted again
    const isReceived = this.#received > 0 && this.#received >= missing - SCREEN
    const isShown = command === 'tail' || this.#shown >= missing
    if (!isReceived || !isShown || this.#metAtMs === undefined) return
    this.#lastAtMs = atMs
    this.#done.resolve()
  }
}
