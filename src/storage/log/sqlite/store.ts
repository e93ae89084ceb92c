/**
 * Opens the log of a data folder: quarantines what can't be used, creates what is missing, and makes a copy
 * write chains of its own. The folder must be locked.
 */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Logger } from '../../../common/logger.ts'
import { SILENT_LOGGER } from '../../../common/logger.ts'
import type { Crypto } from '../../../protocol/crypto.ts'
import type { LogId, RoomId } from '../../../protocol/ids.ts'
import { toHex } from '../../../protocol/ids.ts'
import type { RoomLog } from '../../../room/log.ts'
import type { Witness } from '../copy-detection.ts'
import { isOriginal, Mark, replaceWitness, TOKEN_BYTES } from '../copy-detection.ts'
import type { Archive, LogStore } from '../log-store.ts'
import { clearSuspect, finishQuarantine, isSuspected, markSuspect, quarantine } from '../quarantine.ts'
import { AmendmentsTable } from './amendments-index.ts'
import { SqliteArchive } from './archive.ts'
import { ChainTable } from './chains-table.ts'
import { checkFile, createFile, isCorruptLog, kindOf, openFile } from './database-file.ts'
import { SqliteLog } from './log.ts'
import { highestRow, MessagesTable, PendingTable } from './messages-table.ts'
import { ReceiptsTable } from './receipts-table.ts'
import { RoomTable } from './rooms-table.ts'
import { SearchIndex } from './search-index.ts'
import { Transactions } from './transactions.ts'

const LOG_FILE = 'log.db'
const LOG_ID_BYTES = 8

/** The largest database that SQLite allows with our pages: 16 TB. */
const MAX_BYTES = 4_096 * (2 ** 32 - 2)

/**
 * A few milliseconds of work; a frequent word is found among so many, and a rare one quickly in the index.
 */
const SCAN_COUNT = 1_024

export interface LogStoreDeps {
  readonly crypto: Crypto
  readonly logger?: Logger
  /** Returns so many random bytes. */
  readonly random?: (length: number) => Uint8Array
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** The maximum size of the database, bytes. */
  readonly maxBytes?: number
  /** How many of the latest messages are scanned for words before the index is used. */
  readonly scanCount?: number
}

/** What the user must know about the log. */
export interface LogNotice {
  readonly code: 'log-set-aside' | 'log-copied'
  readonly text: string
}

export interface OpenedLogStore {
  readonly store: LogStore
  readonly notices: readonly LogNotice[]
}

/** The path of a data folder's log. */
export function logPath(folder: string): string {
  return join(folder, LOG_FILE)
}

interface Opening {
  readonly folder: string
  readonly path: string
  readonly deps: Required<LogStoreDeps>
}

/**
 * The log of the folder, created if there is none. Throws a `ParleyError` if it can't be read or written, or
 * if its version is newer; a damaged file, or one that is no log, is quarantined with a notice.
 */
export async function openLogStore(folder: string, given: LogStoreDeps): Promise<OpenedLogStore> {
  const usual = {
    logger: SILENT_LOGGER,
    random: randomBytes,
    now: Date.now,
    maxBytes: MAX_BYTES,
    scanCount: SCAN_COUNT,
  }
  const opening = { folder, path: logPath(folder), deps: { ...usual, ...given } }
  const { path, deps } = opening
  finishQuarantine(path, deps.now())
  if (kindOf(path) === 'something else') return openNew(opening, 'is no log of parley')
  try {
    return open(opening)
  } catch (error) {
    if (!isCorruptLog(error)) throw error
    deps.logger.warn('the log is damaged', { error })
    return openNew(opening, 'is damaged')
  }
}

function openNew(opening: Opening, why: string): OpenedLogStore {
  const { path, folder, deps } = opening
  const aside = quarantine(path, deps.now())
  clearSuspect(folder)
  const { store, notices } = open(opening)
  const text =
    `the log ${path} ${why}: it was set aside as ${aside}, unchanged, and a new one begun. ` +
    'What others have of it comes back by itself; keep the file, or put a backup in its place while parley does not run.'
  return { store, notices: [{ code: 'log-set-aside', text }, ...notices] }
}

function open(opening: Opening): OpenedLogStore {
  const { path, deps } = opening
  if (kindOf(path) === 'none') createFile(path)
  const database = openFile(path, deps)
  try {
    return assemble(opening, database)
  } catch (error) {
    if (database.isOpen) database.close()
    throw error
  }
}

function assemble(opening: Opening, database: DatabaseSync): OpenedLogStore {
  const { folder, path, deps } = opening
  const session = new Transactions(database, { path, onCorrupt: () => markSuspect(folder) })
  const witness = new WitnessKeeper(opening, session)
  const isCopy = witness.isCopy(highestRow(session))
  // it may have been copied while it was being written
  if (isCopy || isSuspected(folder)) checkFile(database, path, deps.crypto.sha256)
  clearSuspect(folder)
  const store = new SqliteLogStore({
    session,
    crypto: deps.crypto,
    logger: deps.logger,
    scanCount: deps.scanCount,
    newLogId: () => toHex(deps.random(LOG_ID_BYTES)) as LogId,
    onClosing: () => witness.onClosing(),
    closeDatabase: () => {
      witness.close()
      database.close()
    },
  })
  const renewed = isCopy ? store.renewAll() : 0
  witness.onOpened(() => store.top)
  return { store, notices: renewed > 0 ? [copyNotice(folder)] : [] }
}

