/**
 * Whole files, replaced so that after a power loss there is the old or the new content and nothing between:
 * write beside it, fsync, rename, fsync the folder. One writer at a time, as the data folder's lock sees to.
 */
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import { errnoOf, fsFailure } from './fs-failure.ts'

/** Only the owner may read: keys and who was met are nobody else's business. */
const MODE = 0o600

/** Replaces the file. Throws a `ParleyError` when the disk doesn't take it; the old content then stays. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`
  try {
    // A crash may have left one; it must not pass on its content or permissions.
    await rm(beside, { force: true })
    await writeSynced(beside, bytes)
    await rename(beside, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw fsFailure('write', path, cause)
  }
}

/**
 * The file's bytes, or undefined if there is none; at most `maxBytes + 1` of them, so that a larger file is seen
 * as such but never loaded. Throws a `ParleyError` when it can't be read.
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

/** Windows has no such thing: there a rename is durable by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (platform() === 'win32') return
  await using handle = await open(folder, constants.O_RDONLY)
  await handle.sync()
}
