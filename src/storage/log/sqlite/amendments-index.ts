/**
 * The index of amendments: which messages amend which, by amended message, kind, author and time. So the
 * amendments that count are found without reading the others, however many there are.
 */
import type { StatementSync } from 'node:sqlite'
import { amendmentIn } from '../../../protocol/content.ts'
import type { Envelope } from '../../../protocol/envelope.ts'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'
import { MAX_REACTING_AUTHORS } from '../../../protocol/limits.ts'
import type { AmendmentIndex, AmendmentQuery } from '../../../room/messages/amendments.ts'
import { GrowingBloom } from './id-index.ts'
import type { MessagesTable } from './messages-table.ts'
import type { Transactions } from './transactions.ts'

interface FoundAmendment {
  readonly id: Uint8Array
  readonly wire: Uint8Array
}

/**
 * Look-ups after which a filter is worth building: a long sync looks for amendments of every message that it
 * shows.
 */
const LOOK_UPS_BEFORE_FILTER = 1_024
/** The filter's initial capacity: 32 KB. */
const CAPACITY = 16_384

export class AmendmentsTable {
  readonly #session: Transactions
  readonly #messages: MessagesTable
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #any: StatementSync
  readonly #nextAuthor: StatementSync
  readonly #newest: StatementSync
  readonly #refOf: StatementSync
  readonly #refs: StatementSync
  /** `none`: no room has any, so every look-up can be skipped. */
  #content: 'none' | 'some'
  #lookUps = 0
  /** The amended messages of all rooms, perhaps including former ones; built after many look-ups. */
  #filter: GrowingBloom | undefined

  constructor(session: Transactions, messages: MessagesTable) {
    this.#session = session
    this.#messages = messages
    this.#insert = session.prepare('INSERT INTO amendment VALUES (?, ?, ?, ?, ?, ?)')
    this.#delete = session.prepare('DELETE FROM amendment WHERE number = ?')
    this.#any = session.prepare('SELECT 1 FROM amendment WHERE room = ? AND ref = ? LIMIT 1')
    this.#refOf = session.prepare('SELECT ref FROM amendment WHERE number = ?')
    this.#refs = session.prepare('SELECT DISTINCT hex(substr(ref, 1, 6)) AS prefix FROM amendment')
    this.#nextAuthor = session.prepare(
      'SELECT author FROM amendment WHERE room = ? AND ref = ? AND kind = ? AND author > ? ORDER BY author LIMIT 1',
    )
    this.#newest = session.prepare(
      `SELECT message.id, message.wire FROM amendment JOIN message USING (number)
       WHERE amendment.room = ? AND ref = ? AND kind = ? AND author = ?
       ORDER BY amendment.ts DESC, message.id DESC LIMIT ?`,
    )
    const first = session.prepare('SELECT 1 FROM amendment LIMIT 1')
    this.#content = session.read(() => first.get()) === undefined ? 'none' : 'some'
  }

  /** A message was written to this row. */
  add(room: number, number: number, envelope: Envelope): void {
    const ref = amendmentIn(envelope)?.ref
    if (ref === undefined) return
    const { kind, author, ts } = envelope
    this.#session.write(() => this.#insert.run(number, room, fromHex(ref), kind, fromHex(author), ts))
    this.#content = 'some'
    this.#filter?.add(ref)
  }

  /** The message of this row was deleted. */
  remove(number: number): void {
    if (this.#content === 'some') this.#session.write(() => this.#delete.run(number))
  }

  /** The id of the message that this row amends, if it does. */
  refOf(number: number): Uint8Array | undefined {
    if (this.#content === 'none') return undefined
    return this.#session.read(() => this.#refOf.get(number))?.['ref'] as Uint8Array | undefined
  }

  /** The index of one room. */
  in(room: number): AmendmentIndex {
    return {
      isAmended: ref => this.#isReferredTo(room, ref),
      amendmentsOf: wanted => this.#references(room, wanted),
    }
  }

  #isReferredTo(room: number, ref: MessageId): boolean {
    if (this.#content === 'none' || !this.#mayHave(ref)) return false
    return this.#session.read(() => this.#any.get(room, fromHex(ref))) !== undefined
  }

  #mayHave(ref: MessageId): boolean {
    if (this.#filter === undefined && this.#lookUps++ >= LOOK_UPS_BEFORE_FILTER)
      this.#filter = this.#makeFilter()
    return this.#filter?.mayHave(ref) ?? true
  }

  #makeFilter(): GrowingBloom {
    const filter = new GrowingBloom(CAPACITY)
    const rows = this.#session.read(() => this.#refs.all()) as unknown as { prefix: string }[]
    for (const { prefix } of rows) filter.add(prefix)
    return filter
  }

  #references(room: number, { ref, kind, author, count }: AmendmentQuery): readonly Envelope[] {
    if (this.#content === 'none') return []
    const about = fromHex(ref)
    const authors = author === undefined ? this.#authors(room, about, kind) : [fromHex(author)]
    const rows: FoundAmendment[] = []
    for (const one of authors) {
      const own = this.#session.read(() => this.#newest.all(room, about, kind, one, count))
      rows.push(...(own as unknown as FoundAmendment[]))
    }
    return rows.map(({ id, wire }) => this.#messages.envelope(id, wire))
  }

  *#authors(room: number, ref: Uint8Array, kind: number): Iterable<Uint8Array> {
    let last = new Uint8Array()
    for (let count = 0; count < MAX_REACTING_AUTHORS; count++) {
      const row = this.#session.read(() => this.#nextAuthor.get(room, ref, kind, last))
      if (row === undefined) return
      last = row['author'] as Uint8Array<ArrayBuffer>
      yield last
    }
  }
}
