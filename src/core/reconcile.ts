/**
 * Finds which chains differ between two frontiers without sending either: range-based set reconciliation
 * (https://arxiv.org/abs/2212.13567), over chains instead of messages. In turn the two sides say what they hold in
 * ranges of the sorted frontier: equal prints settle a range; where they differ it is divided, or listed if it has few
 * chains; a list is answered with one's own chains that differ from it. A round that asks nothing is the last.
 *
 * One side's part of it is a `Reconciliation`. It believes nothing: a round must keep to what it was asked, in order,
 * and what breaks a rule is 'wrong' for every honest peer alike. That bounds the rounds, too: whatever the partner says
 * of a range that I sent a print of, I divide what I hold there, and list it soon.
 */
import type { ChainHeads, ChainKey } from './frontier.ts'
import { hasSameHeads, keyOf } from './frontier.ts'
import { MAX_CHAINS } from './limits.ts'
import type { Bound, Range } from './range.ts'
import { boundBetween, END, START } from './range.ts'
import type { Region, RoundPart } from './round.ts'
import { Draft } from './round.ts'

/** Into how many ranges one is divided, at most: more cost bytes, fewer cost rounds. */
export const MAX_SPLIT = 16
/** So many chains are listed rather than divided. */
const LEAF_CHAINS = 2
/** Ranges in one round: two frontiers of `MAX_CHAINS` that have nothing in common need no more. */
const MAX_ROUND_RANGES = 4 * MAX_CHAINS

/**
 * What follows from a part: another one comes, or it is my turn, or all is known; if so after my last round, which
 * asks nothing, or without one.
 */
export type Turn = 'theirs' | 'mine' | 'mine and over' | 'over' | 'wrong'

/** What is read while a round comes in. */
interface Reading {
  /** What I sent prints of, and what I listed, in my last round; each is gone through once. */
  readonly printed: readonly Region[]
  readonly listed: readonly Region[]
  printedAt: number
  listedAt: number
  /** Ranges that came in place of the one that stands at `printedAt`. */
  pieces: number
  /** Up to where the ranges, and the answers, have come. */
  reached: Bound
  answered: ChainKey
  ranges: number
}

export class Reconciliation {
  readonly #mine: readonly ChainHeads[]
  readonly #keys: readonly ChainKey[]
  readonly #printOf: (chains: readonly ChainHeads[]) => string
  readonly #theirs: ChainHeads[] = []
  #reading = reading([{ from: START, to: END }], [])
  #draft = new Draft()
  #asked: 'nothing' | 'something' = 'nothing'

  /** `mine` is sorted; `printOf` makes the print of some of it. */
  constructor(mine: readonly ChainHeads[], printOf: (chains: readonly ChainHeads[]) => string) {
    this.#mine = mine
    this.#keys = mine.map(keyOf)
    this.#printOf = printOf
  }

  /** The partner's chains whose heads differ from mine, or that I don't have: all of them once it is over. */
  get theirs(): readonly ChainHeads[] {
    return this.#theirs
  }

  /** My first round, if I begin. */
  begin(): Iterable<RoundPart> {
    this.#divide({ from: START, to: END })
    return this.reply()
  }

  /** My round, once it is my turn. */
  reply(): Iterable<RoundPart> {
    const draft = this.#draft
    this.#draft = new Draft()
    this.#reading = reading(draft.printed, draft.listed)
    this.#asked = 'nothing'
    return draft.parts()
  }

