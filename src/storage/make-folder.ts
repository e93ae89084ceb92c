/**
 * Creates a folder and its parents. Node's `recursive` loops for ever where a file system refuses new folders, as `/proc`
 * does; here each folder is tried once, and once more after its parent was created. The launcher uses it, too, so it
 * imports only Node's own modules.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * `mode` is for created folders. An existing one is fine. Throws the system's error if there is no folder afterwards.
 */
export function makeFolder(path: string, mode: number): void {
  try {
    makeOne(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error
    makeFolder(parent, mode)
    makeOne(path, mode)
  }
}

/** File systems report an existing folder as EEXIST, EISDIR, EPERM or EROFS, so this checks. */
function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, mode)
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
