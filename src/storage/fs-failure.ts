/**
 * What went wrong with a file or folder, in words that help: the errors of the file system as `ParleyError`s.
 */
import { ParleyError } from '../common/errors.ts'

interface Explanation {
  readonly code: string
  readonly why: string
  readonly remedy: string
}

const DENIED: Explanation = {
  code: 'disk-denied',
  why: 'permission denied',
  remedy: 'Make it yours (chown, chmod) or choose another folder with --data.',
}
const FULL: Explanation = {
  code: 'disk-full',
  why: 'no space is left',
  remedy: 'Free some space or choose a folder on another disk with --data.',
}
const NO_FOLDER: Explanation = {
  code: 'not-a-folder',
  why: 'there is something else in the place of a folder',
  remedy: 'Move it away or choose another folder with --data.',
}
const READ_ONLY: Explanation = {
  code: 'disk-read-only',
  why: 'the disk is read-only',
  remedy: 'Choose a folder that can be written with --data.',
}
const OTHER: Explanation = {
  code: 'disk-error',
  why: 'the disk reported an error',
  remedy: 'Check the disk, or choose another folder with --data.',
}

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
  EISDIR: { ...NO_FOLDER, code: 'not-a-file', why: 'there is a folder in the place of a file' },
  EROFS: READ_ONLY,
}

/** `doing` is what was tried: `create the data folder`. */
export function fsFailure(doing: string, path: string, cause: unknown): ParleyError {
  const errno = errnoOf(cause) ?? 'unknown'
  const { code, why, remedy } = EXPLANATIONS[errno] ?? OTHER
  return new ParleyError(code, `can't ${doing} ${path}: ${why} (${errno})`, remedy, { cause })
}

/** The error's system code, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
