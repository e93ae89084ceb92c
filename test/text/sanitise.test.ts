import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sanitiseLine, sanitiseText } from '../../src/text/sanitise.ts'
import { anyText, FORBIDDEN, STRAY_JOINER, seeded } from './arbitraries.ts'

const ESC = '\u001b'
const BELL = '\u0007'
const SEEN = '\ufffd'
const ENGLAND = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'

describe('attacks', () => {
  it.each([
    ['clears the screen', `${ESC}[2J${ESC}[H`, `${SEEN}[2J${SEEN}[H`],
    ['colours the rest', `${ESC}[31mred`, `${SEEN}[31mred`],
    ['moves up and overwrites', `${ESC}[1A${ESC}[2Kbob: yes`, `${SEEN}[1A${SEEN}[2Kbob: yes`],
    ['resets the terminal', `${ESC}c`, `${SEEN}c`],
    ['sets the title', `${ESC}]0;owned${BELL}`, `${SEEN}]0;owned${SEEN}`],
    ['sets the title, ended by ST', `${ESC}]2;owned${ESC}\\`, `${SEEN}]2;owned${SEEN}\\`],
    ['never ends its OSC', `${ESC}]0;everything after`, `${SEEN}]0;everything after`],
    [
      'links elsewhere',
      `${ESC}]8;;http://evil${ESC}\\bank${ESC}]8;;${ESC}\\`,
      `${SEEN}]8;;http://evil${SEEN}\\bank${SEEN}]8;;${SEEN}\\`,
    ],
    ['writes the clipboard', `${ESC}]52;c;cm0gLXJm${BELL}`, `${SEEN}]52;c;cm0gLXJm${SEEN}`],
    ['asks the terminal to answer', `${ESC}[6n${ESC}[c`, `${SEEN}[6n${SEEN}[c`],
    ['sends a device control string', `${ESC}P$q"p${ESC}\\`, `${SEEN}P$q"p${SEEN}\\`],
    ['changes the character set', `${ESC}(0lqqk`, `${SEEN}(0lqqk`],
    ['locks a shifted set', '\u000eabc\u000f', `${SEEN}abc${SEEN}`],
    ['uses the 8-bit CSI', '\u009b31mred', `${SEEN}31mred`],
    ['uses the 8-bit OSC and ST', '\u009d0;owned\u009c', `${SEEN}0;owned${SEEN}`],
    ['splits a sequence with an invisible', `${ESC}\u200b[31m`, `${SEEN}[31m`],
    ['stacks escapes', `${ESC}${ESC}${ESC}[0m`, `${SEEN}[0m`],
    ['backspaces over the name', '\b\b\b\b\bbob', `${SEEN}bob`],
    ['rings', BELL.repeat(100), SEEN],
    ['deletes', 'a\u007fb', `a${SEEN}b`],
    ['ends the string', 'a\0b', `a${SEEN}b`],
    ['returns to the start of the line', 'me: no\rbob: yes', 'me: no\nbob: yes'],
    ['breaks the line by NEL', 'a\u0085<bob> hi', 'a\n<bob> hi'],
    ['breaks the line by LS and PS', 'a\u2028b\u2029c', 'a\nb\nc'],
    ['breaks the line by VT and FF', 'a\vb\fc', 'a\nb\nc'],
    ['turns the line around', 'nice \u202egpj.exe', 'nice gpj.exe'],
    ['isolates and never ends', '\u2067abc', 'abc'],
    ['marks direction', '\u200ea\u200fb\u061cc', 'abc'],
    ['hides by zero width', 'al\u200bi\u2060c\ufeffe', 'alice'],
    ['hides by soft hyphen and grapheme joiner', 'al\u00adi\u034fce', 'alice'],
    ['hides a message in tags', 'hi\u{e0073}\u{e0065}\u{e0063}\u{e007f}', 'hi'],
    ['hides bytes in variation selectors', 'hi\ufe00\ufe01\u{e0100}\u{e01ef}', 'hi'],
    ['dresses a letter in VS16', 'a\ufe0fb', 'ab'],
    ['joins letters that never join', 'a\u200db\u200cc', 'abc'],
    ['joins by a mark that a joining script shares', 'a\u0308\u200d\u0710', 'a\u0308\u0710'],
    ['joins letters of two scripts', 'ک\u200dष', 'کष'],
    ['chains joiners on an emoji', '👩\u200d\u200d\u200d', '👩'],
    ['hides a message in a flag', '🏴\u{e0073}\u{e0065}\u{e0063}\u{e007f}', '🏴'],
    ['begins a flag and never ends', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}', '🏴'],
    ['hides tags behind a flag', `${ENGLAND}\u{e0041}\u{e007f}`, ENGLAND],
    ['writes a flag that nobody has', '🏴\u{e0075}\u{e0073}\u{e0063}\u{e0061}\u{e007f}', '🏴'],
    ['stacks hieroglyphs', '𓀀\u{13430}𓀁', '𓀀𓀁'],
    ['names itself with nothing', '\u3164\u115f\u1160\uffa0', ''],
    ['names itself with blanks', '\u2800\u3000\u2003\u00a0', '    '],
    ['paints over the lines around', `Z${'\u0351'.repeat(500)}`, `Z${'\u0351'.repeat(6)}`],
    [
      'paints by mixed marks with joiners between',
      `a${'\u0301\u200d\u0323'.repeat(9)}`,
      `a${'\u0301\u0323'.repeat(3)}`,
    ],
    ['stacks vowels on a Korean syllable', `한${'\u1161'.repeat(50)}`, `한${'\u1161'.repeat(6)}`],
    ['puts a mark on what stands before', '\u0338 hi', '◌\u0338 hi'],
    ['puts a mark on the line before', 'a\n\u0338', 'a\n◌\u0338'],
    ['writes half a character', 'a\ud83d', `a${SEEN}`],
    ['writes halves that meet when cleaned', '\ud83d\u200b\ude00', `${SEEN}${SEEN}`],
    ['writes halves the wrong way round', '\ude00\ud83d', `${SEEN}${SEEN}`],
    ['uses private glyphs', '\ue0b0\u{f0000}\u{10fffd}', SEEN],
    ['uses noncharacters', '\ufdd0\ufffe\u{1ffff}', SEEN],
    ['uses the unassigned', '\u0378\u{3fffd}', SEEN],
    ['annotates between lines', 'a\ufff9b\ufffac\ufffb', 'abc'],
    ['uses deprecated format characters', 'a\u206ab\u206fc', 'abc'],
  ])('text that %s', (_, attack, shown) => {
    expect(sanitiseText(attack)).toBe(shown)
    expect(sanitiseLine(attack)).not.toMatch(FORBIDDEN)
  })
})

