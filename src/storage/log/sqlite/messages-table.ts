/**
 * The table of messages, of all rooms: its statements, and how a row becomes an entry. Rows are numbered in
 * the order of writing, and no number is reused.
 */

import type { StatementSync } from 'node:sqlite'
import type { Envelope } from '../../../protocol/envelope.ts'
import { restoreEnvelope } from '../../../protocol/envelope.ts'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex, toHex } from '../../../protocol/ids.ts'
import type { Entry, RangeLimit, StoredMessage } from '../../../room/log.ts'
import { IdIndex } from './id-index.ts'
import type { TransactionParticipant, Transactions } from './transactions.ts'

/** One row. */
export interface MessageRow {
  readonly number: number
  readonly room: number
  readonly chain: number
  readonly seq: number
  readonly ts: number
  readonly proof: number
  readonly id: Uint8Array
  readonly wire: Uint8Array
}

/** A row with its size instead of its bytes. */
export type RowWithoutWire = Omit<MessageRow, 'wire' | 'proof'> & { readonly bytes: number }

/** What an entry is made of. */
export type EntryRow = Pick<MessageRow, 'proof' | 'id' | 'wire'>

/** What a part of a chain is made of. */
export type PartRow = EntryRow & Pick<MessageRow, 'seq'>

/** The key in `meta` for the highest row that ever existed, if it was deleted. */
const TOP_KEY = 'top'

export class MessagesTable implements TransactionParticipant {
  readonly #session: Transactions
  readonly #ids: IdIndex
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #get: StatementSync
  readonly #room: StatementSync
  readonly #place: StatementSync
  readonly #last: StatementSync
  readonly #from: StatementSync
  readonly #part: StatementSync
  readonly #back: StatementSync
  readonly #start: StatementSync
  readonly #latest: StatementSync
  readonly #setTop: StatementSync
  #top: number
  #committedTop: number

