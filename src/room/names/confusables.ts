/**
 * Whether two names look alike: both have the same skeleton. A skeleton is for comparing only; it is neither
 * readable nor a name. It follows `skeleton()` of UTS #39 section 4 (https://www.unicode.org/reports/tr39/) and
 * goes further on purpose, since all that a false alarm costs is a tag: capitals and small letters are the
 * same, white space and everything invisible count for nothing.
 */
import { BLANKS } from './characters.ts'
import { lookalike } from './names-confusables.ts'

/** Shows nothing, or nothing that is sure to be seen. */
const UNSEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]/gu

/** Shown as one and the same replacement, whatever it was. */
const UNSHOWABLE = /[\p{Cc}\p{Cn}\p{Co}\p{Cs}]+/gu

/** Lookalikes that the letters' table can't hold: within ASCII, of several characters, or of punctuation. */
const FOLDS: readonly (readonly [RegExp, string])[] = [
  [/[\p{Pd}\u{2212}]/gu, '-'],
  [/['`´ʹʻʼʽʾˈˊˋ‘’‛′]/gu, "'"],
  [/[·‧∙⋅•・᛫]/gu, '·'],
  [/[i1|ǃ!]/gu, 'l'],
  [/l\u{307}/gu, 'l'],
  [/0/gu, 'o'],
  [/m/gu, 'rn'],
  [/w/gu, 'vv'],
]

/** The form in which names that look alike are equal. Total: any string has one. */
export function skeleton(name: string): string {
  const visible = name
    .normalize('NFKD')
    .replace(BLANKS, '')
    .replace(UNSEEN, '')
    .replace(UNSHOWABLE, '\u{fffd}')
  // Once before folding, for capitals whose small letter looks like nothing Latin, and once after it.
  const folded = mapLookalikes(foldCase(mapLookalikes(visible)))
  return FOLDS.reduce((text, [alike, one]) => text.replace(alike, one), folded).normalize('NFKD')
}

/** By way of capitals, as that joins what small letters keep apart (ß and ss, σ and ς). */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKD')
}

function mapLookalikes(text: string): string {
  return Array.from(text, lookalike).join('')
}
