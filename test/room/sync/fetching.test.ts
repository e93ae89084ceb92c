/** The small parts that exchanges are decided with: roots, broken promises, the newest first, and how far it is. */
import { describe, expect, test } from 'vitest'
import type { ChainId, PeerKey } from '../../../src/protocol/ids.ts'
import { MAX_CHAINS, MAX_TAIL } from '../../../src/protocol/limits.ts'
import {
  PROGRESS_COUNT,
  PROGRESS_GAP_MS,
  ROOT_PATIENCE_MS,
  TAIL_COUNT,
  TAIL_GAP_MS,
  UNKEPT_COUNT,
  UNKEPT_MAX_MS,
  UNKEPT_MS,
} from '../../../src/room/policy.ts'
import { Progress } from '../../../src/room/sync/accounting.ts'
import { UnrootedChains } from '../../../src/room/sync/backfill.ts'
import { afterPromise, UnfulfilledOffers } from '../../../src/room/sync/backoff.ts'
import { TailFirstSync } from '../../../src/room/sync/scheduler.ts'

const CHAIN = 'chain' as ChainId
const OTHER = 'other' as ChainId
const ANN = 'ann' as PeerKey
const BEN = 'ben' as PeerKey

describe('a chain whose beginning is gone', () => {
  test('may begin where it was offered after a while in which nobody offered more', () => {
    const roots = new UnrootedChains()
    expect(roots.offer(CHAIN, 40, 1_000)).toBe(1_000 + ROOT_PATIENCE_MS)
    expect(roots.offer(CHAIN, 40, 5_000)).toBe(1_000 + ROOT_PATIENCE_MS)
    expect(roots.mayBeginAt(CHAIN)).toBeUndefined()
    roots.allow(CHAIN, 40, 7)
    expect([roots.mayBeginAt(CHAIN), roots.mayBeginAt(OTHER)]).toEqual([40, undefined])
  })

  test('rather begins where somebody has more of it, but does not wait for him for ever', () => {
    const roots = new UnrootedChains()
    roots.offer(CHAIN, 40, 0)
    expect(roots.offer(CHAIN, 10, 100)).toBe(ROOT_PATIENCE_MS)
    expect(roots.offer(CHAIN, 40, 200)).toBe(2 * ROOT_PATIENCE_MS)
    expect(roots.offer(CHAIN, 10, 300)).toBe(ROOT_PATIENCE_MS)
  })

  test('may do so only as long as the exchange lasts in which it was asked for', () => {
    const roots = new UnrootedChains()
    roots.offer(CHAIN, 40, 0)
    roots.allow(CHAIN, 40, 7)
    roots.allow(OTHER, 3, 8)
    roots.end(7)
    expect([roots.mayBeginAt(CHAIN), roots.mayBeginAt(OTHER)]).toEqual([undefined, 3])
    expect(roots.offer(CHAIN, 40, 50_000)).toBe(50_000 + ROOT_PATIENCE_MS)
  })

  test('is one of a bounded number', () => {
    const roots = new UnrootedChains()
    for (let index = 0; index <= MAX_CHAINS; index++) roots.offer(`${index}` as ChainId, 1, index)
    expect(roots.offer('1' as ChainId, 1, 99_999)).toBe(1 + ROOT_PATIENCE_MS)
    expect(roots.offer('0' as ChainId, 1, 99_999)).toBe(99_999 + ROOT_PATIENCE_MS)
  })
})

describe('a promise that is not kept', () => {
  test('is forgiven once, then the partner is not asked for a while, and longer each time', () => {
    const unkept = new UnfulfilledOffers(afterPromise)
    const waits: number[] = []
    let now = 0
    for (let times = 0; times < 12; times++) {
      unkept.note(ANN, CHAIN, now)
      const from = now
      while (unkept.has(ANN, CHAIN, now)) now += UNKEPT_MS
      waits.push(now - from)
    }
    expect(waits.slice(0, 5)).toEqual([0, UNKEPT_MS, 2 * UNKEPT_MS, 4 * UNKEPT_MS, 8 * UNKEPT_MS])
    expect(waits.at(-1)).toBe(UNKEPT_MAX_MS)
  })

  test('counts for that partner and that chain only, until it is kept', () => {
    const unkept = new UnfulfilledOffers(afterPromise)
    for (let times = 0; times < 5; times++) unkept.note(ANN, CHAIN, 0)
    expect([unkept.has(ANN, CHAIN, 1), unkept.has(BEN, CHAIN, 1), unkept.has(ANN, OTHER, 1)]).toEqual([
      true,
      false,
      false,
    ])
    unkept.forget(ANN, CHAIN)
    expect(unkept.has(ANN, CHAIN, 1)).toBe(false)
    unkept.note(ANN, CHAIN, 0)
    expect(unkept.has(ANN, CHAIN, 1)).toBe(false)
  })

  test('is one of a bounded number', () => {
    const unkept = new UnfulfilledOffers(afterPromise)
    for (let index = 0; index <= UNKEPT_COUNT; index++) {
      for (let times = 0; times < 2; times++) unkept.note(ANN, `${index}` as ChainId, 0)
    }
    expect([unkept.has(ANN, '0' as ChainId, 1), unkept.has(ANN, '1' as ChainId, 1)]).toEqual([false, true])
  })
})

