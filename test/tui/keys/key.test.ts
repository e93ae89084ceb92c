/** Keys as terminals send them, whole or torn apart. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Key, KeyDecoder } from '../../../src/tui/keys/key.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

function keysOf(...chunks: string[]): readonly Key[] {
  const decoder = new KeyDecoder()
  const keys = chunks.flatMap(chunk => decoder.push(chunk))
  return [...keys, ...decoder.flush()]
}

const names = (keys: readonly Key[]): readonly string[] =>
  keys.map(key => {
    if (key.kind === 'wheel') return `<wheel ${key.lines}>`
    return key.kind === 'chord' ? `<${key.chord}>` : key.kind === 'paste' ? `[${key.text}]` : key.text
  })

test.each([
  ['hello\r', ['hello', '<Enter>']],
  ['a\u0001b\u0005', ['a', '<C-a>', 'b', '<C-e>']],
  ['\u007f\b', ['<Backspace>', '<C-h>']],
  ['\u001b[A\u001bOB', ['<Up>', '<Down>']],
  ['\u001b[1;5H\u001b[1;3C', ['<C-Home>', '<M-Right>']],
  ['\u001b[5~\u001b[6~\u001b[3;5~', ['<PageUp>', '<PageDown>', '<C-Delete>']],
  ['\u001b[Z\t', ['<S-Tab>', '<Tab>']],
  ['\u001bb\u001b1\u001b\r\u001b\u007f', ['<M-b>', '<M-1>', '<M-Enter>', '<M-Backspace>']],
  ['\u001f\n', ['<C-_>', '<C-j>']],
  ['\u001b', ['<Esc>']],
  ['\u001b[<64;10;5Ma\u001b[<65;1;1M', ['<wheel -3>', 'a', '<wheel 3>']],
  ['\u001b[<0;10;5M\u001b[<0;10;5m\u001b[<64;1;1mb', ['b']],
  ['\u001b\u001b[A', ['<Esc>', '<Up>']],
  ['\u001b/quit\r', ['<Esc>', '/quit', '<Enter>']],
  ['\u001b[200~a\r\nb\u001b[201~c', ['[a\r\nb]', 'c']],
  ['\u001b[<0;1;1M\u001b[?1u\u001b[Ix', ['x']],
  ['日本👍', ['日本👍']],
])('%j', (sent, expected) => {
  expect(names(keysOf(sent))).toEqual(expected)
})

test('torn apart anywhere, it means the same', () => {
  const sequence = fc.constantFrom(
    '\u001b[A',
    '\u001b[1;5H',
    '\u001bb',
    '\u001b[200~a\nb\u001b[201~',
    '\r',
    'x',
    '猫',
  )
  fc.assert(
    fc.property(fc.array(sequence, { maxLength: 8 }), fc.array(fc.nat(60)), (parts, cuts) => {
      const sent = parts.join('')
      const places = [0, ...cuts.map(cut => cut % (sent.length + 1)).toSorted((a, b) => a - b), sent.length]
      const chunks = places.slice(1).map((end, at) => sent.slice(places[at], end))
      expect(names(keysOf(...chunks)).join('')).toBe(names(keysOf(sent)).join(''))
    }),
    seeded,
  )
})

test('a paste without end is cut, and its rest sends nothing', () => {
  const decoder = new KeyDecoder()
  const chunk = 'line\r'.repeat(10_000)
  const whole = `\u001b[200~${chunk.repeat(40)}\u001b[201~ok\r`
  const keys: Key[] = []
  for (let at = 0; at < whole.length; at += 4_093) keys.push(...decoder.push(whole.slice(at, at + 4_093)))
  expect(names(keys).map(name => name.slice(0, 8))).toEqual(['[line\rli', 'ok', '<Enter>'])
  decoder.push(`\u001b[200~${chunk.repeat(40)}`)
  expect([...decoder.flush(), ...decoder.push('on')]).toEqual([{ kind: 'text', text: 'on' }])
})

test('anything at all ends, and typed text has no control character', () => {
  fc.assert(
    fc.property(fc.array(anyText(20)), chunks => {
      for (const key of keysOf(...chunks)) {
        if (key.kind === 'text') expect(key.text).not.toMatch(/[\0-\x1f\x7f]/)
      }
    }),
    seeded,
  )
})
