/** The tables of the page, in Markdown. */
import type { Outcome } from '../faults/fault.ts'
import { FAULTS } from '../faults/faults.ts'
import type { Met } from '../pairs/meeting.ts'
import { PAIRS } from '../pairs/pairs.ts'
import type { Weather } from '../pairs/weather.ts'
import { titleOfWeather } from '../pairs/weather.ts'
import type { Verdict } from './jobs.ts'

/** Trials of one pair in one weather have this title. */
export function titleOfMeeting(pair: string, weather: Weather): string {
  return `${pair}, ${titleOfWeather(weather)}`
}

/** Which path, in how many of the runs, and after how long both had it. */
export function pathTable(verdicts: readonly Verdict<Met>[], weathers: readonly Weather[]): string {
  return meetingTable(verdicts, weathers, 'path, runs, seconds until both have it', trials => {
    const paths = [...new Set(trials.map(({ path }) => path ?? 'no agreement'))].sort()
    return paths.map(path => {
      const such = trials.filter(trial => (trial.path ?? 'no agreement') === path)
      const times = such.map(trial => (path === 'direct' ? trial.directMs : trial.relayedMs))
      return `${path} ${such.length}/${trials.length}, ${spread(times)}`
    })
  })
}

/** After how long each has read what the other one says. */
export function wordTable(verdicts: readonly Verdict<Met>[], weathers: readonly Weather[]): string {
  return meetingTable(verdicts, weathers, 'seconds until both have read the other', trials => [
    spread(trials.map(({ firstWordMs }) => firstWordMs)),
  ])
}

export function faultTable(verdicts: readonly Verdict<Outcome>[]): string {
  const head = [
    'fault',
    'healed',
    'noticed first',
    'noticed last',
    'all hear all again',
    'helper back',
    'wrongly lost',
  ]
  const rows = FAULTS.map(({ title }) => {
    const own = verdicts.filter(verdict => verdict.title === title)
    if (own.length === 0) return undefined
    const done = own.flatMap(verdict => (verdict.kind === 'done' ? [verdict.result] : []))
    return [
      title,
      `${done.length}/${own.length}`,
      spread(done.map(({ noticedMs }) => noticedMs?.[0])),
      spread(done.map(({ noticedMs }) => noticedMs?.[1])),
      spread(done.map(({ recoveredMs }) => recoveredMs)),
      spread(done.map(({ helperBackMs }) => helperBackMs)),
      done.map(({ wronglyLost }) => wronglyLost).join(', '),
    ]
  })
  return table(head, rows)
}

/** What went wrong, a line each. */
export function failureList(verdicts: readonly Verdict<unknown>[]): string {
  const lines = verdicts.flatMap(verdict =>
    verdict.kind === 'failed' ? [`- **Failed:** ${verdict.title}: ${verdict.reason}`] : [],
  )
  return lines.length === 0
    ? 'Every run ended with the same whole log on both or all sides.'
    : lines.join('\n')
}

function meetingTable(
  verdicts: readonly Verdict<Met>[],
  weathers: readonly Weather[],
  corner: string,
  cell: (trials: readonly Met[]) => readonly string[],
): string {
  const rows = PAIRS.map(pair => {
    const cells = weathers.map(weather => {
      const own = verdicts.filter(({ title }) => title === titleOfMeeting(pair.title, weather))
      const done = own.flatMap(verdict => (verdict.kind === 'done' ? [verdict.result] : []))
      const failed = own.length === done.length ? [] : [`failed ${own.length - done.length}/${own.length}`]
      return own.length === 0 ? '' : [...(done.length === 0 ? [] : cell(done)), ...failed].join('; ')
    })
    return cells.every(text => text === '') ? undefined : [pair.title, ...cells]
  })
  return table([corner, ...weathers.map(titleOfWeather)], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[] | undefined)[]): string {
  const lines = [head, head.map(() => '---'), ...rows.filter(row => row !== undefined)]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Median, and the extremes where they differ, in seconds; a dash if nothing was measured. */
function spread(times: readonly (number | undefined)[]): string {
  const sorted = times.filter(time => time !== undefined).toSorted((a, b) => a - b)
  const [least, median, most] = [sorted[0], medianOf(sorted), sorted.at(-1)].map(seconds)
  if (median === undefined) return '–'
  return least === most ? median : `${median} (${least}–${most})`
}

/** Of sorted numbers; undefined if there are none. */
function medianOf(sorted: readonly number[]): number | undefined {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : (ms / 1_000).toFixed(1)
}
