/**
 * The page that a run ends with: how to read it, and a section for each measure, which says when and of which version
 * it was measured. What a run didn't measure stays on the page as it was.
 */
import { spawnSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import type { ForeignLoad } from './foreign-load.ts'
import type { Measure, Options } from './options.ts'
import { MEASURES } from './options.ts'
import { HEADINGS, INTRODUCTION, READING } from './page-texts.ts'
import type { Sheet, Spread } from './sheet.ts'
import { spreadOf } from './sheet.ts'
import { BASELINES, SUBJECTS } from './system.ts'

/** Of columns; each round fills them in another one. */
const ORDER: readonly string[] = [...SUBJECTS, ...BASELINES]

export interface Outcome {
  readonly options: Options
  readonly sheet: Sheet
  readonly load: ForeignLoad
  /** Rounds that were measured; fewer than asked for if time ran out. */
  readonly rounds: number
  readonly minutes: number
  readonly failures: readonly string[]
}

/** Markdown. `before`: the page as it was, if there was one. */
export function renderPage(outcome: Outcome, before = ''): string {
  const known = sectionsOf(before)
  const sections = MEASURES.flatMap(measure => {
    return renderSection(outcome, measure) ?? known.get(titleOf(HEADINGS[measure])) ?? []
  })
  return `${[INTRODUCTION, READING, ...sections].join('\n\n')}\n`
}

/** By their titles. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const sections = page.split(/^(?=## )/m).map(section => section.trim())
  return new Map(sections.map(section => [titleOf(section), section]))
}

function titleOf(section: string): string {
  return section.split('\n', 1)[0] ?? ''
}

/** Undefined if nothing of it was measured. */
function renderSection(outcome: Outcome, measure: Measure): string | undefined {
  const { sheet } = outcome
  const tables = sheet.tables(measure).map(table => renderTable(sheet, table))
  return tables.length === 0 ? undefined : [HEADINGS[measure], renderRun(outcome), ...tables].join('\n\n')
}

function renderRun({ options, load, rounds, minutes, failures }: Outcome): string {
  const [cpu] = cpus()
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`
  const command = ['npm run bench', ...(options.words.length > 0 ? ['--', ...options.words] : [])].join(' ')
  const asked = rounds < options.runs ? ` of ${options.runs}, because time ran out` : ''
  const lines = [
    `${new Date().toISOString().slice(0, 10)}, version ${version()}, \`${command}\`: rounds: ${rounds}${asked}; ${minutes.toFixed(1)} minutes.`,
    `${cpu?.model.trim() ?? 'Unknown processor'}, ${cpus().length} cores, ${memory}, Linux ${release()}, Node ${process.version}.`,
    renderLoad(load),
    ...failures.map(failure => `**Not measured:** ${failure}.`),
  ]
  return lines.map(line => `> ${line}`).join('\n')
}

/** Of the sources that were measured: the last commit, and whether anything was changed since. */
function version(): string {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty=, changed'], { encoding: 'utf8' })
  return stdout?.trim() || 'unknown'
}

function renderLoad({ shares, disturbed }: ForeignLoad): string {
  const spread = spreadOf(shares)
  if (spread === undefined) return 'Nothing was measured.'
  const [median, max] = [spread.median, spread.max].map(share => `${Math.round(share * 100)} %`)
  const usual = `Other programs used ${median} of all cores (median; at most ${max} during one measurement)`
  const warning = ' **The figures are disturbed: repeat the run on a quiet machine.**'
  return `${usual}; ${disturbed} of ${shares.length} measurements were disturbed.${disturbed > 0 ? warning : ''}`
}

function renderTable(sheet: Sheet, table: string): string {
  const columns = sheet.columns(table).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
  const pairs = pairsOf(columns)
  const head = [table, ...columns, ...pairs.map(pair => pair.join(' ÷ '))]
  const rows = sheet.rows(table).map(row => {
    const figures = columns.map(column => sheet.spread(table, row, column))
    const ratios = pairs.map(pair => sheet.ratio(table, row, pair))
    return [row, ...[...figures, ...ratios].map(renderSpread)]
  })
  const rule = ['---', ...head.slice(1).map(() => '---:')]
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** The last of ours, which is most like them, with each of the others. */
function pairsOf(columns: readonly string[]): readonly (readonly [string, string])[] {
  const subject = columns.findLast(name => SUBJECTS.includes(name))
  if (subject === undefined) return []
  return BASELINES.filter(name => columns.includes(name)).map(name => [subject, name] as const)
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
