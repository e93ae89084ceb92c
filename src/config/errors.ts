/**
 * Errors about wrong settings: which setting, where it was set, what fits. All end with exit code 2.
 */

import { ParleyError } from '../common/errors.ts'
import { escapeUnseen } from '../common/escape.ts'
import { nearest } from '../common/spelling.ts'
import { unseenClause } from '../room/names/character-name.ts'

/** How much of a wrong value is shown: enough to recognise it. */
const MAX_SHOWN = 80

/**
 * A value that doesn't fit. `where` names the setting and its place: `--port`, `"lan" in /etc/parley.json`. `reason` is
 * the fault, if it has a name: `is longer than 32 characters`. An invisible character is always named.
 */
export function badValue(where: string, value: unknown, fits: string, reason?: string): ParleyError {
  const because = reason === undefined ? unseenClause(String(value)) : `: it ${reason}`
  return settingsError(
    'bad-value',
    `${where} is ${shown(value)}, which does not fit${because}`,
    `What fits: ${fits}.`,
  )
}

/** An unknown name. `subject` is the name with its place: `"nmae" in /etc/parley.json`. */
export function unknownName(
  code: 'unknown-key' | 'unknown-option' | 'unknown-command',
  subject: string,
  name: string,
  known: readonly string[],
): ParleyError {
  const meant = nearest(name, known)
  const guess = meant === undefined ? '' : `Did you mean ${meant}? `
  return settingsError(
    code,
    `${subject} is unknown${unseenClause(name)}`,
    `${guess}What fits: ${known.join(', ')}.`,
  )
}

/** Valid settings that conflict, or are in the wrong place. */
export function settingsError(code: string, message: string, remedy: string, cause?: unknown): ParleyError {
  return new ParleyError(code, message, remedy, { exitCode: 2, cause })
}

/** A value as JSON, in which all can be seen. */
export function shown(value: unknown): string {
  const text = escapeUnseen(JSON.stringify(value) ?? String(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