  constructor(session: Transactions) {
    this.#session = session
    this.#insert = session.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#delete = session.prepare('DELETE FROM message WHERE number = ?')
    this.#get = session.prepare('SELECT * FROM message WHERE number = ?')
    this.#room = session.prepare('SELECT room FROM message WHERE number = ?')
    this.#place = session.prepare('SELECT proof, id, wire FROM message WHERE chain = ? AND seq = ?')
    this.#last = session.prepare('SELECT max(seq) AS seq FROM message WHERE chain = ?')
    this.#from = session.prepare(
      `SELECT number, room, chain, seq, ts, id, length(wire) AS bytes FROM message
       WHERE chain = ? AND seq >= ? ORDER BY seq LIMIT ?`,
    )
    this.#part = session.prepare(
      'SELECT seq, proof, id, wire FROM message WHERE chain = ? AND seq >= ? ORDER BY seq',
    )
    this.#back = session.prepare(
      'SELECT seq, proof, id, wire FROM message WHERE chain = ? AND seq <= ? ORDER BY seq DESC',
    )
    this.#start = session.prepare(
      `SELECT seq FROM message AS one WHERE chain = ? AND seq <= ? AND NOT EXISTS
         (SELECT 1 FROM message WHERE chain = one.chain AND seq = one.seq - 1)
       ORDER BY seq DESC LIMIT 1`,
    )
    this.#latest = session.prepare(
      'SELECT proof, id, wire FROM message WHERE room = ? ORDER BY ts DESC, id DESC LIMIT ?',
    )
    this.#setTop = session.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
    this.#top = highestRow(session)
    this.#committedTop = this.#top
    this.#ids = new IdIndex(session, this.#top)
    session.join(this)
  }

  /** The highest committed row. */
  get committedTop(): number {
    return this.#committedTop
  }

  /** Returns the row. */
  insert(room: number, chain: number, { envelope, proof }: Entry): number {
    const { seq, ts, id, wire } = envelope
    const number = this.#top + 1
    const isSigned = proof === 'signature' ? 1 : 0
    this.#session.write(() => this.#insert.run(number, room, chain, seq, ts, isSigned, fromHex(id), wire))
    this.#top = number
    this.#ids.add(id, number)
    return number
  }

  delete(number: number): void {
    this.#session.write(() => {
      this.#delete.run(number)
      if (number === this.#top) this.#setTop.run(TOP_KEY, number)
    })
  }

  /** True if the message is in this room. */
  has(room: number, id: MessageId): boolean {
    return this.#numberOf(room, id) !== undefined
  }

  /** The message, if it is in this room. */
  find(room: number, id: MessageId): MessageRow | undefined {
    const number = this.#numberOf(room, id)
    if (number === undefined) return undefined
    return this.#session.read(() => this.#get.get(number)) as MessageRow | undefined
  }

  /** The messages at one place, ascending by id. */
  at(chain: number, seq: number): readonly EntryRow[] {
    const rows = this.#session.read(() => this.#place.all(chain, seq)) as unknown as EntryRow[]
    return rows.length > 1 ? rows.sort(compareIds) : rows
  }

  /** Highest place of a chain that has a message. */
  lastPlace(chain: number): number | undefined {
    const seq = this.#session.read(() => this.#last.get(chain))?.['seq']
    return typeof seq === 'number' ? seq : undefined
  }

  /** At most `count` messages of a chain from a place on, by place. */
  from(chain: number, seq: number, count: number): readonly RowWithoutWire[] {
    return this.#session.read(() => this.#from.all(chain, seq, count)) as unknown as RowWithoutWire[]
  }

  /** The same with their bytes, lazily: stop when it is enough. */
  part(chain: number, seq: number): Iterable<PartRow> {
    return this.#each(this.#part, chain, seq)
  }

  /** The messages at a place and before, last place first. */
  back(chain: number, seq: number): Iterable<PartRow> {
    return this.#each(this.#back, chain, seq)
  }

  /** The lowest place from which no place is empty up to `seq`. */
  start(chain: number, seq: number): number {
    const start = this.#session.read(() => this.#start.get(chain, seq))?.['seq']
    return typeof start === 'number' ? start : seq
  }

  /** The latest messages of a room, newest first. */
  latest(room: number, count: number): readonly EntryRow[] {
    return this.#session.read(() => this.#latest.all(room, count)) as unknown as EntryRow[]
  }

  entry({ proof, id, wire }: EntryRow): Entry {
    return { envelope: this.envelope(id, wire), proof: proof === 1 ? 'signature' : 'successor' }
  }

  envelope(id: Uint8Array, wire: Uint8Array): Envelope {
    const name = toHex(id) as MessageId
    return restoreEnvelope(wire, name) ?? this.#session.throwCorrupt(`message ${name}`)
  }

  flush(): void {}

  committed(): void {
    this.#committedTop = this.#top
  }

  rolledBack(): void {
    this.#top = this.#committedTop
  }

  *#each(statement: StatementSync, chain: number, seq: number): Iterable<PartRow> {
    const rows = this.#session.read(() => statement.iterate(chain, seq))
    try {
      for (;;) {
        const { value, done } = this.#session.read(() => rows.next())
        if (done === true) return
        yield value as unknown as PartRow
      }
    } finally {
      rows.return?.()
    }
  }

  #numberOf(room: number, id: MessageId): number | undefined {
    const recent = this.#ids.recent(id)
    const isHere = recent !== undefined && this.#session.read(() => this.#room.get(recent))?.['room'] === room
    return isHere ? recent : this.#ids.find(room, id)
  }
}

/** The highest row that ever existed: no row number is reused. */
export function highestRow(session: Transactions): number {
  const statement = session.prepare(
    `SELECT max((SELECT coalesce(max(number), 0) FROM message),
                coalesce((SELECT value FROM meta WHERE name = ?), 0)) AS top`,
  )
  return Number(session.read(() => statement.get(TOP_KEY))?.['top'])
}

