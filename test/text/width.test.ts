import fc from 'fast-check'
import { expect, test } from 'vitest'
import { graphemes } from '../../src/text/graphemes.ts'
import { sanitiseLine } from '../../src/text/sanitise.ts'
import { cutTo, fitTo, widthOf, wrap } from '../../src/text/width.ts'
import { anyText, seeded } from './arbitraries.ts'

const safe = anyText(40).map(sanitiseLine)
const columns = fc.integer({ min: 2, max: 30 })

test('no wrapped line is wider than it may be, and nothing is lost but the spaces it was broken at', () => {
  fc.assert(
    fc.property(safe, columns, columns, (text, first, rest) => {
      const lines = wrap(text, first, rest)
      for (const [at, line] of lines.entries()) {
        // a cluster of letters and marks may be wider than any line
        const room = graphemes(line).length === 1 ? widthOf(line) : at === 0 ? first : rest
        expect(widthOf(line)).toBeLessThanOrEqual(room)
      }
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }),
    seeded,
  )
})

test('cut and fitted text has its width', () => {
  fc.assert(
    fc.property(safe, columns, (text, room) => {
      expect(widthOf(cutTo(text, room))).toBeLessThanOrEqual(room)
      expect(widthOf(fitTo(text, room))).toBe(room)
    }),
    seeded,
  )
})

test.each([
  ['one two three', 8, 8, ['one two', 'three']],
  ['one two three', 7, 7, ['one two', 'three']],
  ['a verylongword', 8, 8, ['a', 'verylong', 'word']],
  ['verylongword', 4, 12, ['very', 'longword']],
  ['日本語です', 4, 4, ['日本', '語で', 'す']],
  ['', 4, 4, ['']],
])('%s in %i and %i columns', (text, first, rest, expected) => {
  expect(wrap(text, first, rest)).toEqual(expected)
})

test.each([
  ['hello \u0602 x', 9],
  ['\u0602', 1],
  ['\u06dd\u0663', 2],
  ['\u{110bd}\u{11067}', 2],
  // a column for each, as terminals give it that ask the system
  ['\u070fa', 2],
  ['🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}x', 3],
])('%j takes %i columns', (text, expected) => {
  expect(widthOf(text)).toBe(expected)
})
