import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkName, checkRoom, MAX_NAME_GRAPHEMES, MAX_ROOM_POINTS } from '../../../src/room/names/names.ts'
import { sanitiseLine } from '../../../src/text/sanitise.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

const ENGLAND = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'

describe('checkName', () => {
  it.each([
    ['alice', 'alice'],
    ['  alice \n', 'alice'],
    ['Client_01', 'Client_01'],
    ['Anna   Lena', 'Anna Lena'],
    ['Anna\u00a0Lena', 'Anna Lena'],
    ['e\u0301va', 'éva'],
    ['Ωmega', 'Ωmega'],
    ['جواد', 'جواد'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['ශ්\u200dරී', 'ශ්\u200dරී'],
    ['👩\u200d💻', '👩\u200d💻'],
    ['約翰·史密斯', '約翰·史密斯'],
    ['Jean·Pierre', 'Jean·Pierre'],
    ['Col·lell', 'Col·lell'],
    ['x'.repeat(MAX_NAME_GRAPHEMES), 'x'.repeat(MAX_NAME_GRAPHEMES)],
    ['/quit', '/quit'],
    [ENGLAND, ENGLAND],
    [`Bo ${ENGLAND}`, `Bo ${ENGLAND}`],
    ['\u0602x', '\u0602x'],
  ])('takes %j as %j', (raw, name) => {
    expect(checkName(raw)).toEqual({ kind: 'valid', name })
  })

  it.each([
    ['', 'nothing in it that can be seen'],
    [' \t ', 'nothing in it'],
    ['\u2800\u2800', 'nothing in it'],
    ['a\nb', 'U+000A LINE FEED'],
    ['a\u2028b', 'U+2028 LINE SEPARATOR'],
    ['a\u001b[31mb', 'U+001B ESCAPE'],
    ['a\u009bb', 'U+009B (a control character)'],
    ['a\u202eb', 'contains U+202E RIGHT-TO-LEFT OVERRIDE'],
    ['a\u2067b', 'U+2067 RIGHT-TO-LEFT ISOLATE'],
    ['a\u200bb', 'U+200B ZERO WIDTH SPACE'],
    ['a\u2060b', 'U+2060 WORD JOINER'],
    ['a\ufeffb', 'U+FEFF ZERO WIDTH NO-BREAK SPACE'],
    ['a\u3164b', 'U+3164 HANGUL FILLER'],
    ['a\u{e0041}b', 'U+E0041 (a tag) where it means nothing'],
    ['🏴\u{e0067}', 'U+E0067 (a tag)'],
    [`${ENGLAND}\u{e007f}`, 'U+E007F (a tag)'],
    // a part of a country whose flag nobody has
    ['🏴\u{e0064}\u{e0065}\u{e0062}\u{e0065}\u{e007f}', 'U+E0064 (a tag)'],
    ['a\u{e0001}b', 'U+E0001 (an invisible character)'],
    ['a\u{e0100}b', 'U+E0100 (a variation selector)'],
    ['a\u{13430}b', 'U+13430 (an invisible character)'],
    ['a\u{e000}b', 'U+E000 (a private-use character)'],
    ['a\ufffeb', 'U+FFFE (an unassigned code point)'],
    ['a\ud800b', 'U+D800 (half of a character)'],
    ['a\u200db', 'U+200D ZERO WIDTH JOINER where it means nothing'],
    ['alice\ufe0f', 'U+FE0F VARIATION SELECTOR-16 where it means nothing'],
    [`a${'\u0301'.repeat(9)}`, 'accents'],
    ['\u0301', 'nothing in it'],
    ['x'.repeat(MAX_NAME_GRAPHEMES + 1), '32 characters'],
    ['👩\u200d👩\u200d👧\u200d👦'.repeat(6), '128 bytes'],
    ['x'.repeat(1_000_000), '32 characters'],
    ['alice·K7QF', 'tag'],
    ['alice‧k7qf', 'tag'],
    ['alice·K7QF-M3WX', 'tag'],
  ])('refuses %j', (raw, reason) => {
    expect(checkName(raw)).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) })
  })

  it('is stable, bounded, and gives names that show as they are', () => {
    fc.assert(
      fc.property(anyText(40), raw => {
        const check = checkName(raw)
        if (check.kind === 'invalid') return
        expect(checkName(check.name)).toEqual(check)
        expect(sanitiseLine(check.name)).toBe(check.name)
        expect(Buffer.byteLength(check.name)).toBeLessThanOrEqual(128)
      }),
      seeded,
    )
  })
})

describe('checkRoom', () => {
  it.each([
    ['lobby', 'lobby'],
    ['#Lobby', 'lobby'],
    [' ＬＯＢＢＹ ', 'lobby'],
    ['rust-lang.de_2', 'rust-lang.de_2'],
    ['Straße', 'straße'],
    ['комната', 'комната'],
    ['कमरा', 'कमरा'],
    ['7', '7'],
    ['x'.repeat(MAX_ROOM_POINTS), 'x'.repeat(MAX_ROOM_POINTS)],
  ])('takes %j as %j', (raw, room) => {
    expect(checkRoom(raw)).toEqual({ kind: 'valid', room })
  })

  it.each([
    ['', 'empty'],
    ['#', 'empty'],
    ['##lobby', 'start'],
    ['.lobby', 'start'],
    ['a b', 'contains a space, and only letters'],
    ['a/b', 'contains "/"'],
    ['a\nb', 'U+000A LINE FEED'],
    ['a\u200bb', 'U+200B ZERO WIDTH SPACE'],
    ['\u200ba', 'U+200B ZERO WIDTH SPACE'],
    ['a\ufe0f', 'U+FE0F VARIATION SELECTOR-16'],
    ['a\u202eb', 'U+202E RIGHT-TO-LEFT OVERRIDE'],
    ['a\u2800b', 'U+2800 BRAILLE PATTERN BLANK'],
    ['a\u1680b', 'U+1680 (a space)'],
    // it means something there, and is not seen all the same
    ['क्\u200dष', 'U+200D ZERO WIDTH JOINER'],
    ['lobby🎉', 'contains "🎉"'],
    ['x'.repeat(MAX_ROOM_POINTS + 1), '32'],
    ['x'.repeat(1_000_000), '32'],
  ])('refuses %j', (raw, reason) => {
    expect(checkRoom(raw)).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) })
  })

  it('gives the same room for the room it gave, in any case', () => {
    fc.assert(
      fc.property(anyText(40), raw => {
        const check = checkRoom(raw)
        if (check.kind === 'invalid') return
        expect(checkRoom(check.room)).toEqual(check)
        expect(checkRoom(`#${check.room}`)).toEqual(check)
        expect([...check.room].length).toBeLessThanOrEqual(MAX_ROOM_POINTS)
      }),
      seeded,
    )
  })
})
