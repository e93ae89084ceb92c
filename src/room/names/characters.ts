/**
 * The characters of names and texts that are legitimate only in context: joiners, the emoji variation selector, tags
 * and combining marks. The same code point that a Persian word or a family emoji needs is an invisible difference
 * between two names anywhere else, and a hundred accents on one letter paint over the lines above. Characters that are
 * never legitimate (controls, bidi) are the callers' business.
 *
 * One scan decides each character from what was kept before it and what follows, so a second scan sees the
 * same neighbours and changes nothing. Segmenting into graphemes first, with `Intl.Segmenter`, lacks that
 * property: dropping a character moves the boundaries.
 */

/**
 * Combining marks that one base may carry. Hebrew with cantillation uses 4, Burmese and Tibetan stacks up to 6;
 * "zalgo" text uses dozens.
 */
const MARKS_PER_BASE = 6

/** People or things joined into one emoji: the longest recommended sequence (a kiss) has 4 elements. */
const EMOJI_JOINS = 3

/** White space of any width, and blank signs: an empty Braille cell, an empty note. */
export const BLANKS = /[\p{Zs}\u{2800}\u{1d159}]/gu

/**
 * Visible format characters: signs of Arabic, Syriac and Kaithi that enclose or underline the digits after them
 * (Prepended_Concatenation_Mark, https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt). Others aren't visible:
 * terminals don't stack hieroglyphs, and most draw nothing for the controls that do (U+13430 to U+1343F).
 */
export const FORMAT_SIGNS = String.raw`\u{600}-\u{605}\u{6dd}\u{70f}\u{890}\u{891}\u{8e2}\u{110bd}\u{110cd}`

/** The characters, besides marks, that `settleMarks` judges by their neighbours. */
export const CONTEXTUAL = String.raw`\u{200c}\u{200d}\u{fe0f}\u{e0020}-\u{e007f}`

/** A flag of a part of a country, spelt in tags (UTS #51 `emoji_tag_sequence`), if Unicode recommends it. */
const TAGGED_FLAG = String.raw`\p{RGI_Emoji_Tag_Sequence}`

/** One emoji that may take part in a sequence; modifiers (skin tones) and digits only follow or stand alone. */
const ELEMENT = String.raw`[[\p{Emoji}&&\p{Extended_Pictographic}]--\p{Emoji_Modifier}][\p{Emoji_Modifier}\u{fe0f}]?`

/** An emoji with its joiners (UTS #51 `emoji_zwj_sequence`) or tags, or a keycap: kept as a whole. */
const EMOJI = String.raw`${TAGGED_FLAG}|${ELEMENT}(?:\u{200d}${ELEMENT}){0,${EMOJI_JOINS}}|[0-9#*]\u{fe0f}\u{20e3}`

/** Marks, and the vowel and final jamo that stack on a Korean syllable without taking room. */
const MARK = String.raw`[\p{M}\u{1160}-\u{11ff}\u{d7b0}-\u{d7fb}]`

const TOKENS = new RegExp(String.raw`(${EMOJI})|([\u{200c}\u{200d}])|([${CONTEXTUAL}])|(${MARK})|.`, 'gsv')

/** Whether there may be anything to settle: most text has nothing, even where every second character is a mark. */
const UNSETTLED = new RegExp(`[${CONTEXTUAL}]|^${MARK}|${MARK}{${MARKS_PER_BASE + 1}}`, 'mv')

/**
 * The scripts whose spelling uses ZWJ and ZWNJ (Unicode core specification, chapters 9 to 17): the cursive
 * and the Indic ones.
 */
const JOINED_SCRIPTS = [
  ...['Arab', 'Syrc', 'Mong', 'Nkoo', 'Mand', 'Adlm', 'Rohg'],
  ...['Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh'],
  ...['Khmr', 'Mymr', 'Tibt', 'Bali', 'Java', 'Sund', 'Newa', 'Gran', 'Sidd', 'Tirh', 'Modi', 'Takr'],
]
const joinedScripts: readonly RegExp[] = JOINED_SCRIPTS.map(
  script => new RegExp(String.raw`[\p{scx=${script}}&&[\p{L}\p{M}]]`, 'v'),
)

/** Stands for the missing base of a mark at the start of a line. */
const DOTTED_CIRCLE = '\u25cc'

interface Scan {
  out: string
  /** The last code point kept that isn't a mark; empty after an emoji. */
  base: string
  /** The last code point kept; empty after an emoji. */
  last: string
  /** A joiner that waits for its right neighbour. */
  joiner: string
  /** Marks on the current base. */
  marks: number
}

/**
 * Drops each joiner, variation selector, tag and mark that is not legitimate where it stands. Keeps ZWJ, VS16 and tags in
 * emoji sequences, ZWJ and ZWNJ between letters of scripts that spell with them, and the first `MARKS_PER_BASE`
 * marks of a base. A mark without a base gets a dotted circle.
 */
export function settleMarks(text: string): string {
  if (!UNSETTLED.test(text)) return text
  const scan: Scan = { out: '', base: '', last: '', joiner: '', marks: 0 }
  for (const [token, emoji, joiner, outOfContext, mark] of text.matchAll(TOKENS)) {
    if (emoji !== undefined) keepEmoji(scan, emoji)
    else if (joiner !== undefined) scan.joiner ||= joiner
    else if (mark !== undefined) keepMark(scan, mark)
    else if (outOfContext === undefined) keepBase(scan, token)
  }
  return scan.out
}

function keepEmoji(scan: Scan, emoji: string): void {
  Object.assign(scan, { out: scan.out + emoji, base: '', last: '', joiner: '', marks: 0 })
}

function keepBase(scan: Scan, base: string): void {
  keepJoiner(scan, base)
  scan.out += base
  scan.base = base
  scan.last = base
  scan.marks = 0
}

function keepMark(scan: Scan, mark: string): void {
  if (scan.out === '' || scan.out.endsWith('\n')) keepBase(scan, DOTTED_CIRCLE)
  if (scan.marks >= MARKS_PER_BASE) return
  keepJoiner(scan, mark)
  scan.out += mark
  scan.last = mark
  scan.marks += 1
}

/** Keeps the waiting joiner if it stands between letters, with or without marks, of one script that joins. */
function keepJoiner(scan: Scan, next: string): void {
  if (scan.joiner === '') return
  const around = [scan.base, scan.last, next]
  if (joinedScripts.some(script => around.every(letter => script.test(letter)))) scan.out += scan.joiner
  scan.joiner = ''
}
