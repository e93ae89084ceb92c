import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characterName, unseenClause } from '../../../src/room/names/character-name.ts'
import { sanitiseLine } from '../../../src/text/sanitise.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

describe('a text in which something is not seen', () => {
  it.each([
    ['ev\u202eil', ': it contains U+202E RIGHT-TO-LEFT OVERRIDE'],
    ['a\u{e0041}', ': it contains U+E0041 (a tag) where it means nothing'],
    ['a\u200db', ': it contains U+200D ZERO WIDTH JOINER where it means nothing'],
    ['a\ue000', ': it contains U+E000 (a private-use character)'],
  ])('is told of %j', (text, told) => {
    expect(unseenClause(text)).toBe(told)
  })

  it('is nothing that all can see', () => {
    for (const text of ['', 'alice', '👩\u200d💻', 'می\u200cخواهم', '\u0602', 'a\u0301', 'a b']) {
      expect(unseenClause(text)).toBe('')
    }
  })

  it('is every one that loses characters when it is shown, blanks and accents aside', () => {
    fc.assert(
      fc.property(anyText(12), text => {
        const shown = sanitiseLine(text)
        const isWhole = [...text].every(character => character === ' ' || shown.includes(character))
        if (unseenClause(text) === '')
          expect(isWhole || /[\p{Zs}\p{M}\u2800\u{1d159}]|[\u1160-\u11ff]/u.test(text)).toBe(true)
      }),
      seeded,
    )
  })
})

it('a character has a name of its own or one of its kind, and can be seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x10ffff }), code => {
      expect(characterName(String.fromCodePoint(code))).toMatch(
        /^U\+[0-9A-F]{4,6} (\([a-z -]+\)|[A-Z0-9 -]+)$/,
      )
    }),
    seeded,
  )
})
