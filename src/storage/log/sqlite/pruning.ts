/**
 * Pruning: chooses the messages to delete: of all chains that may lose their first messages, the earliest
 * first, by (ts, id). Each chain is read a few messages at a time, and chains that may lose nothing aren't
 * read.
 */
import type { Position } from '../../../protocol/envelope.ts'
import { compare } from '../../../protocol/envelope.ts'
import type { ChainId, MessageId } from '../../../protocol/ids.ts'
import { chainId, toHex } from '../../../protocol/ids.ts'
import type { Retention } from '../../../room/log.ts'
import type { ChainRow, FirstMessage } from './chains-table.ts'
import type { RowWithoutWire } from './messages-table.ts'
import type { Transactions } from './transactions.ts'

/** Messages of one chain that are read at a time. */
const READ_BATCH = 64

export interface Prunable {
  readonly row: ChainRow
  readonly first: FirstMessage
  /** Places from here on stay. */
  readonly end: number
}

/** Reads at most so many messages of a chain from a place on. */
export type ReadChain = (chain: number, seq: number, count: number) => readonly RowWithoutWire[]

/** A chain, its messages read so far that may go, and the position of the first. */
interface ChainFront {
  readonly chain: Prunable
  readonly rows: readonly RowWithoutWire[]
  readonly at: Position
}

/** The chains that may lose their first messages. */
export function prunable(
  rows: Iterable<ChainRow>,
  keepFrom: (chain: ChainId) => number,
  firstOf: (row: ChainRow) => FirstMessage | undefined,
): readonly Prunable[] {
  return [...rows].flatMap(row => {
    if (row.count < 2) return []
    const forkedAt = row.chain?.forkedAt ?? Number.POSITIVE_INFINITY
    const end = Math.min(row.length - 1, forkedAt, keepFrom(chainId(row.author, row.log)))
    const first = firstOf(row)
    return first !== undefined && first.seq < end ? { row, first, end } : []
  })
}

/** The first `count` of the messages that may go. `kept`: bytes of all stored messages. */
export function choosePruned(
  chains: readonly Prunable[],
  { since = 0, bytes = Number.POSITIVE_INFINITY }: Retention,
  kept: number,
  count: number,
  read: ReadChain,
): readonly RowWithoutWire[] {
  const fronts = new ChainFronts(chains, read)
  const doomed: RowWithoutWire[] = []
  let left = kept
  while (doomed.length < count) {
    const earliest = fronts.ts
    if (earliest === undefined || (earliest >= since && left <= bytes)) break
    const row = fronts.take()
    if (row === undefined) continue
    doomed.push(row)
    left -= row.bytes
  }
  return doomed
}

/** The chains, sorted by the next message of each. */
class ChainFronts {
  readonly #read: ReadChain
  /** Descending, so that the earliest is taken from the end. */
  readonly #sorted: ChainFront[]

  constructor(chains: readonly Prunable[], read: ReadChain) {
    this.#read = read
    const all = chains.map((chain): ChainFront => ({ chain, rows: [], at: chain.first }))
    this.#sorted = all.sort((a, b) => compare(b.at, a.at))
  }

  /** Time of the earliest message. */
  get ts(): number | undefined {
    return this.#sorted.at(-1)?.at.ts
  }

  /** Removes and returns the earliest message. Undefined if its chain turns out to have none. */
  take(): RowWithoutWire | undefined {
    const front = this.#sorted.pop()
    if (front === undefined) return undefined
    const { chain } = front
    const [row, ...more] = front.rows.length > 0 ? front.rows : this.#readFrom(chain, chain.first.seq)
    if (row === undefined) return undefined
    const rows = more.length > 0 ? more : this.#readFrom(chain, row.seq + 1)
    const next = rows[0]
    if (next !== undefined) this.#insert({ chain, rows, at: positionOf(next) })
    return row
  }

  #readFrom({ row, end }: Prunable, seq: number): readonly RowWithoutWire[] {
    return this.#read(row.number, seq, READ_BATCH).filter(message => message.seq < end)
  }

  #insert(front: ChainFront): void {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#sorted[middle]
      if (other !== undefined && compare(other.at, front.at) > 0) low = middle + 1
      else high = middle
    }
    this.#sorted.splice(low, 0, front)
  }
}

/** The position of a row's message. */
export function positionOf({ ts, id }: Pick<RowWithoutWire, 'ts' | 'id'>): Position {
  return { ts, id: toHex(id) as MessageId }
}

// Returns the space of pruned messages to the disk, a little at a time. Some stays in the file, because a log
// that is pruned at one end grows at the other.

const KEPT_PAGES = 1_024

/** Pages returned for each message: more than most take. Each may require moving another one. */
const PAGES_PER_MESSAGE = 1

/** Returns space for so many messages deleted in this transaction. */
export function shrink(session: Transactions, deleted: number): void {
  const free = session.prepare('PRAGMA freelist_count')
  const pages = Number(session.read(() => free.get())?.['freelist_count'])
  if (pages <= KEPT_PAGES) return
  const count = Math.min(deleted * PAGES_PER_MESSAGE, pages - KEPT_PAGES)
  session.write(() => session.run(`PRAGMA incremental_vacuum(${count})`))
}
