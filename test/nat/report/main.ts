/**
 * `npm run reachability`: has people meet behind every pair of routers, breaks whatever can break, and puts the figures
 * into docs/reachability.md, between the marks that are there for them. It takes root, and an hour or two.
 *
 *     npm run reachability -- [--only paths,faults] [--runs N] [--fault-runs N] [--weather 10,40/2] [--parallel N]
 *                             [--titles WORDS,…] [--out FILE]
 *
 * Only a whole run writes the page by default; otherwise the tables are printed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { buildProgram } from '../../../scripts/build.ts'
import { crowdFor, suffer } from '../faults/fault.ts'
import { FAULTS } from '../faults/faults.ts'
import { meetOnce } from '../pairs/meeting.ts'
import { PAIRS } from '../pairs/pairs.ts'
import { runAll } from './jobs.ts'
import type { Options } from './options.ts'
import { readOptions } from './options.ts'
import { failureList, faultTable, pathTable, titleOfMeeting, wordTable } from './tables.ts'

const PAGE = join(import.meta.dirname, '../../../docs/reachability.md')

/** Programs that want to run, for each core, from which on the laboratories can't be what keeps it busy. */
const BUSY = 3
/** How a shell tells that a program was interrupted. */
const INTERRUPTED = 130

async function main(): Promise<void> {
  // so that what has to be removed at the end is, then too
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(INTERRUPTED))
  const options = readOptions(process.argv.slice(2), PAGE)
  await buildProgram()
  if (options.measures.includes('paths')) publish('paths', await measurePaths(options), options)
  if (options.measures.includes('faults')) publish('faults', await measureFaults(options), options)
}

async function measurePaths(options: Options): Promise<string> {
  const { weathers, runs, parallel } = options
  const pairs = PAIRS.filter(pair => isWanted(pair.title, options))
  const trials = pairs.flatMap(pair =>
    weathers.flatMap(weather =>
      Array.from({ length: runs }, () => ({
        title: titleOfMeeting(pair.title, weather),
        run: () => meetOnce({ pair, ...weather }),
      })),
    ),
  )
  const verdicts = await runAll(trials, parallel, tell)
  const tables = [pathTable(verdicts, weathers), wordTable(verdicts, weathers), failureList(verdicts)]
  return [header(`${runs} runs each`, options), ...tables].join('\n\n')
}

async function measureFaults(options: Options): Promise<string> {
  const trials = FAULTS.filter(fault => isWanted(fault.title, options)).flatMap(fault =>
    Array.from({ length: options.faultRuns }, () => ({
      title: fault.title,
      run: async () => {
        await using crowd = await crowdFor(fault)
        return await suffer(crowd, fault)
      },
    })),
  )
  const verdicts = await runAll(trials, options.parallel, tell)
  const head = header(`${options.faultRuns} runs each, seconds`, options)
  return [head, faultTable(verdicts), failureList(verdicts)].join('\n\n')
}

function isWanted(title: string, { titles }: Options): boolean {
  return titles.some(words => title.includes(words))
}

function header(what: string, { parallel }: Options): string {
  const date = new Date().toISOString().slice(0, 10)
  const cores = cpus().length
  const [, load = 0] = loadavg()
  const busy = load > BUSY * cores ? ' **The machine was busy with other things: times are too long.**' : ''
  return `> ${date}, ${what}, median (least–most); ${parallel} laboratories at once on ${cores} cores, load ${load.toFixed(0)}, Node ${process.version}.${busy}`
}

/** Puts the text between the marks of this name. */
function publish(name: string, text: string, { out }: Options): void {
  tell(`\n${text}\n`)
  if (out === undefined) return
  const page = readFileSync(out, 'utf8')
  const [begin, end] = [`<!-- measured: ${name} -->`, `<!-- end: ${name} -->`]
  const [before, , after] = [page.split(begin, 1)[0], '', page.split(end)[1]]
  if (before === page || after === undefined) throw new Error(`${out} has no marks ${begin} and ${end}`)
  writeFileSync(out, `${before}${begin}\n\n${text}\n\n${end}${after}`)
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main()
