import { describe, expect, test } from 'vitest'
import { Claims } from '../../../src/core/claims.ts'
import type { ChainId, PeerKey } from '../../../src/core/ids.ts'
import { MAX_CHAINS } from '../../../src/core/limits.ts'
import { PACE_BYTES, PACE_MESSAGES, PACE_MS } from '../../../src/core/policy.ts'

const ONE = 'one' as ChainId
const TWO = 'two' as ChainId
const NONE: ReadonlySet<ChainId> = new Set()
const peer = (number: number) => `peer ${number}` as PeerKey

/** Exchanges 1 to `count`, each with a partner of that number, begun at 0. */
function claimsOf(count: number): Claims {
  const claims = new Claims()
  for (let number = 1; number <= count; number++) claims.begin(number, peer(number), 0)
  return claims
}

/** Which exchanges may bring a chain, asked in their order. */
function takers(claims: Claims, chain: ChainId, from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(one =>
    claims.take(one, chain),
  )
}

describe('a chain', () => {
  test('is brought by one exchange at a time, once', () => {
    const claims = claimsOf(3)
    expect(takers(claims, ONE, 1, 3)).toEqual([1])
    expect(takers(claims, TWO, 2, 3)).toEqual([2])
    expect(claims.take(1, ONE)).toBe(false)
    expect(claims.of(1)).toEqual([ONE])
    expect(claims.end(1, NONE)).toEqual([peer(2), peer(3)])
    expect(claims.take(3, ONE)).toBe(true)
  })

  test('is not brought by an exchange that nobody began', () => {
    expect(new Claims().take(7, ONE)).toBe(false)
  })
})

describe('an exchange that brings', () => {
  test('nothing is given up, whether others offer the same or not', () => {
    const claims = claimsOf(2)
    claims.take(1, ONE)
    expect([claims.giveUp(PACE_MS - 1), claims.isGivenUp(1)]).toEqual([[], false])
    expect(claims.dueAt()).toBe(PACE_MS)
    expect([claims.giveUp(PACE_MS), claims.isGivenUp(1)]).toEqual([[], true])
    expect([claims.isFetching, claims.dueAt()]).toEqual([false, undefined])
    expect(claims.take(2, ONE)).toBe(true)
  })

  test('a little keeps its chains while nobody else has them, and no longer', () => {
    const claims = claimsOf(2)
    claims.take(1, ONE)
    for (let round = 1; round < 5; round++) {
      claims.onBrought(1, 1, 300)
      expect(claims.giveUp(round * PACE_MS)).toEqual([])
    }
    claims.take(2, ONE)
    claims.onBrought(1, PACE_MESSAGES - 1, PACE_BYTES - 1)
    expect(claims.giveUp(5 * PACE_MS)).toEqual([peer(2)])
    expect(claims.isGivenUp(1)).toBe(true)
  })

  test.each([
    [PACE_MESSAGES, 0],
    [1, PACE_BYTES],
  ])('%i messages of %i bytes at each pace keeps them', (messages, bytes) => {
    const claims = claimsOf(2)
    takers(claims, ONE, 1, 2)
    for (let round = 1; round < 5; round++) {
      claims.onBrought(1, messages, bytes)
      expect(claims.giveUp(round * PACE_MS)).toEqual([])
    }
    expect(claims.giveUp(5 * PACE_MS)).toEqual([peer(2)])
  })

  test('what nobody waits for is not measured', () => {
    const claims = claimsOf(1)
    expect([claims.dueAt(), claims.giveUp(9 * PACE_MS), claims.isGivenUp(1)]).toEqual([undefined, [], false])
  })
})

describe('many partners that claim everything and bring nothing', () => {
  const LIARS = 90

  test.each([
    ['stall', (claims: Claims, _: readonly number[], now: number) => claims.giveUp(now)],
    [
      'hang up',
      (claims: Claims, holders: readonly number[]) =>
        holders.flatMap(holder => claims.end(holder, new Set([ONE]))),
    ],
  ])('and %s hold a chain up for a few rounds only', (_, fail) => {
    const claims = new Claims()
    const taken: number[] = []
    for (let round = 0; taken.at(-1) !== LIARS + 1 && round < 20; round++) {
      // all of them come again, and each time the honest one is the last
      const numbers = Array.from({ length: LIARS + 1 }, (_, index) => (round + 1) * 1_000 + index)
      for (const number of numbers) claims.begin(number, peer(number), round * PACE_MS)
      const holders = numbers.filter(number => claims.take(number, ONE))
      taken.push(holders.length)
      fail(claims, holders, (round + 1) * PACE_MS)
    }
    expect(taken).toEqual([1, 2, 4, 8, 16, 32, 64, LIARS + 1])
  })

  test('count no longer once somebody brought it', () => {
    const claims = claimsOf(5)
    takers(claims, ONE, 1, 5)
    claims.giveUp(PACE_MS)
    for (let number = 6; number <= 9; number++) claims.begin(number, peer(number), PACE_MS)
    expect(takers(claims, ONE, 6, 9)).toEqual([6, 7])
    claims.end(6, NONE)
    expect(takers(claims, ONE, 8, 9)).toEqual([])
    claims.end(7, NONE)
    expect(takers(claims, ONE, 8, 9)).toEqual([8])
  })
})

test('chains that nobody brought are remembered in a bounded number', () => {
  const claims = claimsOf(2)
  const chains = Array.from({ length: MAX_CHAINS + 1 }, (_, index) => `chain ${index}` as ChainId)
  for (const chain of chains) takers(claims, chain, 1, 2)
  claims.giveUp(PACE_MS)
  for (let number = 3; number <= 5; number++) claims.begin(number, peer(number), PACE_MS)
  expect(takers(claims, chains[0] ?? ONE, 3, 5)).toEqual([3])
  expect(takers(claims, chains[1] ?? ONE, 3, 5)).toEqual([3, 4])
})
