import { decode, encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCbor } from '../../src/protocol/cbor.ts'
import { MAX_DEPTH } from '../../src/protocol/limits.ts'
import { damage } from '../support/core-arbitraries.ts'
import { SEED } from '../support/seed.ts'

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
}

const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    fc.nat({ max: 300 }),
    fc.string({ unit: 'grapheme' }).filter(text => !text.startsWith('\uFEFF')),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
  ),
}))

/** What the library reads and would write the same way again: the long way to the same answer. */
function byLibrary(bytes: Uint8Array): unknown {
  const read: unknown = decode(bytes, STRICT)
  if (!isPlain(read) || Buffer.compare(encode(read), bytes) !== 0) throw new Error('not the one encoding')
  return read
}

function isPlain(item: unknown, depth = 0): boolean {
  if (Array.isArray(item)) return depth < MAX_DEPTH && item.every(one => isPlain(one, depth + 1))
  if (item === null || item instanceof Uint8Array) return true
  return typeof item === 'number' ? Number.isSafeInteger(item) : ['string', 'boolean'].includes(typeof item)
}

/** What a reader makes of bytes, a throw included. */
function outcome(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): { readonly value?: unknown } {
  try {
    return { value: read(bytes) }
  } catch {
    return {}
  }
}

describe('the reader', () => {
  test('reads what the library writes', () => {
    fc.assert(
      fc.property(value, one => {
        expect(readCbor(encode(one))).toEqual(one)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test('says of damaged bytes what the library says', () => {
    fc.assert(
      fc.property(value, damage, (one, damaged) => {
        const bytes = damaged(encode(one))
        expect(outcome(readCbor, bytes)).toEqual(outcome(byLibrary, bytes))
      }),
      { seed: SEED, numRuns: 5_000 },
    )
  })

  test('says of any bytes what the library says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), bytes => {
        expect(outcome(readCbor, bytes)).toEqual(outcome(byLibrary, bytes))
      }),
      { seed: SEED, numRuns: 20_000 },
    )
  })

  test('keeps a byte order mark at the begin of a text', () => {
    expect(readCbor(encode('\uFEFFtext'))).toBe('\uFEFFtext')
  })

  test.each([
    ['an integer with a longer head', [0x18, 0x17]],
    ['an integer beyond what a double holds', [0x1b, 0x00, 0x20, 0, 0, 0, 0, 0, 0]],
    ['a string without a length', [0x7f, 0x61, 0x61, 0xff]],
    ['a text that is not UTF-8', [0x61, 0xff]],
    ['half a surrogate pair', [0x63, 0xed, 0xa0, 0x80]],
    ['a float', [0xf9, 0x3c, 0x00]],
    ['undefined', [0xf7]],
    ['a map', [0xa0]],
    ['a tag', [0xc0, 0x00]],
    ['nothing', []],
    ['more than one value', [0x00, 0x00]],
    ['an array that is shorter than it says', [0x9b, 0, 0, 0, 1, 0, 0, 0, 0, 0x00]],
    ['bytes that are fewer than announced', [0x5b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['arrays nested beyond the limit', [...Array.from({ length: MAX_DEPTH + 1 }, () => 0x81), 0x00]],
    ['arrays nested beyond any stack', Array.from({ length: 60_000 }, () => 0x81)],
  ])('refuses %s', (_, bytes) => {
    expect(outcome(readCbor, new Uint8Array(bytes))).toEqual({})
  })
})
