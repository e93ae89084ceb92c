import { describe, expect, test } from 'vitest'
import type { ChainId, PeerKey } from '../../../src/protocol/ids.ts'
import { MAX_CHAINS } from '../../../src/protocol/limits.ts'
import {
  FAST_TRANSFER_BYTES,
  MIN_TRANSFER_BYTES,
  MIN_TRANSFER_MESSAGES,
  SLOW_TURN_CHECKS,
  TRANSFER_CHECK_MS,
} from '../../../src/room/policy.ts'
import { ChainAssignment } from '../../../src/room/sync/chain-assignment.ts'

const ONE = 'one' as ChainId
const TWO = 'two' as ChainId
const NONE: ReadonlySet<ChainId> = new Set()
const peer = (number: number) => `peer ${number}` as PeerKey

/** Exchanges 1 to `count`, each with a partner of that number, begun at 0. */
function claimsOf(count: number): ChainAssignment {
  const claims = new ChainAssignment()
  for (let number = 1; number <= count; number++) claims.onSessionStart(number, peer(number), 0)
  return claims
}

/** Which exchanges may bring a chain, asked in their order. */
function takers(claims: ChainAssignment, chain: ChainId, from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(one =>
    claims.assign(one, chain),
  )
}

describe('a chain', () => {
  test('is brought by one exchange at a time, once', () => {
    const claims = claimsOf(3)
    expect(takers(claims, ONE, 1, 3)).toEqual([1])
    expect(takers(claims, TWO, 2, 3)).toEqual([2])
    expect(claims.assign(1, ONE)).toBe(false)
    expect(claims.chainsOf(1)).toEqual([ONE])
    expect(claims.onSessionEnd(1, NONE)).toEqual([peer(2), peer(3)])
    expect(claims.assign(3, ONE)).toBe(true)
  })

  test('is not asked again at once from whom it was just asked', () => {
    const claims = claimsOf(2)
    claims.onSessionStart(3, peer(1), 0)
    expect(takers(claims, ONE, 1, 3)).toEqual([1])
    expect(claims.onSessionEnd(1, NONE)).toEqual([peer(2)])
  })

  test('is not brought by an exchange that nobody began', () => {
    expect(new ChainAssignment().assign(7, ONE)).toBe(false)
  })
})

describe('an exchange that brings', () => {
  test('nothing is given up, whether others offer the same or not', () => {
    const claims = claimsOf(2)
    claims.assign(1, ONE)
    expect([claims.reassignSlow(TRANSFER_CHECK_MS - 1), claims.isReassigned(1)]).toEqual([[], false])
    expect(claims.dueAt()).toBe(TRANSFER_CHECK_MS)
    expect([claims.reassignSlow(TRANSFER_CHECK_MS), claims.isReassigned(1)]).toEqual([[], true])
    expect([claims.isFetching, claims.dueAt()]).toEqual([false, undefined])
    expect(claims.assign(2, ONE)).toBe(true)
  })

  test('a little keeps its chains while nobody else has them, and no longer', () => {
    const claims = claimsOf(2)
    claims.assign(1, ONE)
    for (let round = 1; round < 5; round++) {
      claims.onReceived(1, 1, 300)
      expect(claims.reassignSlow(round * TRANSFER_CHECK_MS)).toEqual([])
    }
    claims.assign(2, ONE)
    claims.onReceived(1, MIN_TRANSFER_MESSAGES - 1, MIN_TRANSFER_BYTES - 1)
    expect(claims.reassignSlow(5 * TRANSFER_CHECK_MS)).toEqual([peer(2)])
    expect(claims.isReassigned(1)).toBe(true)
  })

  test.each([
    [MIN_TRANSFER_MESSAGES, 0],
    [1, MIN_TRANSFER_BYTES],
  ])('%i messages of %i bytes at each pace keeps them for a turn', (messages, bytes) => {
    const claims = claimsOf(2)
    takers(claims, ONE, 1, 2)
    for (let round = 1; round < SLOW_TURN_CHECKS; round++) {
      claims.onReceived(1, messages, bytes)
      expect(claims.reassignSlow(round * TRANSFER_CHECK_MS)).toEqual([])
    }
    expect(claims.reassignSlow(SLOW_TURN_CHECKS * TRANSFER_CHECK_MS)).toEqual([peer(2)])
  })

  test('what nobody waits for is not measured', () => {
    const claims = claimsOf(1)
    expect([claims.dueAt(), claims.reassignSlow(9 * TRANSFER_CHECK_MS), claims.isReassigned(1)]).toEqual([
      undefined,
      [],
      false,
    ])
  })
})

