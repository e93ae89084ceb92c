/** The small parts that exchanges are decided with: roots, broken promises, the newest first, and how far it is. */
import { describe, expect, test } from 'vitest'
import type { ChainId, PeerKey } from '../../../src/protocol/ids.ts'
import { MAX_CHAINS, MAX_TAIL } from '../../../src/protocol/limits.ts'
import {
  PROGRESS_COUNT,
  PROGRESS_GAP_MS,
  TAIL_COUNT,
  TAIL_GAP_MS,
  UNFULFILLED_BACKOFF_MAX_MS,
  UNFULFILLED_BACKOFF_MS,
  UNFULFILLED_COUNT,
  UNROOTED_PATIENCE_MS,
} from '../../../src/room/policy.ts'
import { Progress } from '../../../src/room/sync/accounting.ts'
import { UnrootedChains } from '../../../src/room/sync/backfill.ts'
import { UnfulfilledOffers, unfulfilledWaitMs } from '../../../src/room/sync/backoff.ts'
import { TailFirstSync } from '../../../src/room/sync/scheduler.ts'

const CHAIN = 'chain' as ChainId
const OTHER = 'other' as ChainId
const ANN = 'ann' as PeerKey
const BEN = 'ben' as PeerKey

describe('a chain whose beginning is gone', () => {
  test('may begin where it was offered after a while in which nobody offered more', () => {
    const roots = new UnrootedChains()
    expect(roots.offer(CHAIN, 40, 1_000)).toBe(1_000 + UNROOTED_PATIENCE_MS)
    expect(roots.offer(CHAIN, 40, 5_000)).toBe(1_000 + UNROOTED_PATIENCE_MS)
    expect(roots.allowedStart(CHAIN)).toBeUndefined()
    roots.allow(CHAIN, 40, 7)
    expect([roots.allowedStart(CHAIN), roots.allowedStart(OTHER)]).toEqual([40, undefined])
  })

  test('rather begins where somebody has more of it, but does not wait for him for ever', () => {
    const roots = new UnrootedChains()
    roots.offer(CHAIN, 40, 0)
    expect(roots.offer(CHAIN, 10, 100)).toBe(UNROOTED_PATIENCE_MS)
    expect(roots.offer(CHAIN, 40, 200)).toBe(2 * UNROOTED_PATIENCE_MS)
    expect(roots.offer(CHAIN, 10, 300)).toBe(UNROOTED_PATIENCE_MS)
  })

  test('may do so only as long as the exchange lasts in which it was asked for', () => {
    const roots = new UnrootedChains()
    roots.offer(CHAIN, 40, 0)
    roots.allow(CHAIN, 40, 7)
    roots.allow(OTHER, 3, 8)
    roots.onSessionEnd(7)
    expect([roots.allowedStart(CHAIN), roots.allowedStart(OTHER)]).toEqual([undefined, 3])
    expect(roots.offer(CHAIN, 40, 50_000)).toBe(50_000 + UNROOTED_PATIENCE_MS)
  })

  test('is one of a bounded number', () => {
    const roots = new UnrootedChains()
    for (let index = 0; index <= MAX_CHAINS; index++) roots.offer(`${index}` as ChainId, 1, index)
    expect(roots.offer('1' as ChainId, 1, 99_999)).toBe(1 + UNROOTED_PATIENCE_MS)
    expect(roots.offer('0' as ChainId, 1, 99_999)).toBe(99_999 + UNROOTED_PATIENCE_MS)
  })
})

describe('a promise that is not kept', () => {
  test('is forgiven once, then the partner is not asked for a while, and longer each time', () => {
    const offers = new UnfulfilledOffers(unfulfilledWaitMs)
    const waits: number[] = []
    let now = 0
    for (let times = 0; times < 12; times++) {
      offers.add(ANN, CHAIN, now)
      const from = now
      while (offers.isBackedOff(ANN, CHAIN, now)) now += UNFULFILLED_BACKOFF_MS
      waits.push(now - from)
    }
    expect(waits.slice(0, 5)).toEqual([
      0,
      UNFULFILLED_BACKOFF_MS,
      2 * UNFULFILLED_BACKOFF_MS,
      4 * UNFULFILLED_BACKOFF_MS,
      8 * UNFULFILLED_BACKOFF_MS,
    ])
    expect(waits.at(-1)).toBe(UNFULFILLED_BACKOFF_MAX_MS)
  })

  test('counts for that partner and that chain only, until it is kept', () => {
    const offers = new UnfulfilledOffers(unfulfilledWaitMs)
    for (let times = 0; times < 5; times++) offers.add(ANN, CHAIN, 0)
    expect([
      offers.isBackedOff(ANN, CHAIN, 1),
      offers.isBackedOff(BEN, CHAIN, 1),
      offers.isBackedOff(ANN, OTHER, 1),
    ]).toEqual([true, false, false])
    offers.forget(ANN, CHAIN)
    expect(offers.isBackedOff(ANN, CHAIN, 1)).toBe(false)
    offers.add(ANN, CHAIN, 0)
    expect(offers.isBackedOff(ANN, CHAIN, 1)).toBe(false)
  })

  test('is one of a bounded number', () => {
    const offers = new UnfulfilledOffers(unfulfilledWaitMs)
    for (let index = 0; index <= UNFULFILLED_COUNT; index++) {
      for (let times = 0; times < 2; times++) offers.add(ANN, `${index}` as ChainId, 0)
    }
    expect([offers.isBackedOff(ANN, '0' as ChainId, 1), offers.isBackedOff(ANN, '1' as ChainId, 1)]).toEqual([
      false,
      true,
    ])
  })
})

