/**
 * Names of invisible characters: `U+202E RIGHT-TO-LEFT OVERRIDE`. They are for errors about typed or pasted text, in
 * which the user sees nothing wrong. The names are Unicode's; a few are listed here, those that are often copied from web
 * pages and chats, and the others are described by their category.
 */
import { CONTEXTUAL, FORMAT_SIGNS, settleMarks } from './characters.ts'

/** By code point, hexadecimal. */
const NAMES: ReadonlyMap<number, string> = new Map(
  `
0 NULL
7 BELL
8 BACKSPACE
9 CHARACTER TABULATION
A LINE FEED
B LINE TABULATION
C FORM FEED
D CARRIAGE RETURN
1B ESCAPE
7F DELETE
85 NEXT LINE
AD SOFT HYPHEN
34F COMBINING GRAPHEME JOINER
61C ARABIC LETTER MARK
115F HANGUL CHOSEONG FILLER
1160 HANGUL JUNGSEONG FILLER
180E MONGOLIAN VOWEL SEPARATOR
200B ZERO WIDTH SPACE
200C ZERO WIDTH NON-JOINER
200D ZERO WIDTH JOINER
200E LEFT-TO-RIGHT MARK
200F RIGHT-TO-LEFT MARK
2028 LINE SEPARATOR
2029 PARAGRAPH SEPARATOR
202A LEFT-TO-RIGHT EMBEDDING
202B RIGHT-TO-LEFT EMBEDDING
202C POP DIRECTIONAL FORMATTING
202D LEFT-TO-RIGHT OVERRIDE
202E RIGHT-TO-LEFT OVERRIDE
2060 WORD JOINER
2066 LEFT-TO-RIGHT ISOLATE
2067 RIGHT-TO-LEFT ISOLATE
2068 FIRST STRONG ISOLATE
2069 POP DIRECTIONAL ISOLATE
2800 BRAILLE PATTERN BLANK
3164 HANGUL FILLER
FE0E VARIATION SELECTOR-15
FE0F VARIATION SELECTOR-16
FEFF ZERO WIDTH NO-BREAK SPACE
FFA0 HALFWIDTH HANGUL FILLER
`
    .trim()
    .split('\n')
    .map(line => {
      const [code = ''] = line.split(' ', 1)
      return [Number.parseInt(code, 16), line.slice(code.length + 1)] as const
    }),
)

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/[\u{e0020}-\u{e007f}]/u, 'a tag'],
  [/\p{Variation_Selector}/u, 'a variation selector'],
  [/\p{Cc}/u, 'a control character'],
  [/\p{Cs}/u, 'half of a character'],
  [/\p{Co}/u, 'a private-use character'],
  [/\p{Cn}/u, 'an unassigned code point'],
  [/\p{Z}/u, 'a space'],
  [/./su, 'an invisible character'],
]

/** Never shown. */
const NEVER_SEEN = new RegExp(
  String.raw`[[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]--[${FORMAT_SIGNS}${CONTEXTUAL}]]`,
  'v',
)

const IS_CONTEXTUAL = new RegExp(`[${CONTEXTUAL}]`, 'u')

/** One code point: `U+202E RIGHT-TO-LEFT OVERRIDE`, `U+E0041 (a tag)`. */
export function characterName(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  const name = NAMES.get(code)
  if (name !== undefined) return `${shown} ${name}`
  const [, kind] = KINDS.find(([pattern]) => pattern.test(character)) ?? []
  return `${shown} (${kind})`
}

/** The first code point that display removes or hides; undefined if there is none. */
function unseenIn(text: string): string | undefined {
  return NEVER_SEEN.exec(text)?.[0] ?? astrayIn(text)
}

/** A joiner, variation selector or tag without its neighbours. */
function astrayIn(text: string): string | undefined {
  const [before, after] = [[...text], [...settleMarks(text)]]
  const first = before.find((character, at) => character !== after[at])
  return first !== undefined && IS_CONTEXTUAL.test(first) ? first : undefined
}

/** `contains U+…`, for a sentence about the text. Undefined if every character is visible. */
export function unseenReason(text: string): string | undefined {
  const unseen = unseenIn(text)
  if (unseen === undefined) return undefined
  const where = IS_CONTEXTUAL.test(unseen) ? ' where it means nothing' : ''
  return `contains ${characterName(unseen)}${where}`
}

/** The same as the end of a sentence about the text; empty if every character is visible. */
export function unseenClause(text: string): string {
  const reason = unseenReason(text)
  return reason === undefined ? '' : `: it ${reason}`
}
