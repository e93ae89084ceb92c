/**
 * SQLite's errors as `ParleyError`s, with the codes that other files' errors have. What isn't an error of SQLite is
 * a fault of the program and stays what it is. https://sqlite.org/rescode.html
 */
import { ParleyError } from '../../../common/errors.ts'

interface Explanation {
  readonly code: string
  readonly why: string
  readonly remedy: string
}

/** The primary result codes that a user can do something about. */
const SQLITE = {
  busy: 5,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADb: 26,
} as const

const CORRUPT: Explanation = {
  code: 'log-corrupt',
  why: 'it is damaged',
  remedy: 'Start parley again: it checks the log, and sets it aside if it can not be used.',
}

const EXPLANATIONS: Readonly<Record<number, Explanation>> = {
  [SQLITE.busy]: {
    code: 'log-held',
    why: 'another program has it open',
    remedy: 'Close what looks into the file, then start parley again.',
  },
  [SQLITE.readOnly]: {
    code: 'disk-read-only',
    why: 'it can not be written',
    remedy: 'Make the file and its folder writable, or choose another folder with --data.',
  },
  [SQLITE.inputOutput]: {
    code: 'disk-error',
    why: 'the disk reported an error',
    remedy: 'Check the disk and its quota, or choose another folder with --data.',
  },
  [SQLITE.corrupt]: CORRUPT,
  [SQLITE.notADb]: CORRUPT,
  [SQLITE.full]: {
    code: 'disk-full',
    why: 'no space is left',
    remedy: 'Free some space: what is in the log stays, and writing goes on by itself.',
  },
  [SQLITE.cantOpen]: {
    code: 'disk-denied',
    why: 'it can not be opened',
    remedy: 'Make the folder and what is in it yours (chown, chmod), or choose another one with --data.',
  },
}

const OTHER: Explanation = {
  code: 'log-failed',
  why: 'the database reported an error',
  remedy: 'Start parley again; if that does not help, please report it.',
}

/** The error in words for the user, if it is one of SQLite's. */
export function logFailure(path: string, cause: unknown): unknown {
  const code = codeOf(cause)
  if (code === undefined) return cause
  const { code: name, why, remedy } = EXPLANATIONS[code & 0xff] ?? OTHER
  return new ParleyError(name, `can't use the log ${path}: ${why} (SQLite ${code})`, remedy, { cause })
}

/** What was read isn't what was written, as our own checks tell. */
export function corruptLog(path: string, what: string): ParleyError {
  const { code, why, remedy } = CORRUPT
  return new ParleyError(code, `can't use the log ${path}: ${why} (${what})`, remedy)
}

/** True if the error says that the log is damaged. */
export function isCorruptLog(error: unknown): boolean {
  return error instanceof ParleyError && error.code === CORRUPT.code
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined
}
