/**
 * Beginnings of chains. One that was pruned everywhere, as far as the partners of a moment say, is taken in from its
 * middle; what they said may have been wrong, so what is before stays wanted. It is taken in from its end: each
 * message is the one that its successor names, so nothing that isn't the author's can come in this way. What this peer
 * let go itself isn't wanted again.
 */

import type { Envelope } from '../../protocol/envelope.ts'
import type { Chain } from '../../protocol/frontier.ts'
import { idOf } from '../../protocol/frontier.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import type { Entry, RoomLog } from '../log.ts'

/** The first message that is missing before what is held of a chain, and how many there may be. */
export interface MissingPrefix {
  readonly chain: ChainId
  readonly author: Chain['author']
  readonly id: MessageId
  /** It was written before this. */
  readonly ts: number
  /** Where the chain begins here, and from where on it is wanted. */
  readonly base: number
  readonly from: number
}

export class MissingPrefixes {
  readonly #log: RoomLog
  readonly #chains: ReadonlyMap<ChainId, Chain>
  /** Those of the chains that lack something; what, once somebody asked. */
  readonly #lacking = new Map<ChainId, Beginning>()

  constructor(log: RoomLog, chains: ReadonlyMap<ChainId, Chain>) {
    this.#log = log
    this.#chains = chains
  }

  clear(): void {
    this.#lacking.clear()
  }

  /** A chain is another one now, or gone. */
  note(id: ChainId): void {
    const { base = 0, lacksFrom } = this.#chains.get(id) ?? {}
    const known = this.#lacking.get(id)
    if (lacksFrom === undefined) this.#lacking.delete(id)
    else if (known?.base !== base || known.lacksFrom !== lacksFrom)
      this.#lacking.set(id, { base, lacksFrom, lack: 'unread' })
  }

  /** What is missing that was written after a time, at most. */
  since(ts: number): readonly MissingPrefix[] {
    if (this.#lacking.size === 0) return []
    const lacks = [...this.#lacking.keys()].flatMap(id => this.#lackOf(id) ?? [])
    return lacks.filter(lack => lack.ts > ts)
  }

  /**
   * Puts messages of one chain, in the order of their places, before what is held of it, if the last one is what is
   * missing there. Returns those that were put there, and what the chain is then.
   */
  putBefore(entries: readonly Entry[]): Put {
    const last = entries.at(-1)?.envelope
    if (last === undefined) return { placed: [] }
    const id = idOf(last)
    const chain = this.#chains.get(id)
    if (chain === undefined || this.#lackOf(id)?.id !== last.id) return { placed: [] }
    const { base, lacksFrom = base, ...rest } = chain
    const placed: Envelope[] = []
    for (const entry of entries.toReversed()) {
      const { seq } = entry.envelope
      if (seq < lacksFrom || this.#log.at(id, seq).length > 0) break
      this.#log.append(entry)
      placed.unshift(entry.envelope)
    }
    const [first] = placed
    if (first === undefined) return { placed }
    return { chain: { ...rest, ...beginning(this.#startOf(id, first), lacksFrom) }, placed }
  }

  #lackOf(id: ChainId): MissingPrefix | undefined {
    const known = this.#lacking.get(id)
    if (known === undefined) return undefined
    if (known.lack !== 'unread') return known.lack
    const lack = this.#read(id, known)
    this.#lacking.set(id, { ...known, lack })
    return lack
  }

  #read(id: ChainId, { base, lacksFrom }: Beginning): MissingPrefix | undefined {
    const first = this.#log.at(id, base)[0]?.envelope
    if (first === undefined || first.prev === null || this.#log.at(id, base - 1).length > 0) return undefined
    return { chain: id, author: first.author, id: first.prev, ts: first.ts, base, from: lacksFrom }
  }

  /** Where a chain begins whose first message this is now: maybe earlier ones were here before. */
  #startOf(id: ChainId, { seq, prev }: Envelope): number {
    const isJoined = this.#log.at(id, seq - 1).some(({ envelope }) => envelope.id === prev)
    return isJoined ? this.#log.start(id, seq) : seq
  }
}

interface Beginning {
  readonly base: number
  readonly lacksFrom: number
  readonly lack: MissingPrefix | undefined | 'unread'
}

interface Put {
  readonly placed: readonly Envelope[]
  readonly chain?: Chain
}

/** A chain that begins, or goes on after a gap, at a place. What it let go itself before, it doesn't want. */
export function rootedAt(before: Chain | undefined, base: number): Pick<Chain, 'base' | 'lacksFrom'> {
  return beginning(base, before?.lacksFrom ?? before?.base ?? 0)
}

/** The same chain after messages before a place were let go here. */
export function prunedTo(chain: Chain, place: number): Chain {
  const { base, lacksFrom, ...rest } = chain
  return { ...rest, ...beginning(Math.max(base, place), Math.max(lacksFrom ?? base, place)) }
}

function beginning(base: number, lacksFrom: number): Pick<Chain, 'base' | 'lacksFrom'> {
  return lacksFrom < base ? { base, lacksFrom } : { base }
}
