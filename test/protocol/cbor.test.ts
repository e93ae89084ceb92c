import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCbor, encodeCbor, isText, isUint } from '../../src/protocol/cbor.ts'
import { MAX_DEPTH } from '../../src/protocol/limits.ts'
import { SEED } from '../support/seed.ts'

/** Whatever a body may be. */
const plain = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
  ),
})).value

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

function nested(levels: number): Uint8Array {
  return new Uint8Array(levels + 1).fill(0x81, 0, levels)
}

describe('decodeCbor', () => {
  test('reads back what encodeCbor wrote', () => {
    fc.assert(
      fc.property(plain, value => {
        expect(decodeCbor(encodeCbor(value))).toEqual({ kind: 'value', value })
      }),
      { seed: SEED },
    )
  })

  test('takes only bytes that encodeCbor would write, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const decoded = decodeCbor(bytes)
        if (decoded.kind === 'value') expect(encodeCbor(decoded.value)).toEqual(bytes)
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('takes no changed bytes for the same value', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const bytes = encodeCbor(value)
        const index = at % bytes.length
        bytes[index] = (bytes[index] ?? 0) ^ change
        const decoded = decodeCbor(bytes)
        if (decoded.kind === 'value') expect(encodeCbor(decoded.value)).toEqual(bytes)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test.each([
    ['an integer in more bytes than it needs', '1817 '],
    ['a zero in nine bytes', '1b0000000000000000'],
    ['an integer beyond what a double holds', '1b0020000000000000'],
    ['a length in more bytes than it needs', '5800'],
    ['an array length in more bytes than it needs', '980101'],
    ['an array of unknown length', '9f01ff'],
    ['a string of unknown length', '7f6161ff'],
    ['a float that is whole', 'fa3f800000'],
    ['a float', 'f93e00'],
    ['minus zero', 'f98000'],
    ['not a number', 'f97e00'],
    ['infinity', 'f97c00'],
    ['undefined', 'f7'],
    ['a tag', 'c11a514b67b0'],
    ['a map', 'a10102'],
    ['an empty map', 'a0'],
    ['a map within an array', '81a10102'],
    ['a map with two complex keys', 'a2810101810202'],
    ['a map with a key twice', 'a201010102'],
    ['text that is no UTF-8', '61ff'],
    ['text with a surrogate', '63eda080'],
    ['a second value after the first', '0101'],
    ['nothing', ''],
    ['a byte string that claims four gigabytes', '5affffffff00'],
    ['an array that claims four thousand million elements', '9affffffff00'],
    ['an array that claims more than there are numbers', '9bffffffffffffffff00'],
  ])('refuses %s', (_, bytes) => {
    expect(decodeCbor(hex(bytes))).toEqual({ kind: 'malformed' })
  })

  test('draws the line for depth itself, and does not leave it to the stack', () => {
    expect(decodeCbor(nested(MAX_DEPTH)).kind).toBe('value')
    for (const levels of [MAX_DEPTH + 1, 1_000, 10_000, 100_000])
      expect(decodeCbor(nested(levels))).toEqual({ kind: 'malformed' })
  })
})

describe('the forms of fields', () => {
  test('a uint is a whole number that a double holds', () => {
    expect([0, 1, Number.MAX_SAFE_INTEGER].every(isUint)).toBe(true)
    expect([-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, '1', null, 1n].some(isUint)).toBe(false)
  })

  test('text is measured in UTF-8', () => {
    expect(isText('é'.repeat(4), 8)).toBe(true)
    expect(isText('é'.repeat(4), 7)).toBe(false)
    expect(isText('\ud800', 8)).toBe(false)
  })
})
