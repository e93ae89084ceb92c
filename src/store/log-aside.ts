/**
 * A database that can't be used is moved out of the way, never overwritten: somebody may want to save what is in it.
 * Its write-ahead log goes with it, and would spoil a new database if it stayed. A crash between the two moves is made
 * good at the next start.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fsFailure } from './fs-failure.ts'
import { syncFolder } from './log-witness.ts'

/** What belongs to a database `x` is called `x` and one of these. */
const COMPANIONS = ['-wal', '-shm'] as const

/** In the database's folder while it is suspected to be damaged. */
const SUSPICION = 'log.check'

/** Moves the database and what belongs to it. Returns its new path. Throws a `ParleyError`. */
export function setAside(path: string, now: number): string {
  const aside = freeName(path, now)
  move(path, aside)
  moveCompanions(path, aside)
  return aside
}

/** Ends what a crash interrupted: there is no database, but there is what belonged to it. Throws a `ParleyError`. */
export function finishSetAside(path: string, now: number): void {
  if (existsSync(path) || COMPANIONS.every(ending => !existsSync(path + ending))) return
  moveCompanions(path, lastWithoutCompanions(path) ?? freeName(path, now))
}

/** Has the whole database checked at the next start. Nothing happens if that can't be noted: the damage shows again. */
export function suspect(folder: string): void {
  try {
    writeFileSync(join(folder, SUSPICION), '', { mode: 0o600 })
  } catch {
    // the disk that damages files may well refuse to write others
  }
}

export function isSuspected(folder: string): boolean {
  return existsSync(join(folder, SUSPICION))
}

export function acquit(folder: string): void {
  rmSync(join(folder, SUSPICION), { force: true })
}

function moveCompanions(from: string, to: string): void {
  for (const ending of COMPANIONS) if (existsSync(from + ending)) move(from + ending, to + ending)
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to)
    syncFolder(dirname(from))
  } catch (cause) {
    throw fsFailure('set aside', from, cause)
  }
}

/** `log.db.set-aside-2026-11-24`, with a number behind it if that is taken. */
function freeName(path: string, now: number): string {
  const first = prefixOf(path) + new Date(now).toISOString().slice(0, 10)
  const isTaken = (name: string) => ['', ...COMPANIONS].some(ending => existsSync(name + ending))
  let name = first
  for (let count = 2; isTaken(name); count++) name = `${first}-${count}`
  return name
}

/** The one that was set aside last, if what belongs to it didn't follow it yet. */
function lastWithoutCompanions(path: string): string | undefined {
  const prefix = basename(prefixOf(path))
  const names = readdirSync(dirname(path)).filter(name => name.startsWith(prefix))
  const databases = names.filter(name => !COMPANIONS.some(ending => name.endsWith(ending)))
  const alone = databases.filter(name => COMPANIONS.every(ending => !names.includes(name + ending)))
  const last = alone.sort(byNumber).at(-1)
  return last && join(dirname(path), last)
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function prefixOf(path: string): string {
  return `${path}.set-aside-`
}
