/**
 * Puts built files in their folder so that a program started meanwhile never reads half a file or a mixture: each file
 * appears whole by a rename, those that others import first, and what didn't change isn't touched.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface BuiltFile {
  /** Absolute. */
  readonly path: string
  readonly contents: Uint8Array
}

const EXECUTABLE = 0o755

/** Writes `files` into `folder` and removes whatever else lies there. */
export function replaceFolder(folder: string, files: readonly BuiltFile[]): void {
  // Chunks have longer paths than main.js, which imports them.
  for (const file of files.toSorted((a, b) => b.path.length - a.path.length)) writeWhole(file)
  removeOthers(folder, new Set(files.map(file => file.path)))
}

function writeWhole({ path, contents }: BuiltFile): void {
  if (holds(path, contents)) return
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, contents)
  if (path.endsWith('.cjs')) chmodSync(temporary, EXECUTABLE)
  renameSync(temporary, path)
}

function holds(path: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(contents)
  } catch {
    return false
  }
}

function removeOthers(folder: string, kept: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !kept.has(path) && !entry.name.endsWith('.tmp')) rmSync(path)
  }
}
