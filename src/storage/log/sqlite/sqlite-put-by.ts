/**
 * Messages that are put by: authentic ones whose predecessor isn't here. They have no place in a chain, so they
 * stand in a table of their own, which the core keeps small.
 */
import type { StatementSync } from 'node:sqlite'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'
import type { Entry } from '../../../room/log.ts'
import type { MessageRow } from './messages-table.ts'
import type { Session } from './transactions.ts'

export type PutByRow = Pick<MessageRow, 'ts' | 'proof' | 'id' | 'wire'>

export class PutBy {
  readonly #session: Session
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #all: StatementSync

  constructor(session: Session) {
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

  /** In the order in which they were put by. */
  of(room: number): readonly PutByRow[] {
    return this.#session.read(() => this.#all.all(room)) as unknown as PutByRow[]
  }
}
