/**
 * Missing prefixes: messages before the base of a chain. A chain whose first messages nobody offered is taken
 * from its middle; since the partners of that moment may have been wrong, the earlier messages stay wanted.
 * They are inserted backwards: each must be the predecessor that its successor names by hash, so nothing
 * forged can enter this way. What this peer pruned itself isn't wanted again.
 */

import type { Envelope } from '../../protocol/envelope.ts'
import type { Chain } from '../../protocol/frontier.ts'
import { chainIdOf } from '../../protocol/frontier.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import type { Entry, RoomLog } from '../log.ts'

/** The last missing message before a chain's base, and how many may be missing. */
export interface MissingPrefix {
  readonly chain: ChainId
  readonly author: Chain['author']
  readonly id: MessageId
  /** It was written before this time. */
  readonly ts: number
  /** The chain's base, and the place from which its messages are wanted. */
  readonly base: number
  readonly from: number
}

export class MissingPrefixes {
  readonly #log: RoomLog
  readonly #chains: ReadonlyMap<ChainId, Chain>
  /** The chains with a missing prefix; computed on demand. */
  readonly #prefixes = new Map<ChainId, ChainStart>()

  constructor(log: RoomLog, chains: ReadonlyMap<ChainId, Chain>) {
    this.#log = log
    this.#chains = chains
  }

  clear(): void {
    this.#prefixes.clear()
  }

  /** A chain changed or was removed. */
  onChainChanged(id: ChainId): void {
    const { base = 0, lacksFrom } = this.#chains.get(id) ?? {}
    const known = this.#prefixes.get(id)
    if (lacksFrom === undefined) this.#prefixes.delete(id)
    else if (known?.base !== base || known.lacksFrom !== lacksFrom)
      this.#prefixes.set(id, { base, lacksFrom, missing: 'unread' })
  }

  /** The missing prefixes that may contain messages later than a time. */
  since(ts: number): readonly MissingPrefix[] {
    if (this.#prefixes.size === 0) return []
    const lacks = [...this.#prefixes.keys()].flatMap(id => this.#prefixOf(id) ?? [])
    return lacks.filter(lack => lack.ts > ts)
  }

  /**
   * Inserts messages of one chain, in order, before its base, if the last one is the predecessor that the
   * base names. Returns those inserted and the new chain state.
   */
  insertBefore(entries: readonly Entry[]): Inserted {
    const last = entries.at(-1)?.envelope
    if (last === undefined) return { messages: [] }
    const id = chainIdOf(last)
    const chain = this.#chains.get(id)
    if (chain === undefined || this.#prefixOf(id)?.id !== last.id) return { messages: [] }
    const { base, lacksFrom = base, ...rest } = chain
    const messages: Envelope[] = []
    for (const entry of entries.toReversed()) {
      const { seq } = entry.envelope
      if (seq < lacksFrom || this.#log.at(id, seq).length > 0) break
      this.#log.append(entry)
      messages.unshift(entry.envelope)
    }
    const [first] = messages
    if (first === undefined) return { messages }
    return { chain: { ...rest, ...chainStart(this.#baseOf(id, first), lacksFrom) }, messages }
  }

  #prefixOf(id: ChainId): MissingPrefix | undefined {
    const known = this.#prefixes.get(id)
    if (known === undefined) return undefined
    if (known.missing !== 'unread') return known.missing
    const missing = this.#read(id, known)
    this.#prefixes.set(id, { ...known, missing })
    return missing
  }

  #read(id: ChainId, { base, lacksFrom }: ChainStart): MissingPrefix | undefined {
    const first = this.#log.at(id, base)[0]?.envelope
    if (first === undefined || first.prev === null || this.#log.at(id, base - 1).length > 0) return undefined
    return { chain: id, author: first.author, id: first.prev, ts: first.ts, base, from: lacksFrom }
  }

  /** The base of a chain whose first message this is now: earlier ones may have been stored before. */
  #baseOf(id: ChainId, { seq, prev }: Envelope): number {
    const isJoined = this.#log.at(id, seq - 1).some(({ envelope }) => envelope.id === prev)
    return isJoined ? this.#log.contiguousFrom(id, seq) : seq
  }
}

interface ChainStart {
  readonly base: number
  readonly lacksFrom: number
  readonly missing: MissingPrefix | undefined | 'unread'
}

interface Inserted {
  readonly messages: readonly Envelope[]
  readonly chain?: Chain
}

/** A chain that starts, or continues after a gap, at a place. What was pruned here before isn't wanted. */
export function startedAt(before: Chain | undefined, base: number): Pick<Chain, 'base' | 'lacksFrom'> {
  return chainStart(base, before?.lacksFrom ?? before?.base ?? 0)
}

/** The chain after everything before a place was pruned here. */
export function prunedTo(chain: Chain, place: number): Chain {
  const { base, lacksFrom, ...rest } = chain
  return { ...rest, ...chainStart(Math.max(base, place), Math.max(lacksFrom ?? base, place)) }
}

function chainStart(base: number, lacksFrom: number): Pick<Chain, 'base' | 'lacksFrom'> {
  return lacksFrom < base ? { base, lacksFrom } : { base }
}
