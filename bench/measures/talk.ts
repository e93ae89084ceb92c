/** What happens while a group talks: at a steady pace the latency, and as fast as it can the throughput. */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { Group } from '../group.ts'
import { cpuSeconds, loopbackBytes } from '../kernel.ts'
import type { Measure } from '../options.ts'
import { probeText } from '../probe.ts'
import type { Program } from '../program.ts'
import type { Round } from '../round.ts'
import { quantile } from '../sheet.ts'
import type { System } from '../system.ts'
import { Tally } from '../tally.ts'

/** Messages a second at a steady pace. */
const PACE = 20
/** What one measurement may take at most, besides its planned length. */
const DEADLINE_MS = 40_000
/** Lines written at once. */
const LINES_A_WRITE = 16

let phases = 0

/** Gathers one group of each system and size, one after another, and lets it talk. */
export async function measureTalk(round: Round): Promise<void> {
  for (const processes of round.options.processes) {
    for (const system of round.systems) {
      round.tell(`  ${system.name}, ${processes} processes`)
      try {
        await talk(system, processes, round)
      } catch (cause) {
        round.fail(`${processes} processes of ${system.name}`, cause)
      }
    }
  }
}

async function talk(system: System, processes: number, round: Round): Promise<void> {
  const { measures, burst } = round.options
  await using group = await Group.gather(system, round.workshop, processes)
  if (measures.includes('latency')) await measureLatency(group, round)
  if (!measures.includes('throughput')) return
  const each = (messages: number): number => Math.ceil(messages * system.share(processes))
  await measureBurst(group, { who: 'one sender', senders: 1, each: each(burst.one) }, round)
  await measureBurst(group, { who: 'all send', senders: processes, each: each(burst.all) }, round)
}

/** Where its figures go; by default to the table of the group's size. */
interface Place {
  readonly measure: Measure
  readonly table: string
  readonly column: string
}

/** One of a group speaks at a steady pace. */
export async function measureLatency(group: Group, round: Round, place?: Place): Promise<void> {
  const { system, programs } = group
  const each = round.options.pacedSeconds * PACE
  const phase = ++phases
  const tally = new Tally({ phase, processes: programs.length, senders: 1, each })
  group.listener = tally.listener
  const spent = await round.load.during(`latency of ${system.name}, ${programs.length} processes`, () => {
    return spending(group, () => pace(group, tally, { senders: 1, each, phase }))
  })
  const latencies = tally.latenciesMs.toSorted((a, b) => a - b)
  const table = `latency, ${programs.length} processes`
  const where = place ?? { measure: 'latency', table, column: system.name }
  const note = (row: string, value: number | undefined): void => round.note({ ...where, row, value })
  note('half arrive within, ms', quantile(latencies, 0.5))
  note('99 of 100 arrive within, ms', quantile(latencies, 0.99))
  note('all arrive within, ms', latencies.at(-1))
  note('CPU seconds for 1,000 deliveries', (spent.cpuSeconds / tally.received) * 1_000)
  note('lost', tally.missing)
}

async function pace({ programs }: Group, tally: Tally, { each, phase }: Saying): Promise<void> {
  const startMs = performance.now()
  for (let seq = 0; seq < each; seq++) {
    await wait(Math.max(0, startMs + (seq * 1_000) / PACE - performance.now()))
    programs[0]?.say(phase, 0, seq)
  }
  await tally.settled(performance.now() + DEADLINE_MS)
  for (const program of programs) program.assertRunning()
}

interface Burst {
  readonly who: string
  readonly senders: number
  /** Messages of each sender. */
  readonly each: number
}

async function measureBurst(group: Group, { who, senders, each }: Burst, round: Round): Promise<void> {
  const { system, programs } = group
  const processes = programs.length
  const phase = ++phases
  const tally = new Tally({ phase, processes, senders, each })
  group.listener = tally.listener
  const what = `${who}, ${processes} processes`
  const spent = await round.load.during(`${what} of ${system.name}`, () => {
    return spending(group, () => pourAll(group, tally, { senders, each, phase }))
  })
  const note = (row: string, value: number | undefined): void => {
    round.note({ measure: 'throughput', table: what, row, column: system.name, value })
  }
  const { received } = tally
  note('deliveries a second', received / ((tally.lastAtMs - spent.startMs) / 1_000))
  note('CPU seconds for 1,000 deliveries', (spent.cpuSeconds / received) * 1_000)
  note('bytes a delivery', round.loopback === 'own' ? spent.bytes / received : undefined)
  note('lost', tally.missing)
}

interface Saying {
  readonly senders: number
  readonly each: number
  readonly phase: number
}

async function pourAll({ programs }: Group, tally: Tally, saying: Saying): Promise<void> {
  const { senders, each, phase } = saying
  // Not awaited: a process that stopped reading must not stop the run. What it doesn't take in is lost.
  for (const [index, program] of programs.slice(0, senders).entries()) void pour(program, phase, index, each)
  await tally.settled(performance.now() + DEADLINE_MS)
  for (const program of programs) program.assertRunning()
}

/** Writes messages as fast as they are taken in. */
async function pour(program: Program, phase: number, sender: number, each: number): Promise<void> {
  for (let first = 0; first < each; first += LINES_A_WRITE) {
    const count = Math.min(LINES_A_WRITE, each - first)
    const texts = Array.from({ length: count }, (_, at) => {
      return { text: probeText({ phase, sender, seq: first + at, sentAtMs: performance.now() }) }
    })
    await program.write(texts)
    await turn()
  }
}

interface Spent {
  readonly startMs: number
  /** Of all the group's processes. */
  readonly cpuSeconds: number
  readonly bytes: number
}

async function spending(group: Group, work: () => Promise<void>): Promise<Spent> {
  const cpu = (): number => group.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const before = { cpu: cpu(), bytes: loopbackBytes() }
  const startMs = performance.now()
  await work()
  return { startMs, cpuSeconds: cpu() - before.cpu, bytes: loopbackBytes() - before.bytes }
}
