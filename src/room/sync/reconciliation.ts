/**
 * Finds the chains that differ between two frontiers without sending either: range-based set reconciliation
 * (https://arxiv.org/abs/2212.13567) over chains. The sides take turns to describe ranges of the sorted
 * frontier. Equal fingerprints settle a range. If they differ, the range is divided; if it has few chains,
 * the side that has fewer lists them by short hashes. The other side sends its chains that aren't listed, and
 * requests those that it doesn't know. A round without requests is the last.
 *
 * A `Reconciliation` is one side of this. It trusts nothing: a round must answer what was asked, in order,
 * and what breaks a rule is 'wrong' for every honest peer alike.
 */
import type { ChainHeads, ChainKey } from '../../protocol/frontier.ts'
import { chainKey, hasSameHeads, isBehind } from '../../protocol/frontier.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import type { Bound, Range, RangeHashes, RoundPart, ShortHash } from '../../protocol/ranges.ts'
import {
  boundBetween,
  END,
  MAX_PART_CHAINS,
  MAX_PART_RANGES,
  MAX_PART_SHORT_HASHES,
  START,
} from '../../protocol/ranges.ts'

/** A range with at most this many chains is listed, not divided. */
const LEAF_CHAINS = 64
/**
 * Rounds of one side. Dividing by 16 reaches a list after three; the rest is for lists, answers and reserve.
 */
const MAX_ROUNDS = 12

/**
 * What follows a part: another part, my turn, or the end; the latter after my last round, which requests
 * nothing, or without one.
 */
export type TurnAfterPart = 'theirs' | 'mine' | 'mine and over' | 'over' | 'wrong'

/**
 * Which side lists its chains: the one with fewer, because it then needn't send the chains that it merely
 * lacks.
 */
export type Role = 'lists' | 'tells'

export class Reconciliation {
  readonly #mine: readonly ChainHeads[]
  readonly #keys: readonly ChainKey[]
  readonly #compare: RangeHashes
  readonly #role: Role
  readonly #theirs: ChainHeads[] = []
  readonly #sent: ChainHeads[] = []
  #reader = new RoundReader([{ from: START, to: END }], [])
  #builder = new RoundBuilder()
  /** The chains that I listed, which the partner may request. */
  #listed: readonly ChainHeads[] = []
  #rounds = 0

  /** `mine` is sorted. */
  constructor(mine: readonly ChainHeads[], compare: RangeHashes, role: Role) {
    this.#mine = mine
    this.#keys = mine.map(chainKey)
    this.#compare = compare
    this.#role = role
  }

  /** The partner's chains whose heads I lack, wholly or in part, in the order in which it sent them. */
  get theirs(): readonly ChainHeads[] {
    return this.#theirs
  }

  /** What I sent, in order. */
  get sent(): readonly ChainHeads[] {
    return this.#sent
  }

  /** My first round, if I begin. */
  begin(): Iterable<RoundPart> {
    this.#divide({ from: START, to: END })
    return this.reply()
  }

  /** My round, when it is my turn. */
  reply(): Iterable<RoundPart> {
    const draft = this.#builder
    this.#builder = new RoundBuilder()
    const asked = this.#reader.listsOf(draft.requested)
    this.#reader = new RoundReader(draft.fingerprinted, [...draft.listed, ...asked].sort(byPlace))
    this.#listed = draft.chains
    this.#sent.push(...draft.sent)
    return draft.parts()
  }

