/** The bench's own command line, and how much is measured at each size of run. */
import { parseArgs } from 'node:util'

export const MEASURES = [
  'start',
  'latency',
  'throughput',
  'memory',
  'parts',
  'log',
  'sync',
  'screen',
] as const
export type Measure = (typeof MEASURES)[number]

export interface Options {
  readonly measures: readonly Measure[]
  /** Rounds; each measures everything once. */
  readonly runs: number
  /** Sizes of the groups that talk. */
  readonly processes: readonly number[]
  /** Starts of each system in a round. */
  readonly starts: number
  /** How long one sender speaks at a steady pace. */
  readonly pacedSeconds: number
  /** Messages as fast as they are accepted: from one sender alone, and from each of all. */
  readonly burst: { readonly one: number; readonly all: number }
  /** Messages in the log that is written and read. */
  readonly logMessages: number
  /** Messages in the rooms that are synchronised. */
  readonly syncMessages: number
  /** Messages in the window of the screen, and keys that are pressed then. */
  readonly screenMessages: number
  readonly keys: number
  /** How long peers do nothing before their memory is read. */
  readonly idleSeconds: number
  /** The arguments that made it so, without `--out`. */
  readonly words: readonly string[]
  /** Where the page goes, besides standard output; undefined for nowhere. */
  readonly out: string | undefined
}

const FULL = {
  runs: 3,
  processes: [4, 16],
  starts: 3,
  pacedSeconds: 10,
  burst: { one: 5_000, all: 500 },
  logMessages: 1_000_000,
  syncMessages: 100_000,
  screenMessages: 10_000,
  keys: 400,
  idleSeconds: 10,
}
const QUICK = {
  runs: 1,
  processes: [4],
  starts: 1,
  pacedSeconds: 2,
  burst: { one: 500, all: 50 },
  logMessages: 100_000,
  syncMessages: 20_000,
  screenMessages: 1_000,
  keys: 50,
  idleSeconds: 2,
}

/** A group talks, and more than these would only wait for the cores. */
const PROCESSES = { least: 2, most: 32 }
const RUNS = { least: 1, most: 100 }

/** Reads the arguments. Throws a `RangeError` or a `TypeError` with a line that says what is wrong. */
export function readOptions(args: readonly string[], page: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      runs: { type: 'string' },
      processes: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const { quick, only, runs, processes, out } = values
  const scale = quick ? QUICK : FULL
  const isWhole = !quick && only === undefined
  return {
    ...scale,
    measures: only === undefined ? MEASURES : only.split(',').map(measureOf),
    runs: runs === undefined ? scale.runs : wholeNumber('--runs', runs, RUNS),
    processes:
      processes?.split(',').map(word => wholeNumber('--processes', word, PROCESSES)) ?? scale.processes,
    words: args.filter((word, at) => !word.startsWith('--out') && args[at - 1] !== '--out'),
    out: out ?? (isWhole ? page : undefined),
  }
}

function measureOf(word: string): Measure {
  const measure = MEASURES.find(known => known === word)
  if (measure === undefined) throw new RangeError(`--only takes ${MEASURES.join(', ')}, not ${word}`)
  return measure
}

function wholeNumber(option: string, word: string, { least, most }: typeof RUNS): number {
  const value = Number(word)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`${option} takes whole numbers from ${least} to ${most}, not ${word}`)
}
