/**
 * Finds a message by its id alone. Ids are random, and in one index of a million of them every message of a commit
 * would change a page of its own: four times the time that all else takes. So the index is in parts, one for each
 * generation of rows, small enough that a commit changes few pages; and a Bloom filter for each part says in memory
 * whether it is worth a look. The newest ids are also kept as they are.
 */

import type { StatementSync } from 'node:sqlite'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'
import { GENERATION_BITS } from './migrations.ts'
import type { Participant, Transactions } from './transactions.ts'

/** Ids kept in memory, in two halves of which the older is dropped: what members talk about now. */
const RECENT = 8_192

interface FilterRow {
  readonly generation: number
  readonly bits: Uint8Array
}

export class IdIndex implements Participant {
  readonly #session: Transactions
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
  constructor(session: Transactions, last: number) {
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

// Bloom filters of message ids: some bytes that say of an id that it is surely not among those that were put in, or that
// it may be. Ids are random, so their first 48 bits are all the hashing that it takes.

/** 16 bits for each id and 5 of them set: 1 in 700 answers is a false yes. */
const BITS_PER_ID = 16
const HASHES = 5

/** An empty filter for so many ids, a power of two of at least 1. */
function newBloom(capacity: number): Uint8Array {
  return new Uint8Array((BITS_PER_ID * capacity) / 8)
}

/** Puts in an id, or the first 12 digits of it. */
function addToBloom(bits: Uint8Array, id: string): void {
  for (const at of placesOf(bits, id)) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7))
}

/** False if the id surely isn't there. */
function mayBeIn(bits: Uint8Array, id: string): boolean {
  for (const at of placesOf(bits, id)) if ((((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 0) return false
  return true
}

/**
 * Two numbers make all places (Kirsch and Mitzenmacher, "Less hashing, same performance", 2006). An odd step, so that no
 * two of them are the same.
 */
function placesOf(bits: Uint8Array, id: string): readonly number[] {
  const mask = bits.length * 8 - 1
  const start = Number.parseInt(id.slice(0, 6), 16)
  const step = Number.parseInt(id.slice(6, 12), 16) | 1
  const places: number[] = []
  for (let count = 0; count < HASHES; count++) places.push((start + count * step) & mask)
  return places
}

/** A filter that grows: each part is for twice as many ids as all before it. */
export class GrowingBloom {
  readonly #parts: Uint8Array[]
  #capacity: number
  /** Ids that the last part has room for. */
  #room: number

  constructor(capacity: number) {
    this.#parts = [newBloom(capacity)]
    this.#capacity = capacity
    this.#room = capacity
  }

  add(id: string): void {
    if (this.#room === 0) {
      this.#capacity *= 2
      this.#room = this.#capacity
      this.#parts.push(newBloom(this.#capacity))
    }
    this.#room--
    addToBloom(this.#parts.at(-1) ?? newBloom(1), id)
  }

  mayHave(id: string): boolean {
    return this.#parts.some(bits => mayBeIn(bits, id))
  }
}
