import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerKey } from '../../../src/protocol/ids.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import { MEMBER_COUNT } from '../../../src/room/policy.ts'
import { DeliveryReceipts } from '../../../src/room/presence/receipts.ts'
import { append } from '../../storage/log/room-log.model.ts'
import { ALICE } from '../../support/core-arbitraries.ts'
import { chain } from '../../support/core-chain.ts'
import { logIdOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'
import { SEED } from '../../support/seed.ts'

const peer = (name: string | number) => `${name}` as PeerKey
const MINE = chainId(ALICE.author, logIdOf(1))
const OLD = chainId(ALICE.author, logIdOf(2))

/** A log with that many messages of the chain written now, and of an older one. */
function logOf(length: number, old = 0): MemoryLog {
  const log = new MemoryLog(logIdOf(1))
  append(log, chain(ALICE, length))
  append(log, chain(ALICE, old, { log: logIdOf(2) }))
  log.commit()
  return log
}

describe('receipts', () => {
  test('tell what is newly held, once', () => {
    const receipts = new DeliveryReceipts(logOf(9))
    expect(receipts.onHolds(MINE, peer('a'), 3)).toEqual({ chain: MINE, peer: 'a', from: 0, to: 3 })
    expect([receipts.onHolds(MINE, peer('a'), 3), receipts.onHolds(MINE, peer('a'), 2)]).toEqual([
      undefined,
      undefined,
    ])
    expect(receipts.onHolds(MINE, peer('a'), 5)).toEqual({ chain: MINE, peer: 'a', from: 3, to: 5 })
    expect(receipts.onHolds(MINE, peer('b'), 0)).toBeUndefined()
    expect(receipts.onHolds(OLD, peer('a'), 1)).toEqual({ chain: OLD, peer: 'a', from: 0, to: 1 })
  })

  test('go back with the log, and come again', () => {
    const log = logOf(9)
    const receipts = new DeliveryReceipts(log)
    receipts.onHolds(MINE, peer('a'), 3)
    log.commit()
    receipts.onHolds(MINE, peer('a'), 5)
    receipts.onHolds(MINE, peer('b'), 5)
    log.rollback()
    receipts.reload()
    expect([receipts.heldByAny(MINE), receipts.holders(MINE, 0)]).toEqual([3, ['a']])
    expect(receipts.onHolds(MINE, peer('a'), 5)).toEqual({ chain: MINE, peer: 'a', from: 3, to: 5 })
  })

  test('never take back what was held', () => {
    const receipts = new DeliveryReceipts(logOf(9))
    receipts.onHolds(MINE, peer('a'), 5)
    receipts.onHolds(MINE, peer('a'), 1)
    expect([receipts.holders(MINE, 4), receipts.holders(MINE, 5), receipts.holders(OLD, 0)]).toEqual([
      ['a'],
      [],
      [],
    ])
  })

  test('count what nobody holds, of all chains', () => {
    const receipts = new DeliveryReceipts(logOf(4, 3))
    expect([receipts.undelivered([]), receipts.undelivered([MINE, OLD])]).toEqual([0, 7])
    receipts.onHolds(MINE, peer('a'), 1)
    receipts.onHolds(MINE, peer('b'), 3)
    receipts.onHolds(OLD, peer('a'), 3)
    expect([
      receipts.undelivered([MINE]),
      receipts.undelivered([MINE, OLD]),
      receipts.heldByAny(MINE),
    ]).toEqual([1, 1, 3])
  })

  test('count the holders of each place as if one by one', () => {
    const holds = fc.array(fc.record({ name: fc.nat(9), length: fc.nat(30) }), { maxLength: 30 })
    fc.assert(
      fc.property(holds, fc.nat(30), fc.nat(30), (all, from, to) => {
        const receipts = new DeliveryReceipts(logOf(0))
        for (const { name, length } of all) receipts.onHolds(MINE, peer(name), length)
        const places = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
        expect(receipts.holderCounts(MINE, from, to)).toEqual(
          places.map(seq => receipts.holders(MINE, seq).length),
        )
      }),
      { seed: SEED },
    )
  })

  test('are remembered by the log, but never beyond what it holds', () => {
    const log = logOf(4)
    const receipts = new DeliveryReceipts(log)
    receipts.onHolds(MINE, peer('a'), 2)
    receipts.onHolds(MINE, peer('b'), 4)
    log.remove(chain(ALICE, 4)[3]?.id ?? ('' as never))
    log.commit()
    const again = new DeliveryReceipts(log)
    expect([again.holders(MINE, 1), again.holders(MINE, 2), again.heldByAny(MINE)]).toEqual([
      ['a', 'b'],
      ['b'],
      3,
    ])
    expect([again.onHolds(MINE, peer('b'), 3), again.undelivered([MINE])]).toEqual([undefined, 0])
  })

  test('remember a bounded number of peers, and not those who were heard last', () => {
    const log = logOf(4)
    const receipts = new DeliveryReceipts(log)
    receipts.onHolds(MINE, peer('old friend'), 4)
    for (let index = 0; index < 3 * MEMBER_COUNT; index++) {
      receipts.onHolds(MINE, peer(index), 4)
      if (index % 100 === 0) expect(receipts.onHolds(MINE, peer('old friend'), 4)).toBeUndefined()
    }
    expect([receipts.holders(MINE, 0).length, log.holdings().length]).toEqual([MEMBER_COUNT, MEMBER_COUNT])
    expect(receipts.holders(MINE, 0)).toContain('old friend')
  })
})
