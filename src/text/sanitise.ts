/**
 * Makes text that anybody wrote safe to print on a terminal: what comes out moves no cursor, opens no escape
 * sequence, turns no line around, hides nothing and paints over nothing. It is for showing only; what is stored
 * and sent stays as it was written. It is not a filter for taste, and it doesn't make two lookalikes differ.
 *
 * Its idea: what was there and must not act is seen as U+FFFD, so that an escape sequence shows as the harmless
 * text that it is made of; what only hides (zero width, bidi, tags) goes; joiners and marks are judged by their
 * neighbours. Cleaning twice changes nothing. Plain ASCII, nearly all of the traffic, is returned as it is.
 *
 * The categories are of Unicode's general ones: https://www.unicode.org/reports/tr44/#General_Category_Values
 */
import { BLANKS, settleMarks } from '../room/names/characters.ts'

/** A tab moves the cursor by an amount that depends on where it is. */
const TAB_SPACES = '    '

const PLAIN_LINE = /^[\x20-\x7e]*$/
const PLAIN_TEXT = /^[\n\x20-\x7e]*$/

/** Everything that some terminal or editor takes for the end of a line. */
const LINE_ENDS = /\r\n?|[\v\f\u{85}\u{2028}\u{2029}]/gu

/** Format characters and all that is invisible by default, except those that `settleMarks` judges. */
const HIDDEN = /[[\p{Cf}\p{Default_Ignorable_Code_Point}]--[\u{200c}\u{200d}\u{fe0f}]]+/gv

/** Controls, private and unassigned code points and noncharacters: nobody knows what a terminal makes of them. */
const UNSHOWABLE = /[[\p{Cc}\p{Co}\p{Cn}]--\n]+/gv

const REPLACEMENT = '\u{fffd}'

/** For names, rooms, reasons and whatever else has one line: line breaks and tabs become a space. */
export function sanitiseLine(text: string): string {
  if (PLAIN_LINE.test(text)) return text
  return clean(text.replace(LINE_ENDS, '\n').replace(/[\n\t]/gu, ' '))
}

/** For the text of messages: line breaks stay, all as `\n`, and tabs become spaces. */
export function sanitiseText(text: string): string {
  if (PLAIN_TEXT.test(text)) return text
  return clean(text.replace(LINE_ENDS, '\n').replace(/\t/gu, TAB_SPACES))
}

function clean(text: string): string {
  const shown = text.toWellFormed().replace(BLANKS, ' ').replace(HIDDEN, '').replace(UNSHOWABLE, REPLACEMENT)
  return settleMarks(shown)
}
