/**
 * Checks what a partner sends against what was requested: the wanted chains in order, each from its place on
 * without a gap, and nothing else. Also determines which of its offers it didn't fulfil. Only positions are
 * read here, which every message has at its beginning; authenticity is the validator's business.
 */
import type { ChainHeads, ChainKey, Want } from '../../protocol/frontier.ts'
import { chainIdOf, chainKey } from '../../protocol/frontier.ts'
import type { ChainId } from '../../protocol/ids.ts'
import { toHex } from '../../protocol/ids.ts'

/** Offsets of an envelope's fields: envelope.ts. The array and its type, room, author, log, place. */
const [AUTHOR, LOG, SEQ] = [21, 54, 62]
/**
 * What lies between them: the heads of an array of ten, of the type, and of byte strings of 16, 32 and 8
 * bytes.
 */
const HEADS: readonly (readonly [number, number])[] = [
  [0, 0x8a],
  [1, 0x01],
  [2, 0x50],
  [19, 0x58],
  [20, 0x20],
  [53, 0x48],
]

export class ResponseCheck {
  readonly #wants: readonly Want[]
  /**
   * The place that each chain must reach, because the partner offered it; undefined if it may stop anywhere.
   */
  readonly #ends: readonly (number | undefined)[]
  readonly #indices: ReadonlyMap<ChainKey, number>
  /** The next expected place of each chain that has begun. */
  readonly #next = new Map<number, number>()
  #current = 0

  /** `theirs` is the frontier that the partner claims. */
  constructor(wants: readonly Want[], theirs: readonly ChainHeads[]) {
    this.#wants = wants
    const claimed = new Map(theirs.map(chain => [chainKey(chain), chain]))
    this.#ends = wants.map(want => offeredEnd(claimed.get(chainKey(want)), want))
    this.#indices = new Map(wants.map((want, index) => [chainKey(want), index]))
  }

  /** Checks a part; false if it isn't what was requested. */
  take(wires: readonly Uint8Array[]): boolean {
    const [first] = wires
    if (first === undefined || !hasHeads(first)) return false
    const index = this.#indices.get(wireChainKey(first))
    if (index === undefined || index < this.#current) return false
    this.#current = index
    let next = this.#next.get(index) ?? this.#wants[index]?.seq ?? 0
    let isFirst = true
    for (const wire of wires) {
      const seq = isSameChain(first, wire) ? seqOf(wire) : undefined
      // a forked place has several messages and arrives whole
      if (seq !== next && (isFirst || seq !== next - 1)) return false
      next = seq === next ? next + 1 : next
      isFirst = false
    }
    this.#next.set(index, next)
    return true
  }

  /** Chains whose only offered head didn't arrive, though nothing prevented it. */
  get unfulfilled(): readonly ChainId[] {
    return this.#wants.flatMap((want, index) => {
      const end = this.#ends[index]
      return end !== undefined && (this.#next.get(index) ?? want.seq) <= end ? chainIdOf(want) : []
    })
  }
}

/** Parts of a forked chain may have been displaced meanwhile. */
function offeredEnd(claimed: ChainHeads | undefined, want: Want): number | undefined {
  const [head, ...branches] = claimed?.heads ?? []
  if (claimed === undefined || head === undefined) return undefined
  return branches.length === 0 && claimed.base <= want.seq ? head.seq : undefined
}

function hasHeads(wire: Uint8Array): boolean {
  return HEADS.every(([at, head]) => wire[at] === head)
}

function wireChainKey(wire: Uint8Array): ChainKey {
  return toHex(wire.subarray(AUTHOR, AUTHOR + 32)) + toHex(wire.subarray(LOG, LOG + 8))
}

function isSameChain(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a.subarray(0, SEQ), b.subarray(0, SEQ)) === 0
}

/** The place of a message, if it is written where it should be. */
function seqOf(wire: Uint8Array): number | undefined {
  const head = wire[SEQ]
  if (head === undefined || head > 0x1b) return undefined
  if (head < 0x18) return head
  const size = 1 << (head - 0x18)
  if (wire.length < SEQ + 1 + size) return undefined
  let seq = 0
  for (let at = SEQ + 1; at <= SEQ + size; at++) seq = seq * 256 + (wire[at] ?? 0)
  return seq
}