describe('the newest messages', () => {
  test('come first where more are missing than a screen shows', () => {
    expect(TAIL_COUNT).toBeLessThanOrEqual(MAX_TAIL)
    expect([TAIL_COUNT, TAIL_COUNT + 1].map(expected => new TailFirstSync().ask(1, expected, 0))).toEqual([
      0,
      TAIL_COUNT,
    ])
  })

  test('come from one partner, and not again while the rest fills in', () => {
    const tails = new TailFirstSync()
    expect([tails.ask(1, 9_999, 0), tails.ask(2, 9_999, 0)]).toEqual([TAIL_COUNT, 0])
    tails.onCame(1, 100)
    expect([tails.ask(3, 9_999, 99 + TAIL_GAP_MS), tails.ask(4, 9_999, 100 + TAIL_GAP_MS)]).toEqual([
      0,
      TAIL_COUNT,
    ])
  })

  test('come from another partner if the first one ended before', () => {
    const tails = new TailFirstSync()
    tails.ask(1, 9_999, 0)
    tails.end(1)
    expect(tails.ask(2, 9_999, 1)).toBe(TAIL_COUNT)
    tails.onCame(1, 2)
    tails.end(2)
    expect(tails.ask(3, 9_999, 3)).toBe(TAIL_COUNT)
  })
})

describe('how far a fetch is', () => {
  const MANY = 10 * PROGRESS_COUNT

  test('is told at most once in a while, and at the end', () => {
    const progress = new Progress()
    progress.begin(1, MANY, 0)
    const told = Array.from({ length: 100 }, (_, index) => progress.onBrought(1, 100, index * 50)).flat()
    expect(told.map(({ received, expected }) => [received, expected])).toEqual(
      [21, 41, 61, 81].map(parts => [parts * 100, MANY]),
    )
    expect(progress.end(1)).toEqual([{ kind: 'progress', received: MANY, expected: MANY, state: 'over' }])
    expect(progress.end(1)).toEqual([])
  })

  test('is not told of what is short in messages or in time', () => {
    const progress = new Progress()
    progress.begin(1, PROGRESS_COUNT, 0)
    expect(progress.onBrought(1, PROGRESS_COUNT, 99 * PROGRESS_GAP_MS)).toEqual([])
    expect(progress.end(1)).toEqual([])
    progress.begin(2, MANY, 0)
    expect(progress.onBrought(2, MANY, PROGRESS_GAP_MS - 1)).toEqual([])
    expect(progress.end(2)).toEqual([])
  })

  test('is that of all exchanges together', () => {
    const progress = new Progress()
    progress.begin(1, MANY, 0)
    progress.begin(2, 500, 0)
    progress.begin(3, 0, 0)
    progress.onBrought(2, 400, 1)
    expect(progress.end(2)).toEqual([])
    const [told] = progress.onBrought(1, 100, PROGRESS_GAP_MS)
    expect(told).toMatchObject({ received: 500, expected: MANY + 400, state: 'going' })
    expect(progress.onBrought(9, 1, 9 * PROGRESS_GAP_MS)).toEqual([])
    expect([progress.end(3), progress.end(1)]).toMatchObject([[], [{ received: 500, state: 'over' }]])
    progress.begin(4, MANY, 10 * PROGRESS_GAP_MS)
    const [next] = progress.onBrought(4, 1, 11 * PROGRESS_GAP_MS)
    expect(next).toMatchObject({ received: 1, expected: MANY })
  })

  test('is never more than all', () => {
    const progress = new Progress()
    progress.begin(1, MANY, 0)
    const [told] = progress.onBrought(1, 2 * MANY, PROGRESS_GAP_MS)
    expect(told).toMatchObject({ received: 2 * MANY, expected: 2 * MANY })
  })
})
