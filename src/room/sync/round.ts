/**
 * One round of a reconciliation: ranges that cover a frontier in order, chains that answer the round before, and
 * questions about it. Here it is put together, and cut into parts that fit into messages.
 */
import type { ChainHeads } from '../../protocol/frontier.ts'
import type { Bound, Mark, Range, RoundPart } from '../../protocol/ranges.ts'
import { MAX_PART_CHAINS, MAX_PART_MARKS, MAX_PART_RANGES, START } from '../../protocol/ranges.ts'

/** Into how many ranges one is divided, at most: more cost bytes, fewer cost rounds. */
export const MAX_SPLIT = 16
/** The keys from one bound up to another. */
export interface Region {
  readonly from: Bound
  readonly to: Bound
}

/** A round in the making. Ranges are added in ascending order; what is left out between them counts as settled. */
export class Draft {
  readonly printed: Region[] = []
  /** The regions of my lists, and all chains in them. */
  readonly listed: Region[] = []
  readonly chains: ChainHeads[] = []
  readonly told: ChainHeads[] = []
  readonly asked: number[] = []
  readonly #ranges: Range[] = []
  #end: Bound = START

  /** True if the partner has to say something to it. */
  get asks(): boolean {
    return this.#ranges.length + this.asked.length > 0
  }

  print(region: Region, print: string): void {
    this.#reach(region)
    this.printed.push(region)
    this.#ranges.push({ kind: 'print', bound: region.to, print })
  }

  list(region: Region, chains: readonly ChainHeads[], markOf: (chain: ChainHeads) => Mark): void {
    this.#reach(region)
    this.listed.push(region)
    this.chains.push(...chains)
    this.#ranges.push({ kind: 'list', bound: region.to, marks: chains.map(markOf) })
  }

  /** All of it, cut into parts; at least one. */
  *parts(): Generator<RoundPart, void> {
    const ranges = cutRanges(this.#ranges)
    const told = cut(this.told, MAX_PART_CHAINS)
    const asked = cut(this.asked, MAX_PART_MARKS)
    const count = Math.max(1, ranges.length, told.length, asked.length)
    for (let index = 0; index < count; index++) {
      yield {
        ranges: ranges[index] ?? [],
        told: told[index] ?? [],
        asked: asked[index] ?? [],
        part: index + 1 < count ? 'more' : 'last',
      }
    }
  }

  #reach({ from, to }: Region): void {
    if (this.#end !== from) this.#ranges.push({ kind: 'settled', bound: from })
    this.#end = to
  }
}

function cutRanges(all: readonly Range[]): Range[][] {
  const parts: Range[][] = []
  let marks = 0
  for (const range of all) {
    const more = range.kind === 'list' ? range.marks.length : 0
    const last = parts.at(-1)
    if (last === undefined || last.length === MAX_PART_RANGES || marks + more > MAX_PART_MARKS) {
      parts.push([range])
      marks = more
    } else {
      last.push(range)
      marks += more
    }
  }
  return parts
}

function cut<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