  /** Takes a part of the partner's round. */
  take({ ranges, answer, part }: RoundPart): Turn {
    const isFine =
      ranges.every(range => this.#takeRange(range)) && answer.every(chain => this.#takeAnswer(chain))
    if (!isFine || this.#theirs.length > MAX_CHAINS) return 'wrong'
    if (part === 'more') return ranges.length + answer.length > 0 ? 'theirs' : 'wrong'
    if (this.#asked === 'nothing') return 'over'
    return this.#draft.asks ? 'mine' : 'mine and over'
  }

  /** False if the range isn't in its place, or about something that I didn't ask. */
  #takeRange(range: Range): boolean {
    const now = this.#reading
    const region = { from: now.reached, to: range.bound }
    if (region.to <= region.from || ++now.ranges > MAX_ROUND_RANGES) return false
    now.reached = region.to
    if (range.kind === 'settled') return true
    this.#asked = 'something'
    if (!isAsked(now, region)) return false
    if (range.kind === 'list') return this.#answer(region, range.chains)
    this.#compare(region, range.print)
    return true
  }

  #compare(region: Region, print: string): void {
    const mine = this.#mine.slice(...this.#span(region))
    if (this.#printOf(mine) === print) return
    if (mine.length > LEAF_CHAINS) this.#divide(region)
    else this.#draft.list(region, mine)
  }

  /** My chains that differ from a list go back. False if the list isn't one of this region. */
  #answer(region: Region, listed: readonly ChainHeads[]): boolean {
    const [first, end] = this.#span(region)
    const mine = new Map(this.#mine.slice(first, end).map(chain => [keyOf(chain), chain]))
    let last: ChainKey | undefined
    for (const chain of listed) {
      const key = keyOf(chain)
      if (key < region.from || key >= region.to || (last !== undefined && key <= last)) return false
      last = key
      const known = mine.get(key)
      if (known !== undefined && hasSameHeads(known, chain)) mine.delete(key)
      else this.#theirs.push(chain)
    }
    this.#draft.answer.push(...mine.values())
    return true
  }

  /** False if it is no answer to one of my lists, or nothing new. */
  #takeAnswer(chain: ChainHeads): boolean {
    const now = this.#reading
    const key = keyOf(chain)
    if (key <= now.answered) return false
    now.answered = key
    while ((now.listed[now.listedAt]?.to ?? END) <= key) now.listedAt++
    const listed = now.listed[now.listedAt]
    if (listed === undefined || key < listed.from) return false
    const mine = this.#mine[this.#countBefore(key)]
    if (mine !== undefined && keyOf(mine) === key && hasSameHeads(mine, chain)) return false
    this.#theirs.push(chain)
    return true
  }

  /** Divides what I hold of a region by number, as evenly as it goes. */
  #divide(region: Region): void {
    const [first, end] = this.#span(region)
    const pieces = Math.max(1, Math.min(MAX_SPLIT, end - first))
    const cut = (piece: number): number => first + Math.floor(((end - first) * piece) / pieces)
    let { from } = region
    for (let piece = 0; piece < pieces; piece++) {
      const next = cut(piece + 1)
      const to = piece + 1 < pieces ? boundBetween(this.#keyAt(next - 1), this.#keyAt(next)) : region.to
      this.#draft.print({ from, to }, this.#printOf(this.#mine.slice(cut(piece), next)))
      from = to
    }
  }

  /** Which of mine are in a region: the first, and the one after the last. */
  #span({ from, to }: Region): [number, number] {
    return [this.#countBefore(from), this.#countBefore(to)]
  }

  #countBefore(bound: Bound | ChainKey): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#keyAt(middle) < bound) low = middle + 1
      else high = middle
    }
    return low
  }

  #keyAt(index: number): ChainKey {
    return this.#keys[index] ?? END
  }
}

function reading(printed: readonly Region[], listed: readonly Region[]): Reading {
  return { printed, listed, printedAt: 0, listedAt: 0, pieces: 0, reached: START, answered: '', ranges: 0 }
}

/** True if a region lies within one that I sent a print of, and isn't one too many in its place. */
function isAsked(now: Reading, { from, to }: Region): boolean {
  while ((now.printed[now.printedAt]?.to ?? END) <= from) {
    now.printedAt++
    now.pieces = 0
  }
  const asked = now.printed[now.printedAt]
  return asked !== undefined && asked.from <= from && to <= asked.to && ++now.pieces <= MAX_SPLIT
}