describe('what people write', () => {
  it.each([
    'hello, world! ~{}',
    'Grüße aus Köln – “ja”',
    'Tiếng Việt',
    'a\u0301\u0323 decomposed',
    'Привет, Ελλάδα, Հայերեն',
    'こんにちは世界 ｶﾞ',
    '안녕하세요',
    'สวัสดีครับ น้ำ',
    'नमस्ते क्\u200dष क्\u200cष र्\u200dय',
    'র\u200d্য',
    'ශ්\u200dරී ලංකා',
    'می\u200cخواهم ه\u200dم',
    'שָׁל֣וֹם',
    'မြန်မာ ကျွန်ုပ်',
    'རྒྱུ',
    '👍 😀 ❤\ufe0f ☺\ufe0f',
    '👩\u200d💻 👨\u200d👩\u200d👧\u200d👦 👩🏽\u200d❤\ufe0f\u200d💋\u200d👩🏿 🏳\ufe0f\u200d🌈 🧑🏿\u200d🚀',
    '🇩🇪🇫🇷 1\ufe0f\u20e3 #\ufe0f\u20e3',
    '∑ → ½ € © ™',
    // signs that enclose or underline numbers: in Unicode's terms format characters, and seen
    'hello \u0602 x',
    '\u0600\u0661\u0662 \u0601 \u0603 \u0604 \u0605 \u06dd\u0663 \u070f\u0712 \u0890 \u0891 \u08e2',
    '\u{110bd}\u{11067} \u{110cd}\u{11068}',
    `${ENGLAND} 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} 🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f} 🏴`,
  ])('%j stays as it is', text => {
    expect(sanitiseText(text)).toBe(text)
    expect(sanitiseLine(text)).toBe(text)
  })

  it('keeps the lines of a text, however they end', () => {
    expect(sanitiseText('a\r\nb\rc\n\nd')).toBe('a\nb\nc\n\nd')
  })

  it('has no lines where only one is allowed', () => {
    expect(sanitiseLine('a\r\nb\nc\td\u2028e')).toBe('a b c d e')
  })

  it('shows tabs as spaces', () => {
    expect(sanitiseText('if x:\n\ty()')).toBe('if x:\n    y()')
  })
})

describe.each([
  ['sanitiseText', sanitiseText, /\t/],
  ['sanitiseLine', sanitiseLine, /[\t\n]/],
] as const)('%s, for any string', (_, sanitise, neither) => {
  const property = (holds: (text: string) => void): void =>
    fc.assert(fc.property(anyText(60), holds), { ...seeded, numRuns: 3_000 })

  it('lets no forbidden code point through', () => {
    property(text => {
      const shown = sanitise(text)
      expect(shown.replaceAll('\n', '')).not.toMatch(FORBIDDEN)
      expect(shown).not.toMatch(neither)
      expect(shown.isWellFormed()).toBe(true)
    })
  })

  it('leaves no joiner without its neighbours and no stack of marks', () => {
    property(text => {
      const shown = sanitise(text)
      expect(shown).not.toMatch(STRAY_JOINER)
      expect(shown).not.toMatch(/\p{M}{7}/u)
      expect(shown).not.toMatch(/^\p{M}/mu)
    })
  })

  it('is idempotent', () => {
    property(text => {
      expect(sanitise(sanitise(text))).toBe(sanitise(text))
    })
  })

  it('changes no printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), text => {
        expect(sanitise(text)).toBe(text)
      }),
      seeded,
    )
  })
})
