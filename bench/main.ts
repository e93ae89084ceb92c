/**
 * `npm run bench`: measures the built program beside two baselines and writes docs/benchmarks.md. It asserts nothing.
 *
 *     npm run bench -- [--quick] [--only start,latency,throughput,memory,parts,log,sync,screen] [--runs N] [--processes 4,16] [--out FILE]
 *
 * Only a whole run writes the page by default; `--quick` and `--only` print it, and with `--out` replace what they measured.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildProgram } from '../scripts/build.ts'
import { ForeignLoad } from './foreign-load.ts'
import type { Workshop } from './group.ts'
import { measureDurability } from './measures/durability.ts'
import { measureLog } from './measures/log.ts'
import { measureMemory } from './measures/memory.ts'
import { measureParts } from './measures/parts.ts'
import { measureScreen } from './measures/screen.ts'
import { measureStart } from './measures/start.ts'
import { measureSync } from './measures/sync.ts'
import { measureTalk } from './measures/talk.ts'
import { enterNamespace } from './network-namespace.ts'
import { type Options, readOptions } from './options.ts'
import { renderPage } from './page.ts'
import type { Round } from './round.ts'
import { Sheet } from './sheet.ts'
import type { System } from './system.ts'
import { prepareSystems } from './system.ts'

const PAGE = join(import.meta.dirname, '../docs/benchmarks.md')

/** No round is begun that would probably end later than this. */
const BUDGET_MINUTES = 7.5
const MINUTE_MS = 60_000

/** Where Linux keeps files in memory. */
const MEMORY_DISK = '/dev/shm'

/** How a shell tells that a program was interrupted. */
const INTERRUPTED = 130

function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), PAGE)
  const loopback = enterNamespace()
  const [folder, memory] = [tmpdir(), MEMORY_DISK].map(makeFolder)
  if (folder === undefined) throw new Error(`no folder can be made in ${tmpdir()}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(INTERRUPTED))
  const env = { HOME: folder, TZ: 'UTC', NODE_COMPILE_CACHE: join(folder, 'compiled') }
  return measure(options, { folder, memory, env }, loopback)
}

/** A folder of this run; undefined where none can be made. */
function makeFolder(parent: string): string | undefined {
  try {
    const folder = mkdtempSync(join(parent, 'parley-bench-'))
    // at every end: the processes are killed by their own handler, registered before this one
    process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    return folder
  } catch {
    return undefined
  }
}

async function measure(options: Options, workshop: Workshop, loopback: Round['loopback']): Promise<void> {
  await buildProgram()
  const systems = await prepareSystems(workshop.folder)
  const sheet = new Sheet()
  const load = new ForeignLoad(tell)
  const failures: string[] = []
  const startMs = performance.now()
  const minutes = (): number => (performance.now() - startMs) / MINUTE_MS
  let rounds = 0
  while (rounds < options.runs && (rounds === 0 || (minutes() * (rounds + 1)) / rounds < BUDGET_MINUTES)) {
    const run = ++rounds
    tell(`round ${run} of ${options.runs}`)
    await measureAll({
      run,
      options,
      loopback,
      load,
      tell,
      workshop,
      systems: rotated(systems, run),
      note: figure => sheet.note({ ...figure, run }),
      fail: (what, cause) => {
        const failure = `${what} in round ${run}: ${firstLine(cause)}`
        failures.push(failure)
        tell(`  ! ${failure}`)
      },
    })
  }
  const outcome = { options, sheet, load, rounds, minutes: minutes(), failures }
  tell(`\n${renderPage(outcome)}`)
  const { out } = options
  if (out !== undefined)
    writeFileSync(out, renderPage(outcome, existsSync(out) ? readFileSync(out, 'utf8') : ''))
}

async function measureAll(round: Round): Promise<void> {
  const { measures } = round.options
  if (measures.includes('parts')) await measureParts(round)
  if (measures.includes('log')) {
    await measureLog(round)
    await measureDurability(round)
  }
  if (measures.includes('sync')) await measureSync(round)
  if (measures.includes('start')) await measureStart(round)
  if (measures.includes('memory')) await measureMemory(round)
  if (measures.includes('screen')) await measureScreen(round)
  if (measures.includes('latency') || measures.includes('throughput')) await measureTalk(round)
}

function rotated(systems: readonly System[], run: number): readonly System[] {
  const by = run % systems.length
  return [...systems.slice(by), ...systems.slice(0, by)]
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.split('\n', 1)[0] ?? ''
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  await main()
} catch (cause) {
  process.stderr.write(`bench: ${firstLine(cause)}\n`)
  process.exitCode = 1
}
