/**
 * One round of a reconciliation: ranges that cover a frontier in order, and chains in answer to the lists of the round
 * before. Here it is put together, and cut into parts that fit into messages.
 */
import type { ChainHeads } from './frontier.ts'
import type { Bound, Range } from './range.ts'
import { START } from './range.ts'

/** Ranges in one part of a round, and chains in its lists and answers together. */
export const MAX_PART_RANGES = 1_024
export const MAX_PART_CHAINS = 128

export interface RoundPart {
  readonly ranges: readonly Range[]
  /** My chains that differ from what was listed, ascending. */
  readonly answer: readonly ChainHeads[]
  readonly part: 'more' | 'last'
}

/** The keys from one bound up to another. */
export interface Region {
  readonly from: Bound
  readonly to: Bound
}

/** A round in the making. Ranges are added in ascending order; what is left out between them counts as settled. */
export class Draft {
  readonly printed: Region[] = []
  readonly listed: Region[] = []
  readonly answer: ChainHeads[] = []
  readonly #ranges: Range[] = []
  #end: Bound = START

  /** True if the partner has to say something to it. */
  get asks(): boolean {
    return this.#ranges.length > 0
  }

  print(region: Region, print: string): void {
    this.#reach(region)
    this.printed.push(region)
    this.#ranges.push({ kind: 'print', bound: region.to, print })
  }

  list(region: Region, chains: readonly ChainHeads[]): void {
    this.#reach(region)
    this.listed.push(region)
    this.#ranges.push({ kind: 'list', bound: region.to, chains })
  }

  /** All of it, cut into parts; at least one. */
  *parts(): Generator<RoundPart, void> {
    let answered = 0
    for (const { ranges, room } of this.#groups()) {
      const answer = this.answer.slice(answered, answered + room)
      answered += answer.length
      const isLast = room > 0 && answered === this.answer.length
      yield { ranges, answer, part: isLast ? 'last' : 'more' }
      if (isLast) return
    }
  }

  /** Ranges that go together, and how many answers may go with them: first all ranges, then only answers. */
  *#groups(): Generator<{ readonly ranges: readonly Range[]; readonly room: number }, never> {
    let ranges: Range[] = []
    let chains = 0
    for (const range of this.#ranges) {
      const more = range.kind === 'list' ? range.chains.length : 0
      if (ranges.length === MAX_PART_RANGES || chains + more > MAX_PART_CHAINS) {
        yield { ranges, room: 0 }
        ranges = []
        chains = 0
      }
      ranges.push(range)
      chains += more
    }
    if (chains === MAX_PART_CHAINS) {
      yield { ranges, room: 0 }
      ranges = []
      chains = 0
    }
    yield { ranges, room: MAX_PART_CHAINS - chains }
    for (;;) yield { ranges: [], room: MAX_PART_CHAINS }
  }

  #reach({ from, to }: Region): void {
    if (this.#end !== from) this.#ranges.push({ kind: 'settled', bound: from })
    this.#end = to
  }
}
