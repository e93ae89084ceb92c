/** How long it takes from the start of a process until it is of use, in a room where somebody talks. */
import { Group } from '../group.ts'
import type { Program } from '../program.ts'
import type { Round } from '../round.ts'
import type { System } from '../system.ts'

const PHASE = -1
/** Both sides speak this often, so that the figures are exact to as much. Milliseconds. */
const GAP_MS = 20
const TALKER = 0
const NEWCOMER = 1

/** Nobody should wait longer than this for anything. */
const DEADLINE_MS = 30_000

/** Milliseconds from the start of the process. */
interface Start {
  readonly ready: number
  /** Undefined for systems that don't tell. */
  readonly joined: number | undefined
  readonly hears: number
  readonly isHeard: number
}

export async function measureStart(round: Round): Promise<void> {
  for (const system of round.systems) {
    try {
      await measureSystem(system, round)
    } catch (cause) {
      round.fail(`start of ${system.name}`, cause)
    }
  }
}

async function measureSystem(system: System, round: Round): Promise<void> {
  await using group = await Group.gather(system, round.workshop, 1)
  // not counted: it leaves compiled code behind for the others
  await startOnce(group)
  for (let count = 0; count < round.options.starts; count++) {
    const start = await round.load.during(`a start of ${system.name}`, () => startOnce(group))
    const note = (row: string, value: number | undefined): void => {
      round.note({ measure: 'start', table: 'start', row, column: system.name, value })
    }
    note('ready, ms', start.ready)
    note('told of the other peer, ms', start.joined)
    note('shows the first message, ms', start.hears)
    note('own first message shown by the other, ms', start.isHeard)
  }
}

async function startOnce(group: Group): Promise<Start> {
  const stops = [speak(group.programs[TALKER], TALKER)]
  try {
    const newcomer = await group.join()
    const since = newcomer.startedAtMs
    const ready = newcomer.event('ready').then(told => {
      stops.push(speak(newcomer, NEWCOMER))
      return told
    })
    const joined = group.system.meeting === 'helper' ? newcomer.event('joined') : undefined
    const told = await Promise.all([ready, joined, firstMessages(group, since)])
    const [{ atMs: readyAtMs }, other, { hearsAtMs, isHeardAtMs }] = told
    return {
      ready: readyAtMs - since,
      joined: other && other.atMs - since,
      hears: hearsAtMs - since,
      isHeard: isHeardAtMs - since,
    }
  } finally {
    for (const stop of stops) stop()
    await group.part()
  }
}

interface FirstMessages {
  readonly hearsAtMs: number
  readonly isHeardAtMs: number
}

/** When the newcomer first shows something written since it started, and when the talker does of the newcomer. */
async function firstMessages(group: Group, since: number): Promise<FirstMessages> {
  const hears = Promise.withResolvers<number>()
  const isHeard = Promise.withResolvers<number>()
  group.listener = (receiver, probe, atMs) => {
    if (probe.phase !== PHASE || probe.sentAtMs < since || probe.sender === receiver) return
    if (receiver === NEWCOMER) hears.resolve(atMs)
    else isHeard.resolve(atMs)
  }
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('no first message came in time')), DEADLINE_MS)
  try {
    const both = Promise.all([hears.promise, isHeard.promise])
    const [hearsAtMs, isHeardAtMs] = await Promise.race([both, late.promise])
    return { hearsAtMs, isHeardAtMs }
  } finally {
    clearTimeout(timer)
  }
}

/** Says something at once and then at a steady pace; returns what stops it. */
function speak(program: Program | undefined, index: number): () => void {
  let seq = 0
  const say = (): void => program?.say(PHASE, index, seq++)
  say()
  const timer = setInterval(say, GAP_MS)
  return () => clearInterval(timer)
}
