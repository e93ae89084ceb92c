/** The page that a run ends with: what ran where, how to read it, and a table for each measure. */
import { cpus, release, totalmem } from 'node:os'
import type { ForeignLoad } from './foreign-load.ts'
import type { Measure, Options } from './options.ts'
import type { Sheet, Spread } from './sheet.ts'
import { spreadOf } from './sheet.ts'
import { GOSSIPSUB, PARLEY, TLS } from './system.ts'

const BASELINES: readonly string[] = [GOSSIPSUB, TLS]
/** Of columns; each round fills them in another one. */
const ORDER: readonly string[] = [PARLEY, ...BASELINES]

export interface Outcome {
  readonly options: Options
  readonly sheet: Sheet
  readonly load: ForeignLoad
  /** Rounds that were measured; fewer than asked for if time ran out. */
  readonly rounds: number
  readonly minutes: number
  readonly failures: readonly string[]
}

const INTRODUCTION = `# Benchmarks

What parley costs and how fast it is, next to two others that \`npm run bench\` measures in the same run through the
same pipes: **bare gossipsub**, js-libp2p with its defaults and nothing on top, the floor of what parley is built on;
and **bare TLS**, one TLS 1.3 socket for each pair and a line of JSON for each message, the floor of any encrypted
chat in Node. Neither keeps a history, repairs a loss or knows who is there. This page is written by the bench.`

const READING = `## How to read it

- Everything runs on one machine, as real processes on the loopback: what the network would add is missing, and all
  processes share its cores with the bench, which writes and reads their lines. So the numbers say little about your
  machine and nothing about the internet. The **ratios** do: the systems take turns within each round, and a ratio
  compares the two of one round.
- A ratio is parley's figure divided by the other's. Of deliveries a second more is better, of all else less.
- A figure is the median of all rounds, and in brackets the least and the most. Where these are far apart, the median
  is not worth much either.
- All programs are bundled, and V8's compiled code is cached as it is from the second start on.
- A text has 200 characters. A *delivery* is one message shown by one process that did not write it. *Lost* is what
  was not shown when nothing had come for 5 seconds.
- The CPU time is that of all processes of the system, helper included, but not the bench's. The bytes are those of
  the loopback with all headers, in a network namespace of its own; without root they are not available.
- In large groups bare gossipsub is given a tenth of the messages of a burst, since all of them would take minutes.`

const HEADINGS: Readonly<Record<Measure, string>> = {
  start: `## Start

From the start of a process until it is ready and until it is of use, in a room where one other peer talks. The peers
of the baselines are told each other's address; those of parley ask the helper.`,
  latency: `## Latency

One process says 20 messages a second. From before a line is written to the one program until it is read from the
other.`,
  throughput: `## Throughput

One process, or each of them, writes messages as fast as they are taken in. The time ends with the last delivery.`,
  memory: `## At rest

Resident memory of each process of a room of four in which nobody says anything, and what it does all the same.`,
  parts: `## Costs of single steps

Inside one process, for each message or line.`,
}

/** Markdown. */
export function renderPage(outcome: Outcome): string {
  const { options, sheet } = outcome
  const sections = options.measures.flatMap(measure => {
    const tables = sheet.tables(measure).map(table => renderTable(sheet, table))
    return tables.length === 0 ? [] : [HEADINGS[measure], ...tables]
  })
  return `${[INTRODUCTION, renderRun(outcome), READING, ...sections].join('\n\n')}\n`
}

function renderRun({ options, load, rounds, minutes, failures }: Outcome): string {
  const [cpu] = cpus()
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`
  const command = ['npm run bench', ...(options.words.length > 0 ? ['--', ...options.words] : [])].join(' ')
  const asked = rounds < options.runs ? ` of ${options.runs}, because time ran out` : ''
  const lines = [
    `- ${new Date().toISOString().slice(0, 10)}, \`${command}\`: rounds: ${rounds}${asked}; ${minutes.toFixed(1)} minutes`,
    `- ${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memory}, Linux ${release()}, Node ${process.version}`,
    `- ${renderLoad(load)}`,
    ...failures.map(failure => `- **Not measured:** ${failure}`),
  ]
  return `## This run\n\n${lines.join('\n')}`
}

function renderLoad({ shares, disturbed }: ForeignLoad): string {
  const spread = spreadOf(shares)
  if (spread === undefined) return 'nothing was measured'
  const [median, max] = [spread.median, spread.max].map(share => `${Math.round(share * 100)} %`)
  const usual = `other programs used ${median} of all cores (median; at most ${max} during one measurement)`
  const warning = ' **The figures are disturbed: repeat the run on a quiet machine.**'
  return `${usual}; ${disturbed} of ${shares.length} measurements were disturbed.${disturbed > 0 ? warning : ''}`
}

function renderTable(sheet: Sheet, table: string): string {
  const columns = sheet.columns(table).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
  const compared = BASELINES.filter(name => columns.includes(name) && columns.includes(PARLEY))
  const head = [table, ...columns, ...compared.map(name => `${PARLEY} ÷ ${name}`)]
  const rows = sheet.rows(table).map(row => {
    const figures = columns.map(column => sheet.spread(table, row, column))
    const ratios = compared.map(name => sheet.ratio(table, row, [PARLEY, name]))
    return [row, ...[...figures, ...ratios].map(renderSpread)]
  })
  const rule = ['---', ...head.slice(1).map(() => '---:')]
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function renderSpread(spread: Spread | undefined): string {
  if (spread === undefined) return 'n/a'
  const { median, min, max } = spread
  return min === max ? number(median) : `${number(median)} (${number(min)}–${number(max)})`
}

/** Three digits, or all of those before the point. */
function number(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
  return rounded.toLocaleString('en-US', { maximumSignificantDigits: 12 })
}
