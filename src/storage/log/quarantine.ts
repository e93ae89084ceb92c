/**
 * Quarantine: moves an unusable database away instead of overwriting it, because someone may want to recover
 * its content. Its write-ahead log moves along, since it would damage a new database. The new name is
 * recorded first, so that the next start completes what a crash interrupted.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fsFailure, readStart, replaceFileNow, syncFolderNow } from '../files.ts'

/** The suffixes of the files that belong to a database. */
const PARTS = ['', '-wal', '-shm'] as const

/** A file that exists during the move, with the new name. */
const MOVE_NOTE = 'log.aside'
const MAX_NAME_BYTES = 255

/** A file that exists while the database is suspected to be damaged. */
const SUSPECT_FILE = 'log.check'

/** Moves the database and its files. Returns its new path. Throws a `ParleyError`. */
export function quarantine(path: string, now: number): string {
  const aside = freeName(path, now)
  attemptOr(path, () => {
    replaceFileNow(join(dirname(path), MOVE_NOTE), Buffer.from(basename(aside)))
    move(path, aside)
  })
  return aside
}

/** Completes an interrupted move. Throws a `ParleyError`. */
export function finishQuarantine(path: string, now: number): void {
  attemptOr(path, () => {
    const name = readStart(join(dirname(path), MOVE_NOTE), MAX_NAME_BYTES)?.toString('utf8')
    if (name !== undefined) move(path, join(dirname(path), basename(name)))
    // of a database that someone removed: a new one must not use it
    const isAlone = !existsSync(path) && PARTS.some(part => existsSync(path + part))
    if (isAlone) move(path, freeName(path, now))
  })
}

/**
 * Requests a check of the whole database at the next start. If that can't be recorded, nothing happens: the
 * damage will show again.
 */
export function markSuspect(folder: string): void {
  try {
    writeFileSync(join(folder, SUSPECT_FILE), '', { mode: 0o600 })
  } catch {
    // a disk that damages files may refuse writes, too
  }
}

export function isSuspected(folder: string): boolean {
  return existsSync(join(folder, SUSPECT_FILE))
}

export function clearSuspect(folder: string): void {
  rmSync(join(folder, SUSPECT_FILE), { force: true })
}

/** A file that is already at the new place was moved before. */
function move(from: string, to: string): void {
  for (const part of PARTS) {
    if (existsSync(from + part) && !existsSync(to + part)) renameSync(from + part, to + part)
  }
  syncFolderNow(dirname(from))
  rmSync(join(dirname(from), MOVE_NOTE), { force: true })
  syncFolderNow(dirname(from))
}

function attemptOr(path: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw fsFailure('set aside', path, cause)
  }
}

/** `log.db.set-aside-2026-11-24`, with a number appended if that exists. */
function freeName(path: string, now: number): string {
  const first = `${path}.set-aside-${new Date(now).toISOString().slice(0, 10)}`
  const isTaken = (name: string) => PARTS.some(part => existsSync(name + part))
  let name = first
  for (let count = 2; isTaken(name); count++) name = `${first}-${count}`
  return name
}
