import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RateConfig } from '../../src/common/rate-limit.ts'
import { Rate, RateTable } from '../../src/common/rate-limit.ts'
import { PENALTY_ALLOWANCE } from '../../src/room/policy.ts'
import { PeerScore } from '../../src/room/validation/peer-score.ts'
import { instant, signerOf } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

const config: fc.Arbitrary<RateConfig> = fc.record({
  perSecond: fc.integer({ min: 1, max: 200 }),
  burst: fc.integer({ min: 1, max: 100 }),
})
/** Waits between events, milliseconds: most of them short, with the fractions that real clocks have. */
const waits = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 60, noNaN: true })), {
  maxLength: 300,
})

describe('a rate', () => {
  test('says how much of its burst is used up: nothing at rest, all when the next one has to wait', () => {
    const rate = new Rate({ perSecond: 10, burst: 11 })
    const told = Array.from({ length: 11 }, () => {
      const before = rate.usedUp(0)
      expect(rate.take(0)).toBe(true)
      return before
    })
    expect(told).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    expect(rate.take(0)).toBe(false)
    expect(rate.usedUp(10_000)).toBe(0)
  })

  test('lets through no more than a burst and the rate times the time, from any moment on', () => {
    fc.assert(
      fc.property(config, waits, (limit, steps) => {
        const rate = new Rate(limit)
        const taken: number[] = []
        let now = 0
        for (const wait of steps) {
          now += wait
          if (rate.take(now)) taken.push(now)
        }
        for (const [index, start] of taken.entries()) {
          const count = taken.length - index
          const seconds = (now - start) / 1000
          expect(count).toBeLessThanOrEqual(limit.burst + limit.perSecond * seconds + 1e-6)
        }
      }),
      { seed: SEED },
    )
  })

  test('never refuses who keeps to it', () => {
    fc.assert(
      fc.property(
        config,
        fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 200 }),
        (limit, extra) => {
          const rate = new Rate(limit)
          let now = 0
          for (const more of extra) {
            expect(rate.take(now)).toBe(true)
            now += 1000 / limit.perSecond + more
          }
        },
      ),
      { seed: SEED },
    )
  })

  test('lets a whole burst through at once, and then one for each interval', () => {
    const rate = new Rate({ perSecond: 10, burst: 5 })
    expect(Array.from({ length: 7 }, () => rate.take(1_000))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
    expect([rate.take(1_099), rate.take(1_100), rate.take(1_100)]).toEqual([false, true, false])
  })

  test('lets through at the moment that it named, and not before', () => {
    fc.assert(
      fc.property(config, waits, (limit, steps) => {
        const rate = new Rate(limit)
        let now = 0.1
        for (const wait of steps) {
          now += wait
          const ready = rate.readyAt(now)
          if (ready > now) expect(rate.take(now)).toBe(false)
          now = Math.max(now, ready)
          expect(rate.take(now)).toBe(true)
        }
      }),
      { seed: SEED },
    )
  })
})

describe('a table of rates', () => {
  test('counts each key for itself', () => {
    const table = new RateTable<string>({ perSecond: 1, burst: 2 }, 10)
    expect(['a', 'a', 'a', 'b', 'b', 'b'].map(key => table.take(key, 0))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ])
  })

  test('forgets the key that was unused for longest, and no other', () => {
    const table = new RateTable<string>({ perSecond: 1, burst: 1 }, 2)
    expect(['a', 'b', 'a', 'c'].map(key => table.take(key, 0))).toEqual([true, true, false, true])
    // b made room for c; a was asked about since and is still remembered
    expect(['a', 'b'].map(key => table.take(key, 0))).toEqual([false, true])
  })
})

describe('the peer score', () => {
  const peer = signerOf('striker').author
  const other = signerOf('other').author

  test('add up by their weight until a link is out', () => {
    const score = new PeerScore()
    const ten = Array.from({ length: PENALTY_ALLOWANCE.burst / 10 }, () =>
      score.penalise(peer, 10, instant(0)),
    )
    expect(ten).not.toContain(true)
    expect(score.penalise(peer, 1, instant(0))).toBe(true)
    expect(score.penalise(other, 1, instant(0))).toBe(false)
  })

  test('are forgiven with time, and cost nothing when there is no offence', () => {
    const score = new PeerScore()
    for (let count = 0; count < PENALTY_ALLOWANCE.burst; count++) score.penalise(peer, 1, instant(0))
    expect(score.penalise(peer, 0, instant(0))).toBe(false)
    expect(score.penalise(peer, 1, instant(1_000 / PENALTY_ALLOWANCE.perSecond))).toBe(false)
    expect(score.penalise(peer, 1, instant(1_000 / PENALTY_ALLOWANCE.perSecond))).toBe(true)
  })
})
