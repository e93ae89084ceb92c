/**
 * Sanitises anyone's text for a terminal: the result moves no cursor, starts no escape sequence, reverses no
 * line, hides nothing and paints over nothing. It is for display only; what is stored and sent stays as
 * written. It doesn't filter by taste, and doesn't make lookalikes differ.
 *
 * What must not act is shown as U+FFFD, so that an escape sequence appears as the harmless text that it consists of;
 * what only hides (zero width, bidi) is removed; joiners, tags and marks are judged by their neighbours. Sanitising
 * twice changes nothing. Plain ASCII, nearly all of the traffic, is returned unchanged.
 *
 * The categories are Unicode's general ones: https://www.unicode.org/reports/tr44/#General_Category_Values
 */
import { BLANKS, CONTEXTUAL, FORMAT_SIGNS, settleMarks } from '../room/names/characters.ts'

/** A tab moves the cursor by an amount that depends on its position. */
const TAB_SPACES = '    '

const PLAIN_LINE = /^[\x20-\x7e]*$/
const PLAIN_TEXT = /^[\n\x20-\x7e]*$/

/** Everything that some terminal or editor treats as a line end. */
const LINE_ENDS = /\r\n?|[\v\f\u{85}\u{2028}\u{2029}]/gu

/** Format characters and everything invisible by default, except visible ones and what `settleMarks` judges. */
const HIDDEN = new RegExp(
  String.raw`[[\p{Cf}\p{Default_Ignorable_Code_Point}]--[${FORMAT_SIGNS}${CONTEXTUAL}]]+`,
  'gv',
)

/** Controls, private and unassigned code points and noncharacters: terminals differ on them. */
const UNSHOWABLE = /[[\p{Cc}\p{Co}\p{Cn}]--\n]+/gv

const REPLACEMENT = '\u{fffd}'

/** For names, rooms, reasons and other single lines: line breaks and tabs become spaces. */
export function sanitiseLine(text: string): string {
  if (PLAIN_LINE.test(text)) return text
  return clean(text.replace(LINE_ENDS, '\n').replace(/[\n\t]/gu, ' '))
}

/** For message texts: line breaks become `\n`, tabs become spaces. */
export function sanitiseText(text: string): string {
  if (PLAIN_TEXT.test(text)) return text
  return clean(text.replace(LINE_ENDS, '\n').replace(/\t/gu, TAB_SPACES))
}

function clean(text: string): string {
  const shown = text.toWellFormed().replace(BLANKS, ' ').replace(HIDDEN, '').replace(UNSHOWABLE, REPLACEMENT)
  return settleMarks(shown)
}
