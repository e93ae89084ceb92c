/**
 * What has come of a partner's round so far, and whether it keeps to what it was asked: ranges in order, within those
 * that it was sent prints of; chains in order, where something was listed or asked for.
 */
import type { ChainKey } from '../../protocol/frontier.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import type { Bound, Range } from '../../protocol/ranges.ts'
import { END, START } from '../../protocol/ranges.ts'
import type { Region } from './round.ts'
import { MAX_SPLIT } from './round.ts'

/** Ranges in one round: two frontiers of `MAX_CHAINS` that have nothing in common need no more. */
const MAX_ROUND_RANGES = 4 * MAX_CHAINS

export class Reading {
  readonly asked: number[] = []
  /** What I sent prints of, and where I want to be told chains, in order; each is gone through once. */
  readonly #printed: readonly Region[]
  readonly #open: readonly Region[]
  /** Where the partner listed something, and the number of the first chain there. */
  readonly #lists: { readonly region: Region; readonly from: number }[] = []
  #printedAt = 0
  #openAt = 0
  /** Ranges that came in place of the one at `printedAt`, and in all. */
  #pieces = 0
  #ranges = 0
  /** Up to where the ranges, and the chains, have come. */
  #reached: Bound = START
  #told: ChainKey = ''
  #listed = 0
  #asks: 'nothing' | 'something' = 'nothing'

  constructor(printed: readonly Region[], open: readonly Region[]) {
    this.#printed = printed
    this.#open = open
  }

  /** True if something has to be said to it. */
  get asks(): boolean {
    return this.#asks === 'something' || this.asked.length > 0
  }

  /** The region that a range is about; undefined if it isn't in its place, or about something that I didn't ask. */
  takeRange(range: Range): Region | undefined {
    const region = { from: this.#reached, to: range.bound }
    if (region.to <= region.from || ++this.#ranges > MAX_ROUND_RANGES) return undefined
    this.#reached = region.to
    if (range.kind === 'settled') return region
    this.#asks = 'something'
    if (range.kind === 'list') {
      this.#lists.push({ region, from: this.#listed })
      this.#listed += range.marks.length
    }
    return this.#isPrinted(region) && this.#listed <= MAX_CHAINS ? region : undefined
  }

  /** The number of the first chain in the list that came last. */
  get firstListed(): number {
    return this.#lists.at(-1)?.from ?? 0
  }

  /** False if it isn't in its place, or was neither listed nor asked for. */
  takeTold(key: ChainKey): boolean {
    if (key <= this.#told) return false
    this.#told = key
    while ((this.#open[this.#openAt]?.to ?? END) <= key) this.#openAt++
    const open = this.#open[this.#openAt]
    return open !== undefined && open.from <= key
  }

  /** False if it isn't in its place, or is none of the `count` that I listed. */
  takeAsked(index: number, count: number): boolean {
    if (index >= count || index <= (this.asked.at(-1) ?? -1)) return false
    this.asked.push(index)
    return true
  }

  /** Where the partner listed chains of these numbers, which ascend. */
  listsOf(indices: readonly number[]): readonly Region[] {
    let next = 0
    return this.#lists.flatMap(({ region }, number) => {
      const end = this.#lists[number + 1]?.from ?? this.#listed
      const first = next
      while ((indices[next] ?? end) < end) next++
      return next > first ? region : []
    })
  }

  /** True if a region lies within one that I sent a print of, and isn't one too many in its place. */
  #isPrinted({ from, to }: Region): boolean {
    while ((this.#printed[this.#printedAt]?.to ?? END) <= from) {
      this.#printedAt++
      this.#pieces = 0
    }
    const printed = this.#printed[this.#printedAt]
    return printed !== undefined && printed.from <= from && to <= printed.to && ++this.#pieces <= MAX_SPLIT
  }
}
