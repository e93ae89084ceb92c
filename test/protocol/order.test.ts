import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Position } from '../../src/protocol/envelope.ts'
import { compare, later } from '../../src/protocol/envelope.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { SEED } from '../support/seed.ts'

/** Few values, so that equal ones meet often. */
const position: fc.Arbitrary<Position> = fc.record({
  ts: fc.nat({ max: 3 }),
  id: fc.constantFrom('0a', '0b', 'a0', 'ff').map(id => id as MessageId),
})

test('of two different messages one comes first, the same one from both sides', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const isSame = a.ts === b.ts && a.id === b.id
      expect(compare(a, b) === 0).toBe(isSame)
      expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0)
    }),
    { seed: SEED },
  )
})

test('what comes before comes before all that follows', () => {
  fc.assert(
    fc.property(position, position, position, (a, b, c) => {
      if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
    }),
    { seed: SEED, numRuns: 1_000 },
  )
})

test('time comes before the id, and the id decides as its bytes do', () => {
  const at = (ts: number, id: string): Position => ({ ts, id: id as MessageId })
  expect(compare(at(1, 'ff'), at(2, '00'))).toBeLessThan(0)
  expect(compare(at(1, '0f'), at(1, 'f0'))).toBeLessThan(0)
})

test('later is the one that sorts last', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      expect(compare(later(a, b), later(b, a))).toBe(0)
      expect(compare(later(a, b), a)).toBeGreaterThanOrEqual(0)
      expect(later(undefined, a)).toBe(a)
    }),
    { seed: SEED },
  )
})
