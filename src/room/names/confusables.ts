/**
 * Decides whether two names look alike: whether they have the same skeleton. A skeleton is for comparing
 * only; it is neither readable nor a name. It follows `skeleton()` of UTS #39 section 4
 * (https://www.unicode.org/reports/tr39/) and deliberately goes further, since a false alarm costs only a
 * tag: case, white space and invisible characters are ignored.
 */
import { BLANKS } from './characters.ts'

/** Characters that show nothing, or may show nothing. */
const UNSEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]/gu

/** Characters that are all shown as the same replacement. */
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

/** The form in which names that look alike are equal. Defined for every string. */
export function skeleton(name: string): string {
  const visible = name
    .normalize('NFKD')
    .replace(BLANKS, '')
    .replace(UNSEEN, '')
    .replace(UNSHOWABLE, '\u{fffd}')
  // once before folding, for capitals whose small letter looks like nothing Latin, and once after it
  const folded = mapLookalikes(foldCase(mapLookalikes(visible)))
  return FOLDS.reduce((text, [alike, one]) => text.replace(alike, one), folded).normalize('NFKD')
}

/** Folds case by way of capitals, which joins what small letters keep apart (ß and ss, σ and ς). */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKD')
}

function mapLookalikes(text: string): string {
  return Array.from(text, lookalike).join('')
}

// Which letters and digits look like which: for each character of `a-z2-9`, those that a reader takes for it.
// The selection is of Unicode's confusables.txt (UTS #39, https://www.unicode.org/Public/security/; © Unicode,
// Inc., Unicode License v3, https://www.unicode.org/license.txt): all letters and digits whose prototype is
// an ASCII letter or digit and that compatibility decomposition leaves alone. Capitals are listed under the
// small letter. Not in it: whole syllables, punctuation, and lookalikes within one other script.
//
// The second part of a line is ours: small forms that look like small Latin capitals, so that a Cyrillic or
// Greek name is the same in capitals and in small letters as far as the shapes allow. Right-to-left letters are
// escaped, because they would turn the lines around.

const LOOKALIKES: Readonly<Record<string, string>> = {
  2: 'ƧϨᒿꙄꛯꝚ',
  3: 'ƷȜЗӠⳌꝪꞫ𑣊𖼻',
  4: 'Ꮞ𑢯',
  5: 'Ƽ𑢻',
  6: 'бᏮⳒ𑣕',
  7: '𐓒𑣆',
  8: 'Ȣȣ৪੪𐌚\u{1e8cb}',
  9: '৭੧୨൭ⳊꝮ𑢬𑣌𑣖',
  a: 'ɑΑαАаᎪᗅꓮ𐊠𖽀' + 'ᴀ',
  b: 'ƄΒВЬᏏᏴᑲᖯᗷꓐꞴ𐊂𐊡𐌁' + 'βвьʙ',
  c: 'СсᏟᴄⲤⲥꓚꮯ𐊢𐌂𐐕𐐽𐔜𑣩𑣲',
  d: 'ԁᎠᏧᑯᗞᗪꓒꓓ' + 'ᴅ',
  e: 'ΕЕеҽᎬⴹꓰꬲ𐊆𑢦𑢮' + 'εᴇ',
  f: 'ϜքᖴẝꓝꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂',
  g: 'ƍɡԌցᏀᏳᶃꓖ' + 'ԍɢ',
  h: 'ΗНһհᎻᏂᕼⲎꓧ𐋏' + 'нʜ',
  i: 'ıɩɪιіӏᎥꙇꭵ𑣃',
  j: 'ͿϳЈјᎫᒍꓙꞲ' + 'ᴊ',
  k: 'ΚКᏦᛕⲔꓗ𐔘' + 'κкᴋ',
  l: 'ƖǀΙІӀᏞᒪᛁⲒⳐⵏꓡꓲ𐊊𐌉𐌠𐐛𐔦𑢣𑢲𖼖𖼨\u{5d5}\u{5df}\u{627}\u{661}\u{6f1}\u{7ca}\u{1e8c7}' + 'ʟ',
  m: 'ΜϺМᎷᗰᛖⲘꓟ𐊰𐌑' + 'мᴍ',
  n: 'ΝոռⲚꓠ𐔓' + 'ηɴ',
  o:
    'ΟοσОоՕօ০੦ଠ୦ഠဝ၀ჿዐᴏᴑⲞⲟⵔ〇ꓳꬽ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑓐𑢵𑣈𑣗𑣠' +
    '०૦௦౦೦൦๐໐\u{5e1}\u{647}\u{665}\u{6be}\u{6c1}\u{6d5}\u{6f5}\u{7c0}',
  p: 'ΡρРрᏢᑭⲢⲣꓑ𐊕' + 'ᴘ',
  q: 'ԛգզⵕ',
  r: 'ƦгᎡᏒᖇᴦⲅꓣꭇꭈꮁ𐒴𖼵' + 'ʀ',
  s: 'ƽЅѕՏᏕᏚꓢꜱꮪ𐊖𐐠𐑈𑣁𖼺',
  t: 'ΤТᎢⲦꓔ𐊗𐊱𐌕𑢼𖼊' + 'τтᴛ',
  u: 'ʋυՍսሀᑌᴜꓴꞟꭎꭒ𐓎𐓶𑢸𑣘𖽂' + 'μ',
  v: 'νѴѵᏙᐯᴠⴸꓦꛟꮩ𐔝𑜆𑢠𑣀𖼈\u{5d8}\u{667}\u{6f7}',
  w: 'ɯѡԜԝաᎳᏔᴡꓪꮃ𑜊𑜎𑜏𑣦𑣯' + 'ω',
  x: 'ΧХхᕁᕽᚷⲬⵝꓫꞳ𐊐𐊴𐌗𐌢𐔧𑣬' + 'χ',
  y: 'ɣʏΥγУуҮүყᎩᎽᶌỿⲨꓬꭚ𐊲𑢤𑣜𖽃',
  z: 'ΖᏃᴢꓜꮓ𐋵𑢩𑣄𑣥' + 'ζ',
}

const latin: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKALIKES).flatMap(([letter, alike]) => [...alike].map(other => [other, letter] as const)),
)

/** The ASCII letter (small) or digit that this code point looks like, or the code point itself. */
function lookalike(character: string): string {
  return latin.get(character) ?? character
}

// Decides whether a name mixes scripts, as impostors do: `pаypal` with one Cyrillic letter. It follows UTS
// #39 section 5 ("highly restrictive"): a name is written in one script, and Japanese, Korean and Chinese may
// include Latin. Digits, punctuation and emoji belong to every script. A mix is a reason to warn, never to
// refuse.

/** Scripts that a name may be written in together, so that all their letters fit one of these lists. */
const TOGETHER: readonly (readonly string[])[] = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
  ['Latin', 'Han', 'Bopomofo'],
  // One script each: those in daily use, most of them from UAX #31 table 5 ("recommended").
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

/** Compiled on first use: most names are plain Latin, and thirty expressions would slow every start. */
function scripts(): Scripts {
  compiled ??= {
    together: TOGETHER.map(names => new RegExp(`^${lettersOf(names)}*$`, 'u')),
    listed: new RegExp(lettersOf(TOGETHER.flat()), 'u'),
  }
  return compiled
}

/** True if no single writing system has all the letters of the name. Scripts not listed count as one. */
export function mixedScripts(name: string): boolean {
  const letters = name.normalize('NFKC').match(LETTER)?.join('') ?? ''
  if (/^[a-z]*$/i.test(letters)) return false
  const { listed, together } = scripts()
  return listed.test(letters) && !together.some(script => script.test(letters))
}
