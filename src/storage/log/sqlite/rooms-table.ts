/**
 * The table of rooms: their numbers, their names for later readers, and the log id of each.
 */
import type { StatementSync } from 'node:sqlite'
import { ParleyError } from '../../../common/errors.ts'
import type { LogId, RoomId } from '../../../protocol/ids.ts'
import { fromHex, toHex } from '../../../protocol/ids.ts'
import { MAX_ROOM_NUMBER } from './search-index.ts'
import type { TransactionParticipant, Transactions } from './transactions.ts'

export interface RoomRow {
  readonly number: number
  readonly id: RoomId
  name: string
  /** The log id of the own chain. */
  log: LogId
}

interface StoredRoom {
  readonly number: number
  readonly id: Uint8Array
  readonly name: string
  readonly log: Uint8Array
}

export class RoomTable implements TransactionParticipant {
  readonly #session: Transactions
  readonly #newLogId: () => LogId
  readonly #upsert: StatementSync
  readonly #rows: Map<RoomId, RoomRow>
  /** Rows that differ from the disk. */
  readonly #dirty = new Set<RoomRow>()
  /** The state at the last commit of those that were on disk. */
  readonly #before = new Map<RoomRow, RoomRow>()
  #isFlushed = false

  constructor(session: Transactions, newLogId: () => LogId) {
    this.#session = session
    this.#newLogId = newLogId
    this.#upsert = session.prepare(
      `INSERT INTO room (number, id, name, log) VALUES (?, ?, ?, ?)
       ON CONFLICT (number) DO UPDATE SET name = excluded.name, log = excluded.log`,
    )
    const all = session.prepare('SELECT number, id, name, log FROM room ORDER BY number')
    const rows = session.read(() => all.all()) as unknown as StoredRoom[]
    this.#rows = new Map(rows.map(row => [toHex(row.id) as RoomId, rowOf(row)]))
    session.join(this)
  }

  get(id: RoomId): RoomRow | undefined {
    return this.#rows.get(id)
  }

  get all(): readonly RoomRow[] {
    return [...this.#rows.values()]
  }

  /**
   * The room, created if there is none, and named so from now on. Throws a `ParleyError` if there are too
   * many.
   */
  open(id: RoomId, name: string): RoomRow {
    const row = this.#rows.get(id) ?? this.#make(id, name)
    if (row.name !== name) this.#change(row, { name })
    return row
  }

  /** Another chain is written in the room from now on. */
  renew(row: RoomRow, log: LogId): void {
    this.#change(row, { log })
  }

  /** The same in all rooms. Returns how many there are. */
  renewAll(): number {
    for (const row of this.#rows.values()) this.renew(row, this.#newLogId())
    return this.#rows.size
  }

  flush(): void {
    for (const { number, id, name, log } of this.#dirty) {
      this.#upsert.run(number, fromHex(id), name, fromHex(log))
    }
    this.#isFlushed = true
  }

  committed(): void {
    if (this.#isFlushed) this.#dirty.clear()
    this.#isFlushed = false
    this.#before.clear()
  }

  /** A new room stays, since its log is in use already: it is written with the next write. */
  rolledBack(): void {
    for (const [row, before] of this.#before) Object.assign(row, before)
    this.#before.clear()
    this.#isFlushed = false
  }

  #make(id: RoomId, name: string): RoomRow {
    const number = Math.max(0, ...this.all.map(row => row.number)) + 1
    if (number > MAX_ROOM_NUMBER) {
      throw new ParleyError(
        'log-rooms',
        `the log has ${MAX_ROOM_NUMBER} rooms already`,
        'Use another data folder (--data) for further rooms.',
      )
    }
    const row = { number, id, name, log: this.#newLogId() }
    this.#session.write(() => this.#dirty.add(row))
    this.#rows.set(id, row)
    return row
  }

  #change(row: RoomRow, to: { readonly name?: string; readonly log?: LogId }): void {
    this.#session.write(() => this.#dirty.add(row))
    if (!this.#before.has(row)) this.#before.set(row, { ...row })
    Object.assign(row, to)
  }
}

function rowOf({ number, id, name, log }: StoredRoom): RoomRow {
  return { number, id: toHex(id) as RoomId, name, log: toHex(log) as LogId }
}
