/**
 * The database file: whether it is ours, how it is created, and how it is opened. A new one is created under
 * a temporary name and renamed when it is complete, so that its place never has half a database.
 */

import { accessSync, closeSync, constants, openSync, renameSync, rmSync } from 'node:fs'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ParleyError } from '../../../common/errors.ts'
import { fsFailure, readStart, syncFolderNow } from '../../files.ts'
import { APPLICATION_ID, MIGRATIONS, migrate, resetSearchIndex, versionOf } from './migrations.ts'

/** What the database's path refers to. */
export type FileKind = 'none' | 'log' | 'something else'

/** https://sqlite.org/fileformat2.html#the_database_header */
const MAGIC = 'SQLite format 3\0'
const HEADER_BYTES = 100
const APPLICATION_ID_AT = 68

const PAGE_BYTES = 4_096

/** Page cache. */
const CACHE_KIB = 16_384

/** The write-ahead log is checkpointed after so many pages, and truncated to so many bytes. */
const CHECKPOINT_PAGES = 1_000
const WAL_BYTES = 16 * 1_024 * 1_024

export interface FileOptions {
  /** The maximum size of the database, bytes. */
  readonly maxBytes: number
}

/** Throws a `ParleyError` if the file exists and can't be read. */
export function kindOf(path: string): FileKind {
  const header = readHeader(path)
  if (header === undefined) return 'none'
  const isDatabase = header.length === HEADER_BYTES && header.toString('latin1').startsWith(MAGIC)
  return isDatabase && header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID ? 'log' : 'something else'
}

/** Creates an empty log. Throws a `ParleyError`. */
export function createFile(path: string): void {
  const beside = `${path}.new`
  try {
    for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(beside + ending, { force: true })
    // SQLite gives the files that belong to a database the permissions of the database
    closeSync(openSync(beside, 'wx', 0o600))
    writeSchema(beside)
    renameSync(beside, path)
    syncFolderNow(dirname(path))
  } catch (cause) {
    const failure = logFailure(path, cause)
    throw failure instanceof ParleyError ? failure : fsFailure('create', path, cause)
  }
}

/**
 * Opens the log and migrates it to this version. Throws a `ParleyError`, and leaves the file alone if its
 * version is newer.
 */
export function openFile(path: string, { maxBytes }: FileOptions): DatabaseSync {
  refuseUnwritable(path)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    // first of all: it is then opened without shared memory, and no other process can look into it
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    refuseNewer(database, path)
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${WAL_BYTES};
      PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)};
    `)
    // on macOS, fsync leaves data in the disk's cache
    if (platform() === 'darwin') database.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON')
    migrate(database)
    return database
  } catch (cause) {
    database?.close()
    throw logFailure(path, cause)
  }
}

/**
 * Checks every page and every message. A wrong word index is rebuilt. Throws a `ParleyError` with the code
 * `log-corrupt` if anything else is wrong.
 */
export function checkFile(database: DatabaseSync, path: string, sha256: (bytes: Uint8Array) => string): void {
  try {
    if (checkPages(database) !== 'ok') {
      resetSearchIndex(database)
      const result = checkPages(database)
      if (result !== 'ok') throw corruptLog(path, result)
    }
    for (const { id, wire } of database.prepare('SELECT lower(hex(id)) AS id, wire FROM message').iterate()) {
      if (!(wire instanceof Uint8Array) || sha256(wire) !== id) throw corruptLog(path, `message ${id}`)
    }
  } catch (cause) {
    throw logFailure(path, cause)
  }
}

function checkPages(database: DatabaseSync): string {
  return String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'])
}

function readHeader(path: string): Buffer | undefined {
  try {
    return readStart(path, HEADER_BYTES)
  } catch (cause) {
    throw fsFailure('read', path, cause)
  }
}

function writeSchema(path: string): void {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA application_id = ${APPLICATION_ID};
    `)
    migrate(database)
    database.exec('PRAGMA journal_mode = WAL')
  } finally {
    database.close()
  }
}

/** SQLite would open it read-only and fail in many ways on writing. */
function refuseUnwritable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    accessSync(dirname(path), constants.W_OK)
  } catch (cause) {
    throw fsFailure('write', path, cause)
  }
}

function refuseNewer(database: DatabaseSync, path: string): void {
  const version = versionOf(database)
  if (version <= MIGRATIONS.length) return
  throw new ParleyError(
    'log-newer',
    `the log ${path} was written by a newer parley (its version is ${version}, this program knows ${MIGRATIONS.length})`,
    'Update parley, or choose another folder with --data.',
  )
}

// SQLite's errors as `ParleyError`s, with the same codes as other file errors. Anything that isn't an SQLite
// error is a fault of the program and passes unchanged. https://sqlite.org/rescode.html

interface LogErrorText {
  readonly code: string
  readonly why: string
  readonly remedy: string
}

/** The primary result codes that a user can act on. */
const SQLITE = {
  busy: 5,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADb: 26,
} as const

const CORRUPT: LogErrorText = {
  code: 'log-corrupt',
  why: 'it is damaged',
  remedy: 'Start parley again: it checks the log, and sets it aside if it can not be used.',
}

const EXPLANATIONS: Readonly<Record<number, LogErrorText>> = {
  [SQLITE.busy]: {
    code: 'log-held',
    why: 'another program has it open',
    remedy: 'Close what looks into the file, then start parley again.',
  },
  [SQLITE.readOnly]: {
    code: 'disk-read-only',
    why: 'it can not be written',
    remedy: 'Make the file and its folder writable, or choose another folder with --data.',
  },
  [SQLITE.inputOutput]: {
    code: 'disk-error',
    why: 'the disk reported an error',
    remedy: 'Check the disk and its quota, or choose another folder with --data.',
  },
  [SQLITE.corrupt]: CORRUPT,
  [SQLITE.notADb]: CORRUPT,
  [SQLITE.full]: {
    code: 'disk-full',
    why: 'no space is left',
    remedy: 'Free some space: what is in the log stays, and writing goes on by itself.',
  },
  [SQLITE.cantOpen]: {
    code: 'disk-denied',
    why: 'it can not be opened',
    remedy: 'Make the folder and what is in it yours (chown, chmod), or choose another one with --data.',
  },
}

const OTHER_ERROR: LogErrorText = {
  code: 'log-failed',
  why: 'the database reported an error',
  remedy: 'Start parley again; if that does not help, please report it.',
}

/** The error as a `ParleyError`, if it is SQLite's. */
export function logFailure(path: string, cause: unknown): unknown {
  const code = codeOf(cause)
  if (code === undefined) return cause
  const { code: name, why, remedy } = EXPLANATIONS[code & 0xff] ?? OTHER_ERROR
  return new ParleyError(name, `can't use the log ${path}: ${why} (SQLite ${code})`, remedy, { cause })
}

/** Our own checks show that the data isn't what was written. */
export function corruptLog(path: string, what: string): ParleyError {
  const { code, why, remedy } = CORRUPT
  return new ParleyError(code, `can't use the log ${path}: ${why} (${what})`, remedy)
}

/** True if the error says that the log is damaged. */
export function isCorruptLog(error: unknown): boolean {
  return error instanceof ParleyError && error.code === CORRUPT.code
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined
}
