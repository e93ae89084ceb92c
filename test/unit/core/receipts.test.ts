import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerKey } from '../../../src/core/ids.ts'
import { PEOPLE_COUNT } from '../../../src/core/policy.ts'
import { Receipts } from '../../../src/core/receipts.ts'
import { SEED } from '../../support/core-world.ts'

const peer = (name: string | number) => `${name}` as PeerKey

describe('receipts', () => {
  test('tell what is newly held, once', () => {
    const receipts = new Receipts()
    expect(receipts.onHolds(peer('a'), 3)).toEqual({ peer: 'a', from: 0, to: 3 })
    expect([receipts.onHolds(peer('a'), 3), receipts.onHolds(peer('a'), 2)]).toEqual([undefined, undefined])
    expect(receipts.onHolds(peer('a'), 5)).toEqual({ peer: 'a', from: 3, to: 5 })
    expect(receipts.onHolds(peer('b'), 0)).toBeUndefined()
  })

  test('never take back what was held', () => {
    const receipts = new Receipts()
    receipts.onHolds(peer('a'), 5)
    receipts.onHolds(peer('a'), 1)
    expect([receipts.holders(4), receipts.holders(5)]).toEqual([['a'], []])
  })

  test('count what nobody holds', () => {
    const receipts = new Receipts()
    expect([receipts.undelivered(0), receipts.undelivered(4)]).toEqual([0, 4])
    receipts.onHolds(peer('a'), 1)
    receipts.onHolds(peer('b'), 3)
    expect([receipts.undelivered(4), receipts.undelivered(3), receipts.undelivered(2)]).toEqual([1, 0, 0])
  })

  test('count the holders of each place as if one by one', () => {
    const holds = fc.array(fc.record({ name: fc.nat(9), length: fc.nat(30) }), { maxLength: 30 })
    fc.assert(
      fc.property(holds, fc.nat(30), fc.nat(30), (all, from, to) => {
        const receipts = new Receipts()
        for (const { name, length } of all) receipts.onHolds(peer(name), length)
        const places = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
        expect(receipts.counts(from, to)).toEqual(places.map(seq => receipts.holders(seq).length))
      }),
      { seed: SEED },
    )
  })

  test('remember a bounded number of peers, and not those who were heard last', () => {
    const receipts = new Receipts()
    receipts.onHolds(peer('old friend'), 4)
    for (let index = 0; index < 3 * PEOPLE_COUNT; index++) {
      receipts.onHolds(peer(index), 4)
      if (index % 100 === 0) expect(receipts.onHolds(peer('old friend'), 4)).toBeUndefined()
    }
    expect(receipts.holders(0).length).toBe(PEOPLE_COUNT)
    expect(receipts.holders(0)).toContain('old friend')
  })
})