describe('the newest messages', () => {
  test('come first where more are missing than a screen shows', () => {
    expect(TAIL_COUNT).toBeLessThanOrEqual(MAX_TAIL)
    expect(
      [TAIL_COUNT, TAIL_COUNT + 1].map(expected => new TailFirstSync().requestCount(1, expected, 0)),
    ).toEqual([0, TAIL_COUNT])
  })

  test('come from one partner, and not again while the rest fills in', () => {
    const tails = new TailFirstSync()
    expect([tails.requestCount(1, 9_999, 0), tails.requestCount(2, 9_999, 0)]).toEqual([TAIL_COUNT, 0])
    tails.onReceived(1, 100)
    expect([
      tails.requestCount(3, 9_999, 99 + TAIL_GAP_MS),
      tails.requestCount(4, 9_999, 100 + TAIL_GAP_MS),
    ]).toEqual([0, TAIL_COUNT])
  })

  test('come from another partner if the first one ended before', () => {
    const tails = new TailFirstSync()
    tails.requestCount(1, 9_999, 0)
    tails.end(1)
    expect(tails.requestCount(2, 9_999, 1)).toBe(TAIL_COUNT)
    tails.onReceived(1, 2)
    tails.end(2)
    expect(tails.requestCount(3, 9_999, 3)).toBe(TAIL_COUNT)
  })
})

describe('how far a fetch is', () => {
  const MANY = 10 * PROGRESS_COUNT

  test('is told at most once in a while, and at the end', () => {
    const progress = new Progress()
    progress.onSessionStart(1, MANY, 0)
    const told = Array.from({ length: 100 }, (_, index) => progress.onReceived(1, 100, index * 50)).flat()
    expect(told.map(({ received, expected }) => [received, expected])).toEqual(
      [21, 41, 61, 81].map(parts => [parts * 100, MANY]),
    )
    expect(progress.onSessionEnd(1)).toEqual([
      { kind: 'progress', received: MANY, expected: MANY, state: 'over' },
    ])
    expect(progress.onSessionEnd(1)).toEqual([])
  })

  test('is not told of what is short in messages or in time', () => {
    const progress = new Progress()
    progress.onSessionStart(1, PROGRESS_COUNT, 0)
    expect(progress.onReceived(1, PROGRESS_COUNT, 99 * PROGRESS_GAP_MS)).toEqual([])
    expect(progress.onSessionEnd(1)).toEqual([])
    progress.onSessionStart(2, MANY, 0)
    expect(progress.onReceived(2, MANY, PROGRESS_GAP_MS - 1)).toEqual([])
    expect(progress.onSessionEnd(2)).toEqual([])
  })

  test('is that of all exchanges together', () => {
    const progress = new Progress()
    progress.onSessionStart(1, MANY, 0)
    progress.onSessionStart(2, 500, 0)
    progress.onSessionStart(3, 0, 0)
    progress.onReceived(2, 400, 1)
    expect(progress.onSessionEnd(2)).toEqual([])
    const [told] = progress.onReceived(1, 100, PROGRESS_GAP_MS)
    expect(told).toMatchObject({ received: 500, expected: MANY + 400, state: 'going' })
    expect(progress.onReceived(9, 1, 9 * PROGRESS_GAP_MS)).toEqual([])
    expect([progress.onSessionEnd(3), progress.onSessionEnd(1)]).toMatchObject([
      [],
      [{ received: 500, state: 'over' }],
    ])
    progress.onSessionStart(4, MANY, 10 * PROGRESS_GAP_MS)
    const [next] = progress.onReceived(4, 1, 11 * PROGRESS_GAP_MS)
    expect(next).toMatchObject({ received: 1, expected: MANY })
  })

  test('is never more than all', () => {
    const progress = new Progress()
    progress.onSessionStart(1, MANY, 0)
    const [told] = progress.onReceived(1, 2 * MANY, PROGRESS_GAP_MS)
    expect(told).toMatchObject({ received: 2 * MANY, expected: 2 * MANY })
  })
})