describe('partners that bring a chain slowly', () => {
  /** Lets time pass in which an exchange brings some of it. Returns who is asked. */
  function bring(claims: ChainAssignment, exchange: number, bytes: number, from: number): readonly PeerKey[] {
    const asked: PeerKey[] = []
    for (let pace = 1; pace <= SLOW_TURN_CHECKS; pace++) {
      claims.onReceived(exchange, 1, bytes)
      asked.push(...claims.reassignSlow(from + pace * TRANSFER_CHECK_MS))
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
    for (
      let at = 0;
      turns.at(-1) !== SLOW + 1 && turns.length < 50;
      at += SLOW_TURN_CHECKS * TRANSFER_CHECK_MS
    ) {
      const numbers = waiting.map(number => {
        claims.onSessionStart(++exchange, peer(number), at)
        return [exchange, number] as const
      })
      const taker = numbers.filter(([one]) => claims.assign(one, ONE))
      expect(taker.length).toBe(1)
      const [[one, number] = [0, 0]] = taker
      turns.push(number)
      expect(bring(claims, one, MIN_TRANSFER_BYTES, at).length).toBe(waiting.length - 1)
      expect(claims.isReassigned(one)).toBe(true)
      for (const [other] of numbers) claims.onSessionEnd(other, NONE)
    }
    expect(turns).toEqual([...waiting])
  })

  test('go on as long as nobody else has it, and quick ones always', () => {
    const claims = claimsOf(2)
    claims.assign(1, ONE)
    for (let turn = 0; turn < 3; turn++)
      expect(bring(claims, 1, MIN_TRANSFER_BYTES, turn * SLOW_TURN_CHECKS * TRANSFER_CHECK_MS)).toEqual([])
    claims.assign(2, ONE)
    for (let turn = 3; turn < 6; turn++)
      expect(bring(claims, 1, FAST_TRANSFER_BYTES, turn * SLOW_TURN_CHECKS * TRANSFER_CHECK_MS)).toEqual([])
  })

  test('may have it again if none takes it whose turn it is', () => {
    const claims = claimsOf(2)
    expect(takers(claims, ONE, 1, 2)).toEqual([1])
    expect(bring(claims, 1, MIN_TRANSFER_BYTES, 0)).toEqual([peer(2)])
    const over = SLOW_TURN_CHECKS * TRANSFER_CHECK_MS
    claims.onSessionEnd(1, NONE)
    claims.onSessionStart(3, peer(1), over)
    expect(claims.assign(3, ONE)).toBe(false)
    expect(claims.dueAt()).toBe(over + TRANSFER_CHECK_MS)
    expect(claims.reassignSlow(over + TRANSFER_CHECK_MS)).toEqual([peer(1)])
    claims.onSessionStart(4, peer(1), over + TRANSFER_CHECK_MS)
    expect(claims.assign(4, ONE)).toBe(true)
  })

  test('are remembered in bounds', () => {
    const claims = new ChainAssignment()
    for (let number = 1; number < 2 * MAX_CHAINS; number += 2) {
      const chain = `chain ${number}` as ChainId
      for (const one of [number, number + 1]) claims.onSessionStart(one, peer(one), 0)
      takers(claims, chain, number, number + 1)
      for (let pace = 1; pace <= SLOW_TURN_CHECKS; pace++) {
        claims.onReceived(number, 1, MIN_TRANSFER_BYTES)
        if (number < 99) claims.reassignSlow(pace * TRANSFER_CHECK_MS)
      }
      for (const one of [number, number + 1]) claims.onSessionEnd(one, NONE)
    }
    expect(claims.isFetching).toBe(false)
  })
})

describe('many partners that claim everything and bring nothing', () => {
  const LIARS = 90

  test.each([
    ['stall', (claims: ChainAssignment, _: readonly number[], now: number) => claims.reassignSlow(now)],
    [
      'hang up',
      (claims: ChainAssignment, holders: readonly number[]) =>
        holders.flatMap(holder => claims.onSessionEnd(holder, new Set([ONE]))),
    ],
  ])('and %s hold a chain up for a few rounds only', (_, fail) => {
    const claims = new ChainAssignment()
    const taken: number[] = []
    for (let round = 0; taken.at(-1) !== LIARS + 1 && round < 20; round++) {
      // all of them come again, and each time the honest one is the last
      const numbers = Array.from({ length: LIARS + 1 }, (_, index) => (round + 1) * 1_000 + index)
      for (const number of numbers) claims.onSessionStart(number, peer(number), round * TRANSFER_CHECK_MS)
      const holders = numbers.filter(number => claims.assign(number, ONE))
      taken.push(holders.length)
      fail(claims, holders, (round + 1) * TRANSFER_CHECK_MS)
    }
    expect(taken).toEqual([1, 2, 4, 8, 16, 32, 64, LIARS + 1])
  })

  test('count no longer once somebody brought it', () => {
    const claims = claimsOf(5)
    takers(claims, ONE, 1, 5)
    claims.reassignSlow(TRANSFER_CHECK_MS)
    for (let number = 6; number <= 9; number++) claims.onSessionStart(number, peer(number), TRANSFER_CHECK_MS)
    expect(takers(claims, ONE, 6, 9)).toEqual([6, 7])
    claims.onSessionEnd(6, NONE)
    expect(takers(claims, ONE, 8, 9)).toEqual([])
    claims.onSessionEnd(7, NONE)
    expect(takers(claims, ONE, 8, 9)).toEqual([8])
  })
})

test('chains that nobody brought are remembered in a bounded number', () => {
  const claims = claimsOf(2)
  const chains = Array.from({ length: MAX_CHAINS + 1 }, (_, index) => `chain ${index}` as ChainId)
  for (const chain of chains) takers(claims, chain, 1, 2)
  claims.reassignSlow(TRANSFER_CHECK_MS)
  for (let number = 3; number <= 5; number++) claims.onSessionStart(number, peer(number), TRANSFER_CHECK_MS)
  expect(takers(claims, chains[0] ?? ONE, 3, 5)).toEqual([3])
  expect(takers(claims, chains[1] ?? ONE, 3, 5)).toEqual([3, 4])
})
