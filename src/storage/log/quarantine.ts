/**
 * A database that can't be used is moved out of the way, never overwritten: somebody may want to save what is in it.
 * Its write-ahead log goes with it, and would spoil a new database if it stayed. Where to is noted first, so that a
 * crash between the moves is made good at the next start.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fsFailure, readHead, replaceHead, syncFolderNow } from '../files.ts'

/** What belongs to a database `x` is called `x` and one of these. */
const PARTS = ['', '-wal', '-shm'] as const

/** In the database's folder while it is moved: its new name. */
const NOTE = 'log.aside'
const MAX_NAME_BYTES = 255

/** In the database's folder while it is suspected to be damaged. */
const SUSPICION = 'log.check'

/** Moves the database and what belongs to it. Returns its new path. Throws a `ParleyError`. */
export function quarantine(path: string, now: number): string {
  const aside = freeName(path, now)
  attempt(path, () => {
    replaceHead(join(dirname(path), NOTE), Buffer.from(basename(aside)))
    move(path, aside)
  })
  return aside
}

/** Ends what a crash interrupted. Throws a `ParleyError`. */
export function finishQuarantine(path: string, now: number): void {
  attempt(path, () => {
    const name = readHead(join(dirname(path), NOTE), MAX_NAME_BYTES)?.toString('utf8')
    if (name !== undefined) move(path, join(dirname(path), basename(name)))
    // of a database that somebody took away: a new one must not have it
    const isAlone = !existsSync(path) && PARTS.some(part => existsSync(path + part))
    if (isAlone) move(path, freeName(path, now))
  })
}

/** Has the whole database checked at the next start. Nothing happens if that can't be noted: the damage shows again. */
export function markSuspect(folder: string): void {
  try {
    writeFileSync(join(folder, SUSPICION), '', { mode: 0o600 })
  } catch {
    // the disk that damages files may well refuse to write others
  }
}

export function isSuspected(folder: string): boolean {
  return existsSync(join(folder, SUSPICION))
}

export function clearSuspect(folder: string): void {
  rmSync(join(folder, SUSPICION), { force: true })
}

/** What stands at the new place already was moved before. */
function move(from: string, to: string): void {
  for (const part of PARTS) {
    if (existsSync(from + part) && !existsSync(to + part)) renameSync(from + part, to + part)
  }
  syncFolderNow(dirname(from))
  rmSync(join(dirname(from), NOTE), { force: true })
  syncFolderNow(dirname(from))
}

function attempt(path: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw fsFailure('set aside', path, cause)
  }
}

/** `log.db.set-aside-2026-11-24`, with a number behind it if that is taken. */
function freeName(path: string, now: number): string {
  const first = `${path}.set-aside-${new Date(now).toISOString().slice(0, 10)}`
  const isTaken = (name: string) => PARTS.some(part => existsSync(name + part))
  let name = first
  for (let count = 2; isTaken(name); count++) name = `${first}-${count}`
  return name
}
