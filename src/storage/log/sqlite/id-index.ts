/**
 * Finds a message by its id alone. Ids are random, and in one index of a million of them every message of a commit
 * would change a page of its own: four times the time that all else takes. So the index is in parts, one for each
 * generation of rows, small enough that a commit changes few pages; and a Bloom filter for each part says in memory
 * whether it is worth a look. The newest ids are also kept as they are.
 */
import type { StatementSync } from 'node:sqlite'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'
import { addToBloom, mayBeIn, newBloom } from './bloom.ts'
import { GENERATION_BITS } from './migrations.ts'
import type { Participant, Session } from './transactions.ts'

/** Ids kept in memory, in two halves of which the older is dropped: what members talk about now. */
const RECENT = 8_192

interface FilterRow {
  readonly generation: number
  readonly bits: Uint8Array
}

export class IdIndex implements Participant {
  readonly #session: Session
  readonly #find: StatementSync
  readonly #store: StatementSync
  readonly #filters = new Map<number, Uint8Array>()
  readonly #recent = new RecentIds()
  /** Generations that are full, and so don't change any more, but aren't on disk. */
  readonly #full = new Set<number>()
  readonly #oldest: number
  #newest: number
  #committedNewest: number
  #isFlushed = false

  /** `last` is the highest row there is. */
  constructor(session: Session, last: number) {
    this.#session = session
    this.#find = session.prepare(
      `SELECT number FROM message
       WHERE number >> ${GENERATION_BITS} = ? AND substr(id, 1, 6) = ? AND id = ? AND room = ?`,
    )
    this.#store = session.prepare('INSERT OR REPLACE INTO id_filter VALUES (?, ?)')
    this.#newest = last >> GENERATION_BITS
    this.#committedNewest = this.#newest
    this.#oldest = session.read(() => this.#load(last))
    session.join(this)
  }

  /** A message was written to this row, which is higher than all others. */
  add(id: MessageId, row: number): void {
    addToBloom(this.#filterOf(row >> GENERATION_BITS), id)
    this.#recent.set(id, row)
  }

  /** A row that the message was written to lately. It may be gone since, or be that of another room. */
  recent(id: MessageId): number | undefined {
    return this.#recent.get(id)
  }

  /** The row that holds the message in this room. */
  find(room: number, id: MessageId): number | undefined {
    for (let generation = this.#newest; generation >= this.#oldest; generation--) {
      const bits = this.#filters.get(generation)
      if (bits === undefined || !mayBeIn(bits, id)) continue
      const bytes = fromHex(id)
      const row = this.#session.read(() => this.#find.get(generation, bytes.subarray(0, 6), bytes, room))
      if (row !== undefined) return Number(row['number'])
    }
    return undefined
  }

  flush(): void {
    for (const generation of this.#full) this.#store.run(generation, this.#filters.get(generation) ?? null)
    this.#isFlushed = true
  }

  committed(): void {
    if (this.#isFlushed) this.#full.clear()
    this.#isFlushed = false
    this.#committedNewest = this.#newest
  }

  /**
   * Filters may still say yes to what was taken back: it is looked up then, and not found. A generation that was
   * begun since wasn't: the one before it is not full yet, and changes.
   */
  undone(): void {
    this.#recent.clear()
    this.#isFlushed = false
    this.#full.clear()
    for (; this.#newest > this.#committedNewest; this.#newest--) this.#filters.delete(this.#newest)
  }

  #filterOf(generation: number): Uint8Array {
    const known = this.#filters.get(generation)
    if (known !== undefined) return known
    if (this.#filters.has(this.#newest)) this.#full.add(this.#newest)
    const made = newBloom(2 ** GENERATION_BITS)
    this.#filters.set(generation, made)
    this.#newest = generation
    return made
  }

  /** Takes the filters on disk and makes those that are missing. Returns the first generation that isn't pruned. */
  #load(last: number): number {
    const row = this.#session.prepare('SELECT min(number) AS first FROM message').get()
    const oldest = Number(row?.['first'] ?? last) >> GENERATION_BITS
    const stored = this.#session.prepare('SELECT * FROM id_filter WHERE generation >= ?').all(oldest)
    for (const { generation, bits } of stored as unknown as FilterRow[]) this.#filters.set(generation, bits)
    for (let generation = oldest; generation <= this.#newest; generation++) {
      if (!this.#filters.has(generation)) this.#filters.set(generation, this.#make(generation))
    }
    return oldest
  }

  /** From the index, without looking at the messages. */
  #make(generation: number): Uint8Array {
    const bits = newBloom(2 ** GENERATION_BITS)
    const rows = this.#session.prepare(
      `SELECT hex(substr(id, 1, 6)) AS prefix FROM message WHERE number >> ${GENERATION_BITS} = ?`,
    )
    for (const { prefix } of rows.all(generation)) addToBloom(bits, String(prefix))
    return bits
  }
}

/** Ids that were written lately, and where. */
class RecentIds {
  #young = new Map<MessageId, number>()
  #old = new Map<MessageId, number>()

  get(id: MessageId): number | undefined {
    return this.#young.get(id) ?? this.#old.get(id)
  }

  set(id: MessageId, row: number): void {
    if (this.#young.size >= RECENT / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(id, row)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
