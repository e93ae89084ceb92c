/**
 * The values of options that one command alone has. They are no settings: no file and no variable gives them.
 */
import { badValue } from '../../config/errors.ts'
import { DURATION_FITS, parseDuration, parseSince, SINCE_FITS } from './time.ts'

/** A whole number; `given` is as it was typed. Throws a `ParleyError` with exit code 2 if it doesn't fit. */
export function countOption(
  flag: string,
  given: string | undefined,
  range: { readonly standard: number; readonly min: number; readonly max: number },
): number {
  if (given === undefined) return range.standard
  const count = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
  if (count >= range.min && count <= range.max) return count
  throw badValue(flag, given, `a whole number from ${range.min} to ${range.max}`)
}

/** Milliseconds; a bare number counts seconds, as for timeout(1). Throws like `countOption`. */
export function timeOption(
  flag: string,
  given: string | undefined,
  range: { readonly standard: number; readonly max: number },
): number {
  if (given === undefined) return range.standard
  const ms = parseDuration(/^\d+$/.test(given) ? `${given}s` : given)
  if (ms !== undefined && ms <= range.max) return ms
  throw badValue(flag, given, `${DURATION_FITS}, at most ${range.max / 1_000}s`)
}

/** A moment, milliseconds since the epoch; undefined if none was given. Throws like `countOption`. */
export function sinceOption(flag: string, given: string | undefined, now: number): number | undefined {
  if (given === undefined) return undefined
  const since = parseSince(given, now)
  if (since === undefined) throw badValue(flag, given, SINCE_FITS)
  return since
}
