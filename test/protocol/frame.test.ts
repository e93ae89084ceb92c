import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { decodeFrame, encodeFrame, frameFit } from '../../src/protocol/frame.ts'
import { MAX_FRAME_BYTES, MAX_FRAME_RECORDS, MAX_MESSAGE_BYTES } from '../../src/protocol/limits.ts'
import { damage } from '../support/core-arbitraries.ts'
import { SEED } from '../support/seed.ts'

const records = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: MAX_FRAME_RECORDS })

describe('a frame', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(records, some => {
        expect(decodeFrame(encodeFrame(some))).toEqual(some)
      }),
      { seed: SEED },
    )
  })

  test('has one encoding', () => {
    fc.assert(
      fc.property(records, damage, (some, damaged) => {
        const bytes = damaged(encodeFrame(some))
        const read = decodeFrame(bytes)
        if (read !== undefined) expect(encodeFrame(read)).toEqual(bytes)
      }),
      { seed: SEED, numRuns: 1_000 },
    )
  })

  test('is read from any bytes without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const read = decodeFrame(bytes)
        if (read !== undefined) expect(encodeFrame(read)).toEqual(bytes)
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test.each<[string, unknown]>([
    ['no records', []],
    ['too many records', Array.from({ length: MAX_FRAME_RECORDS + 1 }, () => new Uint8Array(1))],
    ['a record of text', ['hello']],
    ['a record within a list', [[new Uint8Array(1)]]],
    ['no list', new Uint8Array(3)],
    ['more bytes than fit', [new Uint8Array(MAX_FRAME_BYTES)]],
  ])('is refused with %s', (_, value) => {
    expect(decodeFrame(encodeCbor(value))).toBeUndefined()
  })

  test('takes as many of the first records as are allowed, and at least one', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: MAX_MESSAGE_BYTES }), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(sizes, all => {
        const count = frameFit(all)
        const frame = (length: number) => encodeFrame(all.slice(0, length).map(size => new Uint8Array(size)))
        expect(decodeFrame(frame(count))?.length).toBe(count)
        const hasMore = count < all.length && decodeFrame(frame(count + 1)) !== undefined
        // up to three bytes a record are left over where the records are short
        if (hasMore) expect(frame(count + 1).length).toBeGreaterThan(MAX_FRAME_BYTES - 3 * count - 2)
      }),
      { seed: SEED },
    )
  })
})