  /** Handles a part of the partner's round. */
  take({ ranges, chains, requested, part }: RoundPart): TurnAfterPart {
    const reading = this.#reader
    const isFine =
      ranges.every(range => this.#takeRange(range)) &&
      chains.every(chain => this.#takeChain(chain)) &&
      requested.every(index => reading.takeRequest(index, this.#listed.length))
    if (!isFine || this.#theirs.length > MAX_CHAINS) return 'wrong'
    if (part === 'more') return ranges.length + chains.length + requested.length > 0 ? 'theirs' : 'wrong'
    if (++this.#rounds > MAX_ROUNDS) return 'wrong'
    this.#sendRequested(reading.requested)
    if (!reading.needsAnswer) return 'over'
    return this.#builder.needsAnswer ? 'mine' : 'mine and over'
  }

  #takeRange(range: Range): boolean {
    const region = this.#reader.takeRange(range)
    if (region === undefined || range.kind === 'settled') return region !== undefined
    if (range.kind === 'list') this.#answer(region, range.marks)
    else this.#compareFingerprint(region, range.print)
    return true
  }

  #compareFingerprint(region: Region, print: string): void {
    const mine = this.#chainsIn(region)
    const own = this.#compare.fingerprintOf(mine)
    if (own === print) return
    if (mine.length > LEAF_CHAINS) this.#divide(region)
    else if (this.#role === 'lists') this.#builder.addList(region, mine, this.#compare.shortHashOf)
    // the same region goes back for the other side to list
    else this.#builder.addFingerprint(region, own)
  }

  /** Sends my chains that aren't in a list, and requests those in it that I lack. */
  #answer(region: Region, marks: readonly ShortHash[]): void {
    const mine = new Map(this.#chainsIn(region).map(chain => [this.#compare.shortHashOf(chain), chain]))
    const first = this.#reader.firstListed
    for (const [index, mark] of marks.entries()) {
      if (!mine.delete(mark)) this.#builder.requested.push(first + index)
    }
    this.#builder.sent.push(...mine.values())
  }

  /** False if the chain is out of order, or nothing new. */
  #takeChain(chain: ChainHeads): boolean {
    const key = chainKey(chain)
    const mine = this.#at(key)
    if (!this.#reader.takeChain(key) || (mine !== undefined && hasSameHeads(mine, chain))) return false
    this.#theirs.push(chain)
    return true
  }

  /** Answers the partner's requests. If it is merely ahead of me, I make the request. */
  #sendRequested(asked: readonly number[]): void {
    if (asked.length === 0) return
    const theirs = new Map(this.#theirs.map(chain => [chainKey(chain), chain]))
    for (const index of asked) {
      const mine = this.#listed[index]
      const other = mine && theirs.get(chainKey(mine))
      if (mine !== undefined && (other === undefined || !isBehind(mine, other))) this.#builder.sent.push(mine)
    }
    this.#builder.sent.sort((a, b) => (chainKey(a) < chainKey(b) ? -1 : 1))
  }

  /** Divides my chains in a region by number, as evenly as possible. */
  #divide(region: Region): void {
    const [first, end] = this.#span(region)
    const pieces = Math.max(1, Math.min(MAX_SPLIT, end - first))
    const cut = (piece: number): number => first + Math.floor(((end - first) * piece) / pieces)
    let { from } = region
    for (let piece = 0; piece < pieces; piece++) {
      const next = cut(piece + 1)
      const to = piece + 1 < pieces ? boundBetween(this.#keyAt(next - 1), this.#keyAt(next)) : region.to
      this.#builder.addFingerprint(
        { from, to },
        this.#compare.fingerprintOf(this.#mine.slice(cut(piece), next)),
      )
      from = to
    }
  }

  #chainsIn(region: Region): readonly ChainHeads[] {
    return this.#mine.slice(...this.#span(region))
  }

  /** The index of my first chain in a region, and of the one after the last. */
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

  #at(key: ChainKey): ChainHeads | undefined {
    const index = this.#countBefore(key)
    return this.#keyAt(index) === key ? this.#mine[index] : undefined
  }
}

function byPlace(a: Region, b: Region): number {
  return a.from < b.from ? -1 : 1
}

// One round of a reconciliation under construction: ranges that cover a frontier in order, chains that answer
// the previous round, and requests. It is cut into parts that fit into messages.

/** The most ranges into which one is divided: more cost bytes, fewer cost rounds. */
export const MAX_SPLIT = 16
/** The keys from one bound up to another. */
export interface Region {
  readonly from: Bound
  readonly to: Bound
}

/** A round under construction. Ranges are added in ascending order; gaps between them count as settled. */
class RoundBuilder {
  readonly fingerprinted: Region[] = []
  /** The regions that I list, and all chains in them. */
  readonly listed: Region[] = []
  readonly chains: ChainHeads[] = []
  readonly sent: ChainHeads[] = []
  readonly requested: number[] = []
  readonly #ranges: Range[] = []
  #end: Bound = START

  /** True if the partner has something to answer. */
  get needsAnswer(): boolean {
    return this.#ranges.length + this.requested.length > 0
  }

  addFingerprint(region: Region, print: string): void {
    this.#reach(region)
    this.fingerprinted.push(region)
    this.#ranges.push({ kind: 'print', bound: region.to, print })
  }

  addList(region: Region, chains: readonly ChainHeads[], markOf: (chain: ChainHeads) => ShortHash): void {
    this.#reach(region)
    this.listed.push(region)
    this.chains.push(...chains)
    this.#ranges.push({ kind: 'list', bound: region.to, marks: chains.map(markOf) })
  }

  /** The whole round, cut into parts; at least one. */
  *parts(): Generator<RoundPart, void> {
    const ranges = cutRanges(this.#ranges)
    const told = cut(this.sent, MAX_PART_CHAINS)
    const asked = cut(this.requested, MAX_PART_SHORT_HASHES)
    const count = Math.max(1, ranges.length, told.length, asked.length)
    for (let index = 0; index < count; index++) {
      yield {
        ranges: ranges[index] ?? [],
        chains: told[index] ?? [],
        requested: asked[index] ?? [],
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
    if (last === undefined || last.length === MAX_PART_RANGES || marks + more > MAX_PART_SHORT_HASHES) {
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

// The partner's current round, checked against what it was asked: ranges in order, within those whose
// fingerprints it received; chains in order, where chains were listed or requested.

/** Ranges in one round: two disjoint frontiers of `MAX_CHAINS` need no more. */
const MAX_ROUND_RANGES = 4 * MAX_CHAINS

class RoundReader {
  readonly requested: number[] = []
  /** The regions whose fingerprints I sent, and where I expect chains, in order; each is walked once. */
  readonly #fingerprinted: readonly Region[]
  readonly #open: readonly Region[]
  /** Where the partner listed chains, and the number of the first one there. */
  readonly #lists: { readonly region: Region; readonly from: number }[] = []
  #fingerprintedAt = 0
  #openAt = 0
  /** Ranges that replaced the one at `printedAt`, and all ranges. */
  #pieces = 0
  #ranges = 0
  /** How far the ranges and the chains have come. */
  #reached: Bound = START
  #chains: ChainKey = ''
  #listed = 0
  #needsAnswer: 'nothing' | 'something' = 'nothing'

  constructor(printed: readonly Region[], open: readonly Region[]) {
    this.#fingerprinted = printed
    this.#open = open
  }

  /** True if the round needs an answer. */
  get needsAnswer(): boolean {
    return this.#needsAnswer === 'something' || this.requested.length > 0
  }

  /** The region that a range describes; undefined if it is out of order or wasn't asked for. */
  takeRange(range: Range): Region | undefined {
    const region = { from: this.#reached, to: range.bound }
    if (region.to <= region.from || ++this.#ranges > MAX_ROUND_RANGES) return undefined
    this.#reached = region.to
    if (range.kind === 'settled') return region
    this.#needsAnswer = 'something'
    if (range.kind === 'list') {
      this.#lists.push({ region, from: this.#listed })
      this.#listed += range.marks.length
    }
    return this.#isFingerprinted(region) && this.#listed <= MAX_CHAINS ? region : undefined
  }

  /** The number of the first chain in the latest list. */
  get firstListed(): number {
    return this.#lists.at(-1)?.from ?? 0
  }

  /** False if it is out of order, or was neither listed nor requested. */
  takeChain(key: ChainKey): boolean {
    if (key <= this.#chains) return false
    this.#chains = key
    while ((this.#open[this.#openAt]?.to ?? END) <= key) this.#openAt++
    const open = this.#open[this.#openAt]
    return open !== undefined && open.from <= key
  }

  /** False if it is out of order, or is none of the `count` that I listed. */
  takeRequest(index: number, count: number): boolean {
    if (index >= count || index <= (this.requested.at(-1) ?? -1)) return false
    this.requested.push(index)
    return true
  }

  /** The regions in which the partner listed the chains of these ascending numbers. */
  listsOf(indices: readonly number[]): readonly Region[] {
    let next = 0
    return this.#lists.flatMap(({ region }, number) => {
      const end = this.#lists[number + 1]?.from ?? this.#listed
      const first = next
      while ((indices[next] ?? end) < end) next++
      return next > first ? region : []
    })
  }

  /** True if a region lies within one whose fingerprint I sent, and isn't surplus there. */
  #isFingerprinted({ from, to }: Region): boolean {
    while ((this.#fingerprinted[this.#fingerprintedAt]?.to ?? END) <= from) {
      this.#fingerprintedAt++
      this.#pieces = 0
    }
    const printed = this.#fingerprinted[this.#fingerprintedAt]
    return printed !== undefined && printed.from <= from && to <= printed.to && ++this.#pieces <= MAX_SPLIT
  }
}