function compareIds(a: EntryRow, b: EntryRow): number {
  return Buffer.compare(a.id, b.id)
}

// Parts of a chain for handing out: see `RoomLog.range` and `RoomLog.upTo`.

/** The messages, by place, that `limit` allows; reads no more than necessary. */
export function takePart(rows: Iterable<PartRow>, from: number, limit: RangeLimit): readonly StoredMessage[] {
  const pieces: StoredMessage[] = []
  let proved = 0
  let bytes = 0
  for (const place of placesOf(rows, from)) {
    bytes += place.reduce((sum, { wire }) => sum + wire.length, 0)
    const isFull = pieces.length + place.length > limit.count || bytes > limit.bytes
    if (isFull && proved > 0) break
    pieces.push(...place.map(storedMessageOf).sort((a, b) => (a.id < b.id ? -1 : 1)))
    if (place.every(({ proof }) => proof === 1)) proved = pieces.length
  }
  return pieces.slice(0, proved)
}

/** Of messages from the last place down, one and as many before it as `limit` allows; ascending. */
export function takeBackFrom(
  rows: Iterable<PartRow>,
  id: MessageId,
  limit: RangeLimit,
  prevOf: (row: PartRow) => MessageId | null,
): readonly StoredMessage[] {
  const pieces: StoredMessage[] = []
  let wanted: MessageId | null = id
  let bytes = 0
  let lowest: number | undefined
  for (const row of rows) {
    // the next lower place has none of the wanted ones
    if (lowest !== undefined && row.seq < lowest - 1) break
    if (toHex(row.id) !== wanted) continue
    bytes += row.wire.length
    if (pieces.length > 0 && (pieces.length === limit.count || bytes > limit.bytes)) break
    pieces.push(storedMessageOf(row))
    wanted = prevOf(row)
    lowest = row.seq
    if (wanted === null) break
  }
  return pieces.reverse()
}

/** The messages of one place after the other, up to the first empty place. */
function* placesOf(rows: Iterable<PartRow>, from: number): Iterable<readonly PartRow[]> {
  let place: PartRow[] = []
  for (const row of rows) {
    const expected = place[0]?.seq ?? from
    if (row.seq !== expected) {
      if (place.length === 0) return
      yield place
      if (row.seq !== expected + 1) return
      place = []
    }
    place.push(row)
  }
  if (place.length > 0) yield place
}

function storedMessageOf({ seq, id, wire }: PartRow): StoredMessage {
  return { seq, id: toHex(id) as MessageId, wire }
}

// Pending messages: authentic ones whose predecessor is missing. They have no place in a chain, so they are
// in a table of their own, which the core keeps small.

export type PendingRow = Pick<MessageRow, 'ts' | 'proof' | 'id' | 'wire'>

export class PendingTable {
  readonly #session: Transactions
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #all: StatementSync

  constructor(session: Transactions) {
    this.#session = session
    this.#insert = session.prepare(
      'INSERT OR IGNORE INTO put_by (room, ts, proof, id, wire) VALUES (?, ?, ?, ?, ?)',
    )
    this.#delete = session.prepare('DELETE FROM put_by WHERE room = ? AND id = ?')
    this.#all = session.prepare('SELECT ts, proof, id, wire FROM put_by WHERE room = ? ORDER BY number')
  }

  add(room: number, { envelope: { ts, id, wire }, proof }: Entry): void {
    const isSigned = proof === 'signature' ? 1 : 0
    this.#session.write(() => this.#insert.run(room, ts, isSigned, fromHex(id), wire))
  }

  drop(room: number, id: MessageId): void {
    this.#session.write(() => this.#delete.run(room, fromHex(id)))
  }

  /** In the order of storing. */
  of(room: number): readonly PendingRow[] {
    return this.#session.read(() => this.#all.all(room)) as unknown as PendingRow[]
  }
}
