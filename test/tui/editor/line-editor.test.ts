/** The line that is typed: readline's keys, and a cursor that never stands within a character. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BINDINGS, editorKey, lineDown, lineUp } from '../../../src/tui/editor/editor-keys.ts'
import { EMPTY_LINE, insert, type Line, moveTo, undo } from '../../../src/tui/editor/line-editor.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

const FAMILY = '👩‍👩‍👧'
const FLAG = '🇩🇪'
const ACCENT = 'e\u0301'

/** `ab|c` is a line with the cursor before c. */
function line(drawn: string): Line {
  const cursor = drawn.indexOf('|')
  return moveTo(insert(EMPTY_LINE, drawn.replace('|', '')), cursor)
}

function drawn({ text, cursor }: Line): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`
}

/** The line after these keys. */
function press(start: Line, ...chords: string[]): Line {
  return chords.reduce((at, chord) => editorKey(at, chord) ?? at, start)
}

const boundariesOf = (text: string): Set<number> =>
  new Set([...Array.from(new Intl.Segmenter('en').segment(text), ({ index }) => index), text.length, 0])

describe('any keys at all', () => {
  const key = fc.oneof(
    fc.constantFrom(...BINDINGS.flatMap(({ chords }) => chords)).map(chord => ({ chord })),
    anyText(6).map(text => ({ text })),
  )
  const applied = (at: Line, pressed: { chord: string } | { text: string }): Line =>
    'chord' in pressed ? (editorKey(at, pressed.chord) ?? at) : insert(at, pressed.text)

  test('keep the cursor between graphemes', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), keys => {
        let at = EMPTY_LINE
        for (const pressed of keys) {
          at = applied(at, pressed)
          expect(boundariesOf(at.text)).toContain(at.cursor)
        }
      }),
      seeded,
    )
  })

  test('leave no control character in the line but line ends and tabs', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 20 }), keys => {
        expect(keys.reduce(applied, EMPTY_LINE).text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/)
      }),
      seeded,
    )
  })

  test('can be undone', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 20 }), keys => {
        let at = keys.reduce(applied, EMPTY_LINE)
        for (let steps = at.undo.length; steps > 0; steps--) at = undo(at)
        expect(at.undo).toEqual([])
      }),
      seeded,
    )
  })
})

test.each([
  ['C-a', 'abc|', '|abc'],
  ['C-e', '|abc', 'abc|'],
  ['C-b', `a${FAMILY}|`, `a|${FAMILY}`],
  ['C-f', `|${FLAG}a`, `${FLAG}|a`],
  ['C-h', `${ACCENT}${FAMILY}|`, `${ACCENT}|`],
  ['C-d', `|${ACCENT}b`, '|b'],
  ['M-b', 'one, two|', 'one, |two'],
  ['M-f', '|one, two', 'one|, two'],
  ['C-w', 'one two,three|', 'one |'],
  ['M-Backspace', 'one two,three|', 'one two,|'],
  ['M-d', '|one two', '| two'],
  ['C-k', 'one| two', 'one|'],
  ['C-u', 'one| two', '| two'],
  ['C-k', 'one|\ntwo', 'one|two'],
  ['C-a', 'one\ntw|o', 'one\n|tw'.concat('o')],
  ['C-t', 'ab|', 'ba|'],
  ['C-t', 'a|bc', 'ba|c'],
  ['C-t', `a|${FAMILY}`, `${FAMILY}a|`],
  ['M-Enter', 'a|b', 'a\n|b'],
  ['Home', 'Grüße, 日本|', '|Grüße, 日本'],
])('%s makes of %s', (chord, before, after) => {
  expect(drawn(press(line(before), chord))).toBe(after)
})

test('a key that is not the editor’s is left to others', () => {
  expect(editorKey(line('a|'), 'PageUp')).toBeUndefined()
})

test('what is killed in a row is one, and is yanked back', () => {
  const killed = press(line('one two three|'), 'C-w', 'C-w')
  expect(drawn(killed)).toBe('one |')
  expect(drawn(press(killed, 'C-y'))).toBe('one two three|')
})

test('M-y goes round through what was killed before', () => {
  const killed = press(line('one two|'), 'C-w', 'C-e', 'C-b', 'C-u')
  expect(drawn(press(killed, 'C-y'))).toBe('one| ')
  expect(drawn(press(killed, 'C-y', 'M-y'))).toBe('two| ')
  expect(drawn(press(killed, 'C-y', 'M-y', 'M-y'))).toBe('one| ')
})

test('M-y means nothing without a yank', () => {
  expect(drawn(press(line('one two|'), 'C-w', 'C-e', 'M-y'))).toBe('one |')
})

test('undo takes back words, not letters', () => {
  const typed = [...'hello world'].reduce(insert, EMPTY_LINE)
  expect(drawn(undo(typed))).toBe('hello|')
  expect(drawn(undo(undo(typed)))).toBe('|')
})

test('line ends of all systems become one kind', () => {
  expect(insert(EMPTY_LINE, 'a\r\nb\rc').text).toBe('a\nb\nc')
})

test('up and down keep the column within the text, and end at its first and last line', () => {
  const at = line('abcdef\nab\nabcd|ef')
  const up = lineUp(at)
  expect(drawn(up ?? at)).toBe('abcdef\nab|\nabcdef')
  expect(drawn(lineUp(up ?? at) ?? at)).toBe('ab|cdef\nab\nabcdef')
  expect(lineUp(line('a|b\nc'))).toBeUndefined()
  expect(lineDown(line('a\nb|c'))).toBeUndefined()
  expect(drawn(lineDown(line('ab|c\nabc')) ?? at)).toBe('abc\nab|c')
})
