/**
 * The lock of a data folder: an exclusive transaction on an empty SQLite database. The operating system
 * releases it when the process ends, however it ends, so there is never a stale one. A note beside it says
 * who holds it, for people only.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ParleyError } from '../common/errors.ts'
import { readBounded } from './files.ts'

/** The error code for a folder that another program uses. */
export const HELD_CODE = 'data-folder-held'

const LOCK_FILE = 'lock'
const NOTE_FILE = 'lock.json'
const MAX_NOTE_BYTES = 4_096

/** Result code of SQLite: another connection holds the lock. https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

export interface FolderLock {
  /** Releases the folder. Safe to call more than once. */
  release(): Promise<void>
}

/**
 * Locks the folder, or throws a `ParleyError` that says who holds it. `who` is for people: `parley join lobby
 * (process 7)`.
 */
export async function lockFolder(folder: string, who: string): Promise<FolderLock> {
  const database = await take(folder)
  const note = join(folder, NOTE_FILE)
  // Only the message to a second program needs the note: without it the folder is locked all the same.
  await writeFile(note, JSON.stringify({ who, since: new Date().toISOString() }), { mode: 0o600 }).catch(
    () => {},
  )
  return {
    async release() {
      if (!database.isOpen) return
      await rm(note, { force: true }).catch(() => {})
      if (database.isOpen) database.close()
    },
  }
}

async function take(folder: string): Promise<DatabaseSync> {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (cause) {
    database?.close()
    throw isBusy(cause) ? await held(folder, cause) : unlockable(folder, cause)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

async function held(folder: string, cause: unknown): Promise<ParleyError> {
  return new ParleyError(
    HELD_CODE,
    `the data folder ${folder} is in use by ${await readHolder(folder)}`,
    'End that program, or give this one a folder of its own with --data.',
    { cause },
  )
}

async function readHolder(folder: string): Promise<string> {
  const bytes = await readBounded(join(folder, NOTE_FILE), MAX_NOTE_BYTES).catch(() => undefined)
  try {
    const note: unknown = JSON.parse(Buffer.from(bytes ?? []).toString('utf8'))
    return `${Reflect.get(Object(note), 'who')}, since ${Reflect.get(Object(note), 'since')}`
  } catch {
    // Being written at this moment, or removed by hand.
    return 'another parley'
  }
}

function unlockable(folder: string, cause: unknown): ParleyError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ParleyError(
    'data-folder-unlockable',
    `can't lock the data folder ${folder} (${why})`,
    'Check that the file "lock" in it can be written, or choose a folder on a local disk with --data.',
    { cause },
  )
}
