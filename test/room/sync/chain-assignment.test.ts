import { describe, expect, test } from 'vitest'
import type { ChainId, PeerKey } from '../../../src/protocol/ids.ts'
import { MAX_CHAINS } from '../../../src/protocol/limits.ts'
import { PACE_BYTES, PACE_MESSAGES, PACE_MS, QUICK_BYTES, TURN_PACES } from '../../../src/room/policy.ts'
import { ChainAssignment } from '../../../src/room/sync/chain-assignment.ts'

const ONE = 'one' as ChainId
const TWO = 'two' as ChainId
const NONE: ReadonlySet<ChainId> = new Set()
const peer = (number: number) => `peer ${number}` as PeerKey

/** Exchanges 1 to `count`, each with a partner of that number, begun at 0. */
function claimsOf(count: number): ChainAssignment {
  const claims = new ChainAssignment()
  for (let number = 1; number <= count; number++) claims.begin(number, peer(number), 0)
  return claims
}

/** Which exchanges may bring a chain, asked in their order. */
function takers(claims: ChainAssignment, chain: ChainId, from: number, to: number): readonly number[] {
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

  test('is not asked again at once from whom it was just asked', () => {
    const claims = claimsOf(2)
    claims.begin(3, peer(1), 0)
    expect(takers(claims, ONE, 1, 3)).toEqual([1])
    expect(claims.end(1, NONE)).toEqual([peer(2)])
  })

  test('is not brought by an exchange that nobody began', () => {
    expect(new ChainAssignment().take(7, ONE)).toBe(false)
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
  ])('%i messages of %i bytes at each pace keeps them for a turn', (messages, bytes) => {
    const claims = claimsOf(2)
    takers(claims, ONE, 1, 2)
    for (let round = 1; round < TURN_PACES; round++) {
      claims.onBrought(1, messages, bytes)
      expect(claims.giveUp(round * PACE_MS)).toEqual([])
    }
    expect(claims.giveUp(TURN_PACES * PACE_MS)).toEqual([peer(2)])
  })

  test('what nobody waits for is not measured', () => {
    const claims = claimsOf(1)
    expect([claims.dueAt(), claims.giveUp(9 * PACE_MS), claims.isGivenUp(1)]).toEqual([undefined, [], false])
  })
})

describe('partners that bring a chain slowly', () => {
  /** Lets time pass in which an exchange brings some of it. Returns who is asked. */
  function bring(claims: ChainAssignment, exchange: number, bytes: number, from: number): readonly PeerKey[] {
    const asked: PeerKey[] = []
    for (let pace = 1; pace <= TURN_PACES; pace++) {
      claims.onBrought(exchange, 1, bytes)
      asked.push(...claims.giveUp(from + pace * PACE_MS))
    }
    return asked
  }

  test('have it for a turn each, and those who had none come before those who had', () => {
    const SLOW = 9
    const claims = new ChainAssignment()
    const waiting = Array.from({ length: SLOW + 1 }, (_, index) => index + 1)
    const turns: number[] = []
    let exchange = 0
    // the honest one is always the last to ask
    for (let at = 0; turns.at(-1) !== SLOW + 1 && turns.length < 50; at += TURN_PACES * PACE_MS) {
      const numbers = waiting.map(number => {
        claims.begin(++exchange, peer(number), at)
        return [exchange, number] as const
      })
      const taker = numbers.filter(([one]) => claims.take(one, ONE))
      expect(taker.length).toBe(1)
      const [[one, number] = [0, 0]] = taker
      turns.push(number)
      expect(bring(claims, one, PACE_BYTES, at).length).toBe(waiting.length - 1)
      expect(claims.isGivenUp(one)).toBe(true)
      for (const [other] of numbers) claims.end(other, NONE)
    }
    expect(turns).toEqual([...waiting])
  })

  test('go on as long as nobody else has it, and quick ones always', () => {
    const claims = claimsOf(2)
    claims.take(1, ONE)
    for (let turn = 0; turn < 3; turn++)
      expect(bring(claims, 1, PACE_BYTES, turn * TURN_PACES * PACE_MS)).toEqual([])
    claims.take(2, ONE)
    for (let turn = 3; turn < 6; turn++)
      expect(bring(claims, 1, QUICK_BYTES, turn * TURN_PACES * PACE_MS)).toEqual([])
  })

  test('may have it again if none takes it whose turn it is', () => {
    const claims = claimsOf(2)
    expect(takers(claims, ONE, 1, 2)).toEqual([1])
    expect(bring(claims, 1, PACE_BYTES, 0)).toEqual([peer(2)])
    const over = TURN_PACES * PACE_MS
    claims.end(1, NONE)
    claims.begin(3, peer(1), over)
    expect(claims.take(3, ONE)).toBe(false)
    expect(claims.dueAt()).toBe(over + PACE_MS)
    expect(claims.giveUp(over + PACE_MS)).toEqual([peer(1)])
    claims.begin(4, peer(1), over + PACE_MS)
    expect(claims.take(4, ONE)).toBe(true)
  })

  test('are remembered in bounds', () => {
    const claims = new ChainAssignment()
    for (let number = 1; number < 2 * MAX_CHAINS; number += 2) {
      const chain = `chain ${number}` as ChainId
      for (const one of [number, number + 1]) claims.begin(one, peer(one), 0)
      takers(claims, chain, number, number + 1)
      for (let pace = 1; pace <= TURN_PACES; pace++) {
        claims.onBrought(number, 1, PACE_BYTES)
        if (number < 99) claims.giveUp(pace * PACE_MS)
      }
      for (const one of [number, number + 1]) claims.end(one, NONE)
    }
    expect(claims.isFetching).toBe(false)
  })
})

describe('many partners that claim everything and bring nothing', () => {
  const LIARS = 90

  test.each([
    ['stall', (claims: ChainAssignment, _: readonly number[], now: number) => claims.giveUp(now)],
    [
      'hang up',
      (claims: ChainAssignment, holders: readonly number[]) =>
        holders.flatMap(holder => claims.end(holder, new Set([ONE]))),
    ],
  ])('and %s hold a chain up for a few rounds only', (_, fail) => {
    const claims = new ChainAssignment()
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