/** Keeps the database and its witness consistent. */
class WitnessKeeper {
  readonly #opening: Opening
  readonly #session: Transactions
  #mark: Mark | undefined

  constructor(opening: Opening, session: Transactions) {
    this.#opening = opening
    this.#session = session
  }

  /** True if the database was last written somewhere else. `top` is how far it goes. */
  isCopy(top: number): boolean {
    const statement = this.#session.prepare('SELECT token, ctime, inode FROM witness')
    statement.setReadBigInts(true)
    const remembered = this.#session.read(() => statement.get()) as Witness | undefined
    return remembered !== undefined && !isOriginal(this.#opening.folder, remembered, top)
  }

  /** From now on, only this folder in its present state has the right witness. Commits. */
  onOpened(top: () => number): void {
    const { token } = this.#replaceWitness()
    this.#mark = new Mark(this.#opening.folder, token, top())
    this.#session.join({ flush() {}, committed: () => this.#mark?.set(top()), rolledBack() {} })
  }

  /** Makes copies taken meanwhile detectable. */
  onClosing(): void {
    try {
      this.#replaceWitness()
    } catch (error) {
      // a full disk, for example; the state at the start is still valid
      this.#opening.deps.logger.warn('the witness of the log cannot be replaced', { error })
    }
  }

  close(): void {
    this.#mark?.close()
  }

  #replaceWitness(): Witness {
    const { folder, deps } = this.#opening
    const testimony = replaceWitness(folder, deps.random(TOKEN_BYTES))
    const { token, ctime, inode } = testimony
    const statement = this.#session.prepare('INSERT OR REPLACE INTO witness VALUES (1, ?, ?, ?)')
    this.#session.write(() => statement.run(token, ctime, inode))
    this.#session.commit()
    return testimony
  }
}

function copyNotice(folder: string): LogNotice {
  const text =
    `the log in ${folder} was copied, or restored from a backup: ` +
    'what you write from now on is a chain of its own, so that it cannot contradict what was written elsewhere. ' +
    'Nothing is lost, and there is nothing to do.'
  return { code: 'log-copied', text }
}

// The log store in SQLite: one database for the rooms of a data folder, composed of its tables.

export interface SqliteLogStoreDeps {
  readonly session: Transactions
  readonly crypto: Crypto
  readonly logger: Logger
  /** How many of the latest messages are scanned for words before the index is used. */
  readonly scanCount: number
  readonly newLogId: () => LogId
  /** Called when everything is committed, before the database is closed. */
  readonly onClosing: () => void
  readonly closeDatabase: () => void
}

class SqliteLogStore implements LogStore {
  readonly #deps: SqliteLogStoreDeps
  readonly #rooms: RoomTable
  readonly #messages: MessagesTable
  readonly #amendments: AmendmentsTable
  readonly #search: SearchIndex
  readonly #putBy: PendingTable
  readonly archive: Archive
  readonly #logs = new Map<RoomId, { readonly log: RoomLog; readonly holdings: ReceiptsTable }>()
  #lastChain: number
  #isOpen = true

  constructor(deps: SqliteLogStoreDeps) {
    const { session, logger, scanCount } = deps
    this.#deps = deps
    this.#rooms = new RoomTable(session, deps.newLogId)
    this.#messages = new MessagesTable(session)
    this.#amendments = new AmendmentsTable(session, this.#messages)
    this.#search = new SearchIndex(session, this.#messages, this.#amendments)
    this.#putBy = new PendingTable(session)
    this.archive = new SqliteArchive({
      session,
      logger,
      scanCount,
      rooms: this.#rooms,
      messages: this.#messages,
      pending: this.#putBy,
      amendments: this.#amendments,
      search: this.#search,
    })
    const last = session.prepare('SELECT max(number) AS number FROM chain')
    this.#lastChain = Number(session.read(() => last.get())?.['number'] ?? 0)
  }

  /** The highest durable row. */
  get top(): number {
    return this.#messages.committedTop
  }

  /** Gives all rooms another log id, because this is a copy. Returns how many there are. */
  renewAll(): number {
    return this.#rooms.renewAll()
  }

  room(id: RoomId, name: string): RoomLog {
    const room = this.#rooms.open(id, name)
    const known = this.#logs.get(id)
    if (known !== undefined) return known.log
    const { session, crypto } = this.#deps
    const receipts = new ReceiptsTable(session, room.number)
    const log = new SqliteLog({
      session,
      crypto,
      room,
      receipts,
      rooms: this.#rooms,
      messages: this.#messages,
      amendments: this.#amendments,
      search: this.#search,
      pending: this.#putBy,
      chains: new ChainTable(session, room.number, () => ++this.#lastChain),
    })
    this.#logs.set(id, { log, holdings: receipts })
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
