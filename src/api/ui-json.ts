/**
 * Events as the lines of `--json`. A program reads them, and now and then a person in a terminal: so whatever a
 * terminal could act on or hide is written as an escape. The value that a reader parses is the same, to the last
 * code unit; nothing is cleaned here.
 */
import type { UiEvent } from './events.ts'

/** Looked at more closely: the other classes take 20 times as long to test. */
const UNUSUAL = /[^\x20-\x7e]+/g

/**
 * Controls, format characters (bidi, zero width, tags), private and unassigned code points, lone surrogates, line
 * separators, and what is invisible by default, emoji joiners included. JSON's own escapes cover C0 only.
 */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** One line of JSON (RFC 8259) without its line end. */
export function jsonLine(event: UiEvent): string {
  return JSON.stringify(event).replace(UNUSUAL, run => run.replace(UNSAFE, escapeUnits))
}

/** `\uXXXX` for each UTF-16 unit: JSON has no escape for code points beyond them. */
function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  }).join('')
}
