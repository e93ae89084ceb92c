import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasPhrases, phrasesOf, wordsOf } from '../../../../src/storage/log/sqlite/search-index.ts'
import { SEED } from '../../../support/seed.ts'

describe('the words of a text', () => {
  test.each([
    ['Hello, World!', ['hello', 'world']],
    ['snake_case http://a.example/b?c=1', ['snake', 'case', 'http', 'a', 'example', 'b', 'c', '1']],
    ['Ünïcode İstanbul ＦＵＬＬ', ['unicode', 'istanbul', 'full']],
    ['cafe\u0301 café', ['cafe', 'cafe']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['हिन्दी में', ['हिन्दी', 'में']],
    ['한글', ['한글']],
    ['東京abc大学', ['東', '京', 'abc', '大', '学']],
    ['がぎ', ['が', 'ぎ']],
    ['ไทย', ['ไ', 'ท', 'ย']],
    ['ok 👍🏽👩‍🚀', ['ok', '👍', '👩', '🚀']],
    ['!? … \u0000', []],
  ])('%j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('are the same however often they are folded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const words = wordsOf(text)
        expect(wordsOf(words.join(' '))).toEqual(words)
      }),
      { seed: SEED },
    )
  })

  test('are cut where nobody would type on', () => {
    expect(wordsOf('x'.repeat(8_000))).toEqual(['x'.repeat(64)])
  })
})

describe('what is looked for', () => {
  const finds = (text: string, wanted: string) => hasPhrases(wordsOf(text), phrasesOf(wanted))

  test.each([
    ['The quick brown fox', 'FOX quick', true],
    ['The quick brown fox', 'qui bro', true],
    ['The quick brown fox', 'uick', false],
    ['The quick brown fox', 'quick cat', false],
    ['see a.example/b', 'a.example', true],
    ['see a/example/b', 'a.exam', true],
    ['see example.a', 'a.example', false],
    ['我在東京大学', '京大', true],
    ['我在京都大学', '京大', false],
    ['x'.repeat(100), 'x'.repeat(80), true],
  ])('%j has %j: %s', (text, wanted, isFound) => {
    expect(finds(text, wanted)).toBe(isFound)
  })

  test('is nothing if there is no word in it', () => {
    expect(phrasesOf(' !? ')).toEqual([])
  })

  test('is found in every text that it is a part of', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(text, text, text, (before, wanted, after) => {
        if (phrasesOf(wanted).length > 0) expect(finds(`${before} ${wanted} ${after}`, wanted)).toBe(true)
      }),
      { seed: SEED },
    )
  })

  test('has its bounds', () => {
    expect(phrasesOf('a '.repeat(10_000)).length).toBeLessThanOrEqual(32)
  })
})
