/** All figures of a run, and what is said about them: median, spread, and the ratio of two systems. */
import type { Measure } from './options.ts'

export interface Figure {
  readonly measure: Measure
  /** Which of the measure's tables. */
  readonly table: string
  /** What it is, with its unit. */
  readonly row: string
  /** Of which system. */
  readonly column: string
  /** Which round it is of, from 1. */
  readonly run: number
  /** Undefined where it can't be measured. */
  readonly value: number | undefined
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export class Sheet {
  readonly #figures: Figure[] = []

  note(figure: Figure): void {
    const { value } = figure
    this.#figures.push(Number.isFinite(value) ? figure : { ...figure, value: undefined })
  }

  /** Names of a measure's tables, in the order in which they were filled. */
  tables(measure: Measure): readonly string[] {
    return distinct(this.#figures.filter(figure => figure.measure === measure).map(({ table }) => table))
  }

  rows(table: string): readonly string[] {
    return distinct(this.#of({ table }).map(({ row }) => row))
  }

  columns(table: string): readonly string[] {
    return distinct(this.#of({ table }).map(({ column }) => column))
  }

  /** Of all rounds together; undefined if nothing was measured. */
  spread(table: string, row: string, column: string): Spread | undefined {
    return spreadOf(this.#of({ table, row, column }).flatMap(({ value }) => value ?? []))
  }

  /** How many times the second column's value the first's is: within each round, whose circumstances they share. */
  ratio(table: string, row: string, columns: readonly [string, string]): Spread | undefined {
    const [over, under] = columns.map(column => this.#of({ table, row, column }))
    const runs = distinct(over?.map(({ run }) => run) ?? [])
    const ratios = runs.map(run => medianOf(over, run) / medianOf(under, run))
    return spreadOf(ratios.filter(Number.isFinite))
  }

  #of(wanted: Partial<Figure>): readonly Figure[] {
    const fields = Object.entries(wanted)
    return this.#figures.filter(figure => {
      const known: ReadonlyMap<string, unknown> = new Map(Object.entries(figure))
      return fields.every(([name, value]) => known.get(name) === value)
    })
  }
}

/** Undefined for no values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  return min === undefined || max === undefined ? undefined : { min, median: quantile(sorted, 0.5), max }
}

/** The value below which this share of ascending values lies; between two of them in proportion. NaN for none. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

function medianOf(figures: readonly Figure[] | undefined, run: number): number {
  const values = figures?.filter(figure => figure.run === run).flatMap(({ value }) => value ?? []) ?? []
  return spreadOf(values)?.median ?? Number.NaN
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)]
}
