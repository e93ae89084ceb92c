/**
 * Strings that attackers would write, for property tests, and the seed that every run prints and takes.
 */
import fc from 'fast-check'
import { SEED } from '../support/seed.ts'

/** Parameters of every property here: `SEED=… vitest run …` repeats a run. fast-check prints the seed of a failure. */
export const seeded = { seed: SEED, numRuns: 500 } as const

/** Code points and short sequences with a meaning of their own in terminals, layout or segmentation. */
const SPECIAL = [
  ...['\u001b', '\u0007', '\b', '\r', '\n', '\r\n', '\t', '\0', '\u007f', '\u0085', '\u009b', '\u009d'],
  ...['\u001b[2J', '\u001b]0;x\u0007', '\u001b]8;;http://x\u001b\\', '\u009b31m', '\u001b(0', '\u001bc'],
  ...['\u202e', '\u2066', '\u2069', '\u200e', '\u061c', '\u200b', '\u2060', '\ufeff', '\u00ad', '\u034f'],
  ...[
    '\u200c',
    '\u200d',
    '\u200d',
    '\ufe0f',
    '\ufe0f',
    '\ufe0e',
    '\ufe00',
    '\u{e0100}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    '\u{13430}',
    '\u070f',
  ],
  ...['\u2028', '\u2029', '\u3164', '\u115f', '\u1160', '\uffa0', '\u2800', '\u180e', '\u00a0', '\u3000'],
  ...[
    '\ud83d',
    '\ude00',
    '\ud800',
    '\udfff',
    '\ufffe',
    '\u{1fffe}',
    '\ue000',
    '\u{f0000}',
    '\u0378',
    '\u{e0000}',
  ],
  ...['\u0301', '\u0301', '\u0308', '\u20e3', '\u093f', '\u094d', '\u05b0', '\u11a8', '\u1161', '\u0488'],
  ...['👩', '💻', '❤', '🏽', '🏳', '🌈', '👨', '👦', '🇩', '🇪', '1', '#', '♂', '🏴', '©'],
  ...['क', 'ष', 'र', 'ক', 'م', 'ی', 'خ', 'ක', 'ᠠ', 'א', '한', 'ᄒ', '\u0d4e', '\u0600', '\u06dd', 'ﷺ'],
  ...['a', 'b', ' ', '·', 'K7QF', 'alice', '<', '>', 'а', 'ı', 'İ', 'ß', 'ς', '#', '/', '\ufffd', '◌'],
] as const

/** Any UTF-16 at all, most of it from where it hurts. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code))
  const point = fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
  const piece = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...SPECIAL) }, point, unit)
  return fc.array(piece, { maxLength }).map(pieces => pieces.join(''))
}

const tagsOf = (letters: string): string =>
  Array.from(letters, letter => String.fromCodePoint(0xe_0000 + letter.charCodeAt(0))).join('')

/** The flags of England, Scotland and Wales, behind a black one. */
const FLAGS_IN_TAGS = `(?:${['gbeng', 'gbsct', 'gbwls'].map(tagsOf).join('|')})\u{e007f}`
const TAG = String.raw`[\u{e0020}-\u{e007f}]`
const SEEN_FORMATS = String.raw`\u{600}-\u{605}\u{6dd}\u{70f}\u{890}\u{891}\u{8e2}\u{110bd}\u{110cd}`
const UNSEEN = String.raw`\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}`

/**
 * What must never reach a terminal: controls (C0, C1, DEL), format characters (bidi, zero width, tags), line and
 * paragraph separators, private, unassigned and surrogate code points, and whatever is invisible by default.
 * Joiners and VS16 are the exception, whose company is tested apart; tags in a flag that there is; and the few format
 * characters that are seen (Prepended_Concatenation_Mark).
 */
export const FORBIDDEN = new RegExp(
  [
    String.raw`[[${UNSEEN}]--[\u{200c}\u{200d}\u{fe0f}\u{e0020}-\u{e007f}${SEEN_FORMATS}]]`,
    `(?<!🏴${TAG}*)${TAG}`,
    `🏴(?!${FLAGS_IN_TAGS})${TAG}`,
    `🏴${FLAGS_IN_TAGS}${TAG}`,
  ].join('|'),
  'v',
)

const JOINING_SCRIPTS = [
  ...['Arab', 'Syrc', 'Mong', 'Nkoo', 'Mand', 'Adlm', 'Rohg'],
  ...['Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh'],
  ...['Khmr', 'Mymr', 'Tibt', 'Bali', 'Java', 'Sund', 'Newa', 'Gran', 'Sidd', 'Tirh', 'Modi', 'Takr'],
].map(script => String.raw`\p{scx=${script}}`)

/** A joiner or VS16 that is neither in an emoji nor between letters of a script that joins. */
export const STRAY_JOINER = new RegExp(
  String.raw`(?<![\p{Emoji}\u{fe0f}])\u{fe0f}|(?<![\p{Emoji}\u{fe0f}${JOINING_SCRIPTS.join('')}])[\u{200c}\u{200d}]|[\u{200c}\u{200d}](?![\p{Emoji}\p{L}\p{M}])`,
  'v',
)
