/**
 * JSON in which every character is visible: whatever a terminal could act on or hide is escaped. A parser gets the same
 * value, to the last code unit; nothing is removed.
 */

/** A quick test first: the other classes take 20 times as long. */
const UNUSUAL = /[^\x20-\x7e]+/g

/**
 * Controls, format characters (bidi, zero width, tags), private and unassigned code points, lone surrogates, line
 * separators, and what is invisible by default, emoji joiners included. JSON's own escapes cover C0 only.
 */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** JSON text with additional escapes. */
export function escapeUnseen(json: string): string {
  return json.replace(UNUSUAL, run => run.replace(UNSAFE, escapeUnits))
}

/** `\uXXXX` for each UTF-16 unit: JSON has no escape for code points beyond them. */
function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  }).join('')
}
