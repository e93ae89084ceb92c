import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { MAX_BEACON_BYTES, MAX_HEADS, MAX_MESSAGE_BYTES, MAX_TAIL } from '../../src/protocol/limits.ts'
import {
  MAX_LIST,
  MAX_PART_CHAINS,
  MAX_PART_RANGES,
  MAX_PART_SHORT_HASHES,
} from '../../src/protocol/ranges.ts'
import {
  decodeSync,
  encodeSync,
  MAX_EARLIER,
  MAX_HAVE_CHAINS,
  MAX_SYNC_MESSAGE_BYTES,
  MAX_WANTS,
  MESSAGES_LIMIT,
} from '../../src/protocol/sync-message.ts'
import { damage } from '../support/core-arbitraries.ts'
import { syncMessage } from '../support/core-sync-arbitraries.ts'
import { SEED } from '../support/seed.ts'

test('a message is read as it was written', () => {
  fc.assert(
    fc.property(syncMessage, sent => {
      expect(decodeSync(encodeSync(sent))).toEqual(sent)
    }),
    { seed: SEED },
  )
})

test('anything else is refused or is another message, and never throws', () => {
  fc.assert(
    fc.property(syncMessage, damage, (sent, spoil) => {
      const spoiled = spoil(encodeSync(sent))
      const read = decodeSync(spoiled)
      if (read !== undefined) expect(toHex(encodeSync(read))).toBe(toHex(spoiled))
    }),
    { seed: SEED },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void decodeSync(bytes)),
    { seed: SEED },
  )
})

describe('the largest message of its kind fits, and one more of anything does not:', () => {
  const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)
  const b = (length: number) => new Uint8Array(length)
  const heads = Array.from({ length: MAX_HEADS }, (_, index) => [2 ** 40 + index, b(32)])
  const chain = [b(32), b(8), heads, 2 ** 40]
  const small = [b(32), b(8), [[0, b(32)]], 0]
  const print = [b(40), b(16)]
  const place = [2 ** 40, 2 ** 40]
  const marks = [b(40), [b(6 * MAX_LIST)]]
  const longest = b(MAX_MESSAGE_BYTES)

  const largest: Readonly<Record<string, readonly [unknown[], unknown[]]>> = {
    HELLO: [
      [0, b(16), b(MAX_BEACON_BYTES), b(32), 7, 7, true],
      [0, b(16), b(MAX_BEACON_BYTES + 1), b(32), 7, 7, true],
    ],
    HAVE: [
      [1, many(MAX_HAVE_CHAINS, chain), 0],
      [1, many(MAX_HAVE_CHAINS + 1, small), 0],
    ],
    WANT: [
      [2, many(MAX_WANTS, place), 1, MAX_TAIL, many(MAX_EARLIER, b(32))],
      [2, many(MAX_WANTS + 1, place), 1, 0, []],
    ],
    'WANT with a tail': [
      [2, [], 1, MAX_TAIL, []],
      [2, [], 1, MAX_TAIL + 1, []],
    ],
    'WANT that goes on': [
      [2, [place], 0, 0, []],
      [2, [place], 0, 1, []],
    ],
    'WANT with messages': [
      [2, [], 1, 0, many(MAX_EARLIER, b(32))],
      [2, [], 1, 0, many(MAX_EARLIER + 1, b(32))],
    ],
    'WANT with messages that goes on': [
      [2, [place], 0, 0, []],
      [2, [place], 0, 0, [b(32)]],
    ],
    MESSAGES: [
      [3, many(2_048, b(180))],
      [3, many(2_049, b(1))],
    ],
    'MESSAGES with long ones': [
      [3, many(42, longest)],
      [3, [b(MAX_MESSAGE_BYTES + 1)]],
    ],
    'RANGES with prints': [
      [5, many(MAX_PART_RANGES, print), [], [], 0],
      [5, many(MAX_PART_RANGES + 1, print), [], [], 0],
    ],
    'RANGES with marks': [
      [5, many(MAX_PART_SHORT_HASHES / MAX_LIST, marks), [], [], 0],
      [5, [...many(MAX_PART_SHORT_HASHES / MAX_LIST, marks), [b(0), [b(6)]]], [], [], 0],
    ],
    'RANGES with a long list': [
      [5, [marks], [], [], 0],
      [5, [[b(40), [b(6 * MAX_LIST + 6)]]], [], [], 0],
    ],
    'RANGES with chains': [
      [5, [], many(MAX_PART_CHAINS, chain), [], 1],
      [5, [], many(MAX_PART_CHAINS + 1, small), [], 1],
    ],
    'RANGES with questions': [
      [5, [], [], many(MAX_PART_SHORT_HASHES, 9_999), 1],
      [5, [], [], many(MAX_PART_SHORT_HASHES + 1, 1), 1],
    ],
    'RANGES with everything': [
      [
        5,
        [
          ...many(MAX_PART_SHORT_HASHES / MAX_LIST, marks),
          ...many(MAX_PART_RANGES - MAX_PART_SHORT_HASHES / MAX_LIST, print),
        ],
        many(MAX_PART_CHAINS, chain),
        many(MAX_PART_SHORT_HASHES, 9_999),
        0,
      ],
      [5, [], [], [-1], 0],
    ],
    'RANGES with long bounds': [
      [5, [[b(40)]], [], [], 1],
      [5, [[b(41)]], [], [], 1],
    ],
    EARLIER: [
      [7, many(MESSAGES_LIMIT.count, b(700))],
      [7, many(MESSAGES_LIMIT.count + 1, b(1))],
    ],
    TAIL: [
      [6, many(MAX_TAIL, b(5_000))],
      [6, many(MAX_TAIL + 1, b(1))],
    ],
  }

  test.each(Object.keys(largest))('%s', name => {
    const [fits, over] = largest[name] ?? [[], []]
    expect(encodeCbor(fits).length).toBeLessThanOrEqual(MAX_SYNC_MESSAGE_BYTES)
    expect(decodeSync(encodeCbor(fits))).toBeDefined()
    expect(decodeSync(encodeCbor(over))).toBeUndefined()
  })

  test('any, in bytes', () => {
    expect(decodeSync(encodeCbor([3, many(43, longest)]))).toBeUndefined()
  })

  test('in any other form', () => {
    const wrong = [
      [],
      [7],
      [4, 1],
      ['4'],
      [0, b(16), b(9), b(32), 0],
      [0, b(16), b(9), b(32), 0, -1],
      [0, b(15), b(9), b(32), 0, 0],
      [1, [small], 2],
      [1, [small]],
      [2, [], 1],
      [2, [place], 2, 0],
      [2, [[1]], 1, 0],
      [2, [[1, -1]], 1, 0],
      [2, [[1, 1, 1]], 1, 0],
      [5, [print], [], 1],
      [5, [print], [], [], 2],
      [5, [[b(40), b(15)]], [], [], 1],
      [5, [[b(40), [b(5)]]], [], [], 1],
      [5, [[b(40), [b(6), b(6)]]], [], [], 1],
      [5, [[b(40), []]], [], [], 1],
      [5, [[b(40), b(16), 1]], [], [], 1],
      [5, [[]], [], [], 1],
      [5, [['40']], [], [], 1],
      [5, [], [[b(32), b(8), [[0, b(32)]]]], [], 1],
      [5, [], [], ['1'], 1],
      [6],
      [6, [1]],
    ]
    expect(wrong.filter(value => decodeSync(encodeCbor(value)) !== undefined)).toEqual([])
  })
})
