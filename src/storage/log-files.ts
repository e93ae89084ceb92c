/**
 * Small files and folders, synchronously: the log is opened and closed in one go, and closing can't wait. Errors are
 * those of the file system; who calls knows what to say about them.
 */
import { closeSync, constants, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import { errnoOf } from './fs-failure.ts'

/** Only the owner may read. */
const HEAD_MODE = 0o600

/** The first bytes of a file; undefined if there is none. */
export function readHead(path: string, length: number): Buffer | undefined {
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

/** Replaces a file so that after a power loss there is the old or the new content, and nothing between. */
export function replaceHead(path: string, bytes: Uint8Array): void {
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

/** Makes what was renamed or removed in a folder durable. Windows has no such thing: there it is so by itself. */
export function syncFolderNow(folder: string): void {
  if (platform() === 'win32') return
  const file = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
