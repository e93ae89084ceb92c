/**
 * Files. Whole files are replaced so that after a power loss either the old or the new content is there:
 * write a temporary file, fsync, rename, fsync the folder. One writer at a time, which the data folder's lock
 * ensures.
 */

import { closeSync, constants, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import { ParleyError } from '../common/errors.ts'

/** Only the owner may read: keys and contacts are private. */
const MODE = 0o600

/** Replaces the file. Throws a `ParleyError` if the disk fails; the old content then stays. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`
  try {
    // A crash may have left one; its content and permissions must not be reused.
    await rm(beside, { force: true })
    await writeSynced(beside, bytes)
    await rename(beside, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw fsFailure('write', path, cause)
  }
}

/**
 * The file's bytes, or undefined if there is none; at most `maxBytes + 1` of them, so that an oversized file
 * is recognised but never loaded. Throws a `ParleyError` if it can't be read.
 */
export async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY)
    const buffer = new Uint8Array(maxBytes + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return buffer.subarray(0, length)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw fsFailure('read', path, cause)
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', MODE)
  await file.writeFile(bytes)
  await file.sync()
}

/** Windows has no such operation: there a rename is durable by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (platform() === 'win32') return
  await using handle = await open(folder, constants.O_RDONLY)
  await handle.sync()
}

// File system errors as `ParleyError`s, with an explanation and a remedy.

interface FileErrorText {
  readonly code: string
  readonly why: string
  readonly remedy: string
}

const DENIED: FileErrorText = {
  code: 'disk-denied',
  why: 'permission denied',
  remedy: 'Make it yours (chown, chmod) or choose another folder with --data.',
}
const FULL: FileErrorText = {
  code: 'disk-full',
  why: 'no space is left',
  remedy: 'Free some space or choose a folder on another disk with --data.',
}
const MISSING: FileErrorText = {
  code: 'not-a-folder',
  why: 'there is something else in the place of a folder',
  remedy: 'Move it away or choose another folder with --data.',
}
const READ_ONLY: FileErrorText = {
  code: 'disk-read-only',
  why: 'the disk is read-only',
  remedy: 'Choose a folder that can be written with --data.',
}
const NOWHERE: FileErrorText = {
  code: 'disk-error',
  why: 'the file system makes nothing there',
  remedy: 'Choose another folder with --data.',
}
const OTHER_ERROR: FileErrorText = {
  code: 'disk-error',
  why: 'the disk reported an error',
  remedy: 'Check the disk, or choose another folder with --data.',
}

const EXPLANATIONS: Readonly<Record<string, FileErrorText>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOENT: NOWHERE,
  ENOTDIR: MISSING,
  EEXIST: MISSING,
  EISDIR: { ...MISSING, code: 'not-a-file', why: 'there is a folder in the place of a file' },
  EROFS: READ_ONLY,
}

/** `doing` is what was tried: `create the data folder`. */
export function fsFailure(doing: string, path: string, cause: unknown): ParleyError {
  const errno = errnoOf(cause) ?? 'unknown'
  const { code, why, remedy } = EXPLANATIONS[errno] ?? OTHER_ERROR
  return new ParleyError(code, `can't ${doing} ${path}: ${why} (${errno})`, remedy, { cause })
}

/** The error's system code, such as `ENOENT`. */
function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

// Synchronous operations on small files and folders, for the log, which is opened and closed synchronously.
// They throw the file system's errors; the caller explains them.

const HEAD_MODE = 0o600

/** The first bytes of a file; undefined if there is none. */
export function readStart(path: string, length: number): Buffer | undefined {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY)
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Replaces a file so that after a power loss either the old or the new content is there. */
export function replaceFileNow(path: string, bytes: Uint8Array): void {
  const beside = `${path}.new`
  rmSync(beside, { force: true })
  const file = openSync(beside, 'wx', HEAD_MODE)
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  syncFolderNow(dirname(path))
}

/**
 * Makes renames and removals in a folder durable. Windows has no such operation: there they are durable by
 * themselves.
 */
export function syncFolderNow(folder: string): void {
  if (platform() === 'win32') return
  const file = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
