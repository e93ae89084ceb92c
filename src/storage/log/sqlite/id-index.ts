/**
 * The index of message ids. Ids are random, and in a single index of a million each message of a commit would
 * change a page of its own, which takes four times as long as everything else. So the index is split by
 * generations of rows, small enough that a commit changes few pages, and an in-memory Bloom filter for each
 * generation tells whether it is worth a look. The newest ids are also cached.
 */

import type { StatementSync } from 'node:sqlite'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'
import { GENERATION_BITS } from './migrations.ts'
import type { TransactionParticipant, Transactions } from './transactions.ts'

/** Cached ids, in two halves of which the older is dropped: the messages that members talk about now. */
const RECENT = 8_192

interface FilterRow {
  readonly generation: number
  readonly bits: Uint8Array
}

export class IdIndex implements TransactionParticipant {
  readonly #session: Transactions
  readonly #find: StatementSync
  readonly #store: StatementSync
  readonly #filters = new Map<number, Uint8Array>()
  readonly #recent = new RecentIds()
  /** Generations that are full, and so final, but not on disk yet. */
  readonly #full = new Set<number>()
  readonly #oldest: number
  #newest: number
  #committedNewest: number
  #isFlushed = false

  /** `last` is the highest row. */
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

  /** A row to which the message was written recently. It may be deleted since, or belong to another room. */
  recent(id: MessageId): number | undefined {
    return this.#recent.get(id)
  }

  /** The row of the message in this room. */
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
   * Filters may still match what was rolled back: the look-up then finds nothing. A generation begun since
   * then doesn't exist: the one before it isn't full yet.
   */
  rolledBack(): void {
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

  /** Loads the stored filters and builds missing ones. Returns the first generation that isn't pruned. */
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

  /** Built from the index, without reading messages. */
  #make(generation: number): Uint8Array {
    const bits = newBloom(2 ** GENERATION_BITS)
    const rows = this.#session.prepare(
      `SELECT hex(substr(id, 1, 6)) AS prefix FROM message WHERE number >> ${GENERATION_BITS} = ?`,
    )
    for (const { prefix } of rows.all(generation)) addToBloom(bits, String(prefix))
    return bits
  }
}

/** Recently written ids and their rows. */
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

// Bloom filters of message ids: they tell that an id is certainly not in a set, or may be. Ids are random, so
// their first 48 bits serve as the hash.

/** 16 bits for each id, 5 of them set: 1 in 700 answers is a false positive. */
const BITS_PER_ID = 16
const HASHES = 5

/** An empty filter for so many ids, a power of two of at least 1. */
function newBloom(capacity: number): Uint8Array {
  return new Uint8Array((BITS_PER_ID * capacity) / 8)
}

/** Adds an id, or its first 12 digits. */
function addToBloom(bits: Uint8Array, id: string): void {
  for (const at of placesOf(bits, id)) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7))
}

/** False if the id is certainly absent. */
function mayBeIn(bits: Uint8Array, id: string): boolean {
  for (const at of placesOf(bits, id)) if ((((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 0) return false
  return true
}

/**
 * Two numbers give all positions (Kirsch and Mitzenmacher, "Less Hashing, Same Performance", 2006). The step
 * is odd, so that no two of them coincide.
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
  /** Ids that still fit into the last part. */
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
