/** The command line of the page of figures. */
import { parseArgs } from 'node:util'
import type { Weather } from '../pairs/weather.ts'
import { WEATHERS } from '../pairs/weather.ts'

const MEASURES = ['paths', 'faults'] as const
type Measure = (typeof MEASURES)[number]

export interface Options {
  readonly measures: readonly Measure[]
  /** Of each pair in each weather. */
  readonly runs: number
  /** Of each fault. */
  readonly faultRuns: number
  readonly weathers: readonly Weather[]
  /** Laboratories at once. */
  readonly parallel: number
  /** Parts of titles of which one has to be in what is measured. */
  readonly titles: readonly string[]
  /** The page to put the tables into; undefined to print them only. */
  readonly out: string | undefined
}

/** Reads the arguments. Throws a `TypeError` or `RangeError` with a line that says what is wrong. */
export function readOptions(args: readonly string[], page: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '10' },
      'fault-runs': { type: 'string', default: '3' },
      weather: { type: 'string' },
      parallel: { type: 'string', default: '2' },
      titles: { type: 'string', default: '' },
      out: { type: 'string' },
    },
  })
  const isWhole = values.only === undefined && values.titles === '' && values.weather === undefined
  return {
    measures: values.only === undefined ? MEASURES : values.only.split(',').map(measureOf),
    runs: count('--runs', values.runs),
    faultRuns: count('--fault-runs', values['fault-runs']),
    weathers: values.weather === undefined ? WEATHERS : values.weather.split(',').map(weatherOf),
    parallel: count('--parallel', values.parallel),
    titles: values.titles.split(','),
    out: values.out ?? (isWhole ? page : undefined),
  }
}

function measureOf(word: string): Measure {
  const measure = MEASURES.find(known => known === word)
  if (measure === undefined) throw new RangeError(`--only takes ${MEASURES.join(', ')}, not ${word}`)
  return measure
}

function count(option: string, word: string): number {
  const value = Number(word)
  if (Number.isInteger(value) && value >= 1 && value <= 1_000) return value
  throw new RangeError(`${option} takes a whole number from 1 to 1000, not ${word}`)
}

/** `40` is 40 ms one way, `40/2` the same with 2 % loss. */
function weatherOf(word: string): Weather {
  const [delayMs = Number.NaN, lossPercent = 0] = word.split('/').map(Number)
  if (delayMs >= 0 && lossPercent >= 0 && lossPercent <= 100) return { delayMs, lossPercent }
  throw new RangeError(`--weather takes milliseconds or milliseconds/percent, not ${word}`)
}
