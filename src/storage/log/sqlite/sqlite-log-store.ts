/** The log on disk: one database for the rooms of a data folder, put together of its parts. */

import type { Logger } from '../../../common/logger.ts'
import type { Crypto } from '../../../protocol/crypto.ts'
import type { LogId, RoomId } from '../../../protocol/ids.ts'
import type { RoomLog } from '../../../room/log.ts'
import type { Archive, LogStore } from '../log-store.ts'
import { Amendments } from './amendments-index.ts'
import { SqliteArchive } from './archive.ts'
import { ChainTable } from './chains-table.ts'
import { SqliteLog } from './log.ts'
import { Messages } from './messages-table.ts'
import { Holdings } from './receipts-table.ts'
import { RoomTable } from './rooms-table.ts'
import { Search } from './search-index.ts'
import { PutBy } from './sqlite-put-by.ts'
import type { Session } from './transactions.ts'

export interface SqliteLogStoreDeps {
  readonly session: Session
  readonly crypto: Crypto
  readonly logger: Logger
  /** How many of the last messages are looked through for words before the index is asked. */
  readonly lookThrough: number
  readonly newLogId: () => LogId
  /** Called once everything is committed, before the database is closed. */
  readonly onClosing: () => void
  readonly closeDatabase: () => void
}

export class SqliteLogStore implements LogStore {
  readonly #deps: SqliteLogStoreDeps
  readonly #rooms: RoomTable
  readonly #messages: Messages
  readonly #amendments: Amendments
  readonly #search: Search
  readonly #putBy: PutBy
  readonly archive: Archive
  readonly #logs = new Map<RoomId, { readonly log: RoomLog; readonly holdings: Holdings }>()
  #lastChain: number
  #isOpen = true

  constructor(deps: SqliteLogStoreDeps) {
    const { session, logger, lookThrough } = deps
    this.#deps = deps
    this.#rooms = new RoomTable(session, deps.newLogId)
    this.#messages = new Messages(session)
    this.#amendments = new Amendments(session, this.#messages)
    this.#search = new Search(session, this.#messages, this.#amendments)
    this.#putBy = new PutBy(session)
    this.archive = new SqliteArchive({
      session,
      logger,
      lookThrough,
      rooms: this.#rooms,
      messages: this.#messages,
      putBy: this.#putBy,
      amendments: this.#amendments,
      search: this.#search,
    })
    const last = session.prepare('SELECT max(number) AS number FROM chain')
    this.#lastChain = Number(session.read(() => last.get())?.['number'] ?? 0)
  }

  /** Highest row that is durable. */
  get top(): number {
    return this.#messages.committedTop
  }

  /** All rooms get another log id: this is a copy. Returns how many there are. */
  renewAll(): number {
    return this.#rooms.renewAll()
  }

  room(id: RoomId, name: string): RoomLog {
    const room = this.#rooms.open(id, name)
    const known = this.#logs.get(id)
    if (known !== undefined) return known.log
    const { session, crypto } = this.#deps
    const holdings = new Holdings(session, room.number)
    const log = new SqliteLog({
      session,
      crypto,
      room,
      holdings,
      rooms: this.#rooms,
      messages: this.#messages,
      amendments: this.#amendments,
      search: this.#search,
      putBy: this.#putBy,
      chains: new ChainTable(session, room.number, () => ++this.#lastChain),
    })
    this.#logs.set(id, { log, holdings })
    return log
  }

  indexSome(): 'more' | 'done' {
    return this.#search.indexSome()
  }

  commit(): 'written' | 'nothing' {
    return this.#deps.session.commit()
  }

  rollback(): void {
    this.#deps.session.rollback()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { session, onClosing, closeDatabase } = this.#deps
    try {
      const isBehind = [...this.#logs.values()].some(({ holdings }) => holdings.isDirty)
      if (isBehind) session.write(() => {})
      this.commit()
      onClosing()
    } finally {
      closeDatabase()
    }
  }
}
