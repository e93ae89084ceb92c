/**
 * Opens the log of a data folder: sets aside what can't be used, makes what is missing, and sees to it that a copy
 * writes chains of its own. The folder's lock must be held.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Crypto } from '../core/crypto.ts'
import type { LogId } from '../core/ids.ts'
import { toHex } from '../core/ids.ts'
import { type Logger, SILENT_LOGGER } from '../core/logger.ts'
import { acquit, finishSetAside, isSuspected, setAside, suspect } from './log-aside.ts'
import type { LogStore } from './log-store.ts'
import type { Testimony } from './log-witness.ts'
import { isOriginal, Mark, replaceWitness, TOKEN_BYTES } from './log-witness.ts'
import { isCorruptLog } from './sqlite-failure.ts'
import { checkFile, createFile, kindOf, openFile } from './sqlite-file.ts'
import { SqliteLogStore } from './sqlite-log-store.ts'
import { Session } from './sqlite-session.ts'

const LOG_FILE = 'log.db'
const LOG_ID_BYTES = 8

export interface LogStoreDeps {
  readonly crypto: Crypto
  readonly logger?: Logger
  /** So many random bytes. */
  readonly random?: (length: number) => Uint8Array
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** The database doesn't grow beyond, bytes. */
  readonly maxBytes?: number
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

interface Opening {
  readonly folder: string
  readonly path: string
  readonly deps: Required<LogStoreDeps>
}

/**
 * The log of the folder, made if there is none. Throws a `ParleyError` when it can't be read or written, or is of a
 * newer version; what is damaged or no log is set aside, with a notice.
 */
export async function openLogStore(folder: string, given: LogStoreDeps): Promise<OpenedLogStore> {
  const usual = { logger: SILENT_LOGGER, random: randomBytes, now: Date.now, maxBytes: 2 ** 43 }
  const opening = { folder, path: join(folder, LOG_FILE), deps: { ...usual, ...given } }
  const { path, deps } = opening
  finishSetAside(path, deps.now())
  if (kindOf(path) === 'something else') return openAnew(opening, 'is no log of parley')
  try {
    return open(opening)
  } catch (error) {
    if (!isCorruptLog(error)) throw error
    deps.logger.warn('the log is damaged', { error })
    return openAnew(opening, 'is damaged')
  }
}

function openAnew(opening: Opening, why: string): OpenedLogStore {
  const { path, folder, deps } = opening
  const aside = setAside(path, deps.now())
  acquit(folder)
  const { store, notices } = open(opening)
  const text =
    `the log ${path} ${why}: it was set aside as ${aside}, unchanged, and a new one begun. ` +
    'What others have of it comes back by itself; keep the file, or put a backup in its place while parley does not run.'
  return { store, notices: [{ code: 'log-set-aside', text }, ...notices] }
}

function open(opening: Opening): OpenedLogStore {
  const { path, deps } = opening
  const isNew = kindOf(path) === 'none'
  if (isNew) createFile(path)
  const database = openFile(path, deps)
  try {
    return assemble(opening, database, isNew)
  } catch (error) {
    if (database.isOpen) database.close()
    throw error
  }
}

function assemble(opening: Opening, database: DatabaseSync, isNew: boolean): OpenedLogStore {
  const { folder, path, deps } = opening
  const session = new Session(database, { path, onCorrupt: () => suspect(folder) })
  if (isSuspected(folder)) {
    checkFile(database, path, deps.crypto.sha256)
    acquit(folder)
  }
  const memory = new WitnessMemory(session)
  const store = new SqliteLogStore({
    session,
    crypto: deps.crypto,
    logger: deps.logger,
    newLogId: () => toHex(deps.random(LOG_ID_BYTES)) as LogId,
    onClosing: () => attest(),
    closeDatabase: () => {
      mark?.close()
      database.close()
    },
  })
  let mark: Mark | undefined

  /** From now on only this folder, as it is, has the right witness. */
  function attest(): Testimony {
    const testimony = replaceWitness(folder, deps.random(TOKEN_BYTES))
    memory.set(testimony)
    store.commit()
    return testimony
  }

  const remembered = memory.get()
  const isCopy = remembered === undefined ? !isNew : !isOriginal(folder, remembered, store.top)
  if (isCopy) {
    // whoever copied it may have done so while it was written
    checkFile(database, path, deps.crypto.sha256)
    store.renewAll()
  }
  const { token } = attest()
  mark = new Mark(folder, token, store.top)
  session.join({ flush() {}, committed: () => mark?.set(store.top), undone() {} })
  return { store, notices: isCopy ? [copied(folder)] : [] }
}

/** What the database remembers of the witness. */
class WitnessMemory {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  get(): Testimony | undefined {
    const statement = this.#session.prepare('SELECT token, ctime, inode FROM witness')
    statement.setReadBigInts(true)
    return this.#session.read(() => statement.get()) as Testimony | undefined
  }

  set({ token, ctime, inode }: Testimony): void {
    const statement = this.#session.prepare('INSERT OR REPLACE INTO witness VALUES (1, ?, ?, ?)')
    this.#session.write(() => statement.run(token, ctime, inode))
  }
}

function copied(folder: string): LogNotice {
  const text =
    `the log in ${folder} was copied, or restored from a backup: ` +
    'what you write from now on is a chain of its own, so that it cannot contradict what was written elsewhere. ' +
    'Nothing is lost, and there is nothing to do.'
  return { code: 'log-copied', text }
}
