/**
 * Whether a name mixes scripts, as impostors do: `pаypal` with one Cyrillic letter. After UTS #39 section 5
 * ("highly restrictive"): a name is written in one script, and Japanese, Korean and Chinese may have Latin in it.
 * Digits, punctuation and emoji belong to every script. It is a reason to warn, never to refuse.
 */

/** Scripts that a name may be written in together, so that all their letters fit one of these lists. */
const TOGETHER: readonly (readonly string[])[] = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
  ['Latin', 'Han', 'Bopomofo'],
  // One by one: the scripts in daily use, most of them from UAX #31 table 5 ("recommended").
  ...['Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Thaana', 'Ethiopic'].map(one),
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada'].map(one),
  ...['Malayalam', 'Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Khmer', 'Mongolian'].map(one),
  ...['Cherokee', 'Canadian_Aboriginal', 'Tifinagh', 'Nko', 'Adlam', 'Syriac', 'Coptic', 'Lisu'].map(one),
]

function one(script: string): readonly string[] {
  return [script]
}

/** A character class of all letters that are used in these scripts. */
function lettersOf(scripts: readonly string[]): string {
  return `[${scripts.map(script => String.raw`\p{scx=${script}}`).join('')}]`
}

/** Letters of a script; those of none (`ª`, modifier letters) fit everywhere. */
const LETTER = /[\p{L}--[\p{scx=Common}\p{scx=Inherited}]]/gv

interface Scripts {
  readonly together: readonly RegExp[]
  readonly listed: RegExp
}

let compiled: Scripts | undefined

/** Compiled when first needed: most names are plain Latin, and thirty expressions would cost every start. */
function scripts(): Scripts {
  compiled ??= {
    together: TOGETHER.map(names => new RegExp(`^${lettersOf(names)}*$`, 'u')),
    listed: new RegExp(lettersOf(TOGETHER.flat()), 'u'),
  }
  return compiled
}

/** True if no single way of writing has all the letters of the name. Scripts not listed count as one. */
export function mixedScripts(name: string): boolean {
  const letters = name.normalize('NFKC').match(LETTER)?.join('') ?? ''
  if (/^[a-z]*$/i.test(letters)) return false
  const { listed, together } = scripts()
  return listed.test(letters) && !together.some(script => script.test(letters))
}
