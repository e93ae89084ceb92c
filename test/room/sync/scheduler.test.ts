import { describe, expect, test } from 'vitest'
import type { Chain, ChainHeads } from '../../../src/protocol/frontier.ts'
import { chainIdOf } from '../../../src/protocol/frontier.ts'
import type { ChainId, MessageId, PeerKey } from '../../../src/protocol/ids.ts'
import { FORK_TAIL } from '../../../src/protocol/limits.ts'
import {
  BUSY_ROOM_SESSION_MS,
  MEMBER_COUNT,
  QUIET_MS,
  SESSION_BACKOFF_MAX_MS,
  SESSION_GAP_MS,
} from '../../../src/room/policy.ts'
import type { SyncResult } from '../../../src/room/sync/accounting.ts'
import type { OwnState } from '../../../src/room/sync/scheduler.ts'
import { SyncScheduler } from '../../../src/room/sync/scheduler.ts'
import type { Request } from '../../../src/room/sync/sync-room.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { logIdOf } from '../../support/core-world.ts'

const [ANN, BEN, CAT] = ['ann', 'ben', 'cat'].map(name => name as PeerKey) as [PeerKey, PeerKey, PeerKey]
const NOTHING: OwnState = { chains: new Map(), has: () => false }
const COMPLETE: SyncResult = { kind: 'complete', unfulfilled: [], received: 0, sent: 0 }
const FAILED: SyncResult = { kind: 'failed', reason: 'cut', blame: 'nobody', received: 0, sent: 0 }

/** What a partner holds: chains of these numbers, each up to a place. */
function holds(...list: readonly (readonly [number, number])[]): readonly ChainHeads[] {
  return list.map(([log, seq]) => ({
    author: ALICE.author,
    log: logIdOf(log),
    base: 0,
    heads: [{ seq, id: `${log}/${seq}` as MessageId }],
  }))
}

function mineOf(...list: readonly (readonly [number, number])[]): OwnState {
  const chains = holds(...list).map(
    (chain): Chain => ({
      ...chain,
      heads: chain.heads.map(head => ({ ...head, ts: 1 })),
    }),
  )
  return { chains: new Map(chains.map(chain => [chainIdOf(chain), chain])), has: () => false }
}

/** All chain numbers and places that are asked for. */
function asked({ wants }: Request): readonly (readonly [number, number])[] {
  return wants.map(want => [Number.parseInt(want.log, 16), want.seq])
}

describe('what is asked for', () => {
  test('is what the partner has more, each chain of one partner at a time', () => {
    const exchanges = new SyncScheduler()
    expect(asked(exchanges.wants(1, ANN, holds([1, 5], [2, 5]), NOTHING, 0))).toEqual([
      [1, 0],
      [2, 0],
    ])
    expect(asked(exchanges.wants(2, BEN, holds([1, 5], [3, 5]), NOTHING, 0))).toEqual([[3, 0]])
    expect(asked(exchanges.wants(3, CAT, holds([3, 5]), NOTHING, 0))).toEqual([])
  })

  test('is free again when the exchange that brought it ends, and who was put off for it is asked', () => {
    const exchanges = new SyncScheduler()
    exchanges.wants(1, ANN, holds([1, 5]), NOTHING, 0)
    exchanges.wants(2, BEN, holds([1, 5], [2, 5]), NOTHING, 0)
    exchanges.wants(3, CAT, holds([2, 5]), NOTHING, 0)
    expect(exchanges.onEnded(2, BEN, COMPLETE, 10).again).toEqual([CAT])
    expect(exchanges.onEnded(1, ANN, FAILED, 20).again).toEqual([BEN])
    expect(asked(exchanges.wants(4, BEN, holds([1, 5]), NOTHING, 0))).toEqual([[1, 0]])
    expect(exchanges.onEnded(3, CAT, COMPLETE, 30).again).toEqual([])
  })

  test('is not asked for twice when a partner names it twice', () => {
    expect(asked(new SyncScheduler().wants(1, ANN, holds([1, 5], [1, 6]), NOTHING, 0))).toEqual([[1, 0]])
  })

  test('begins with what continues my chains, and ends with what turns back', () => {
    const exchanges = new SyncScheduler()
    const theirs = holds([1, 5], [2, 50], [3, 5])
    const wants = exchanges.wants(1, ANN, theirs, mineOf([1, 20], [2, 9]), 0)
    expect(asked(wants)).toEqual([
      [2, 10],
      [3, 0],
      [1, 5 - FORK_TAIL],
    ])
  })

  test('is a chain from its start once after it was seen to part', () => {
    const exchanges = new SyncScheduler()
    const [theirs] = [holds([1, 90])]
    const mine = mineOf([1, 60])
    const first = theirs[0]
    if (first === undefined) throw new Error('no chain')
    exchanges.onForkBelow(chainIdOf(first))
    expect(asked(exchanges.wants(1, ANN, theirs, mine, 0))).toEqual([[1, 0]])
    exchanges.onEnded(1, ANN, COMPLETE, 0)
    expect(asked(exchanges.wants(2, ANN, theirs, mine, 0))).toEqual([[1, 61]])
  })
})

describe('a digest that differs', () => {
  test('is worth an exchange after a while, unless it is equal by then', () => {
    const exchanges = new SyncScheduler()
    exchanges.onDigest(ANN, 'differs', 0)
    exchanges.onDigest(BEN, 'differs', 0)
    exchanges.onDigest(BEN, 'equal', 10)
    expect([exchanges.due(QUIET_MS - 1), exchanges.dueAt()]).toEqual([[], QUIET_MS])
    expect(exchanges.due(QUIET_MS)).toEqual([ANN])
    expect([exchanges.due(QUIET_MS), exchanges.dueAt()]).toEqual([[], undefined])
  })

  test('waits while messages come in, but not for ever', () => {
    const exchanges = new SyncScheduler()
    exchanges.onDigest(ANN, 'differs', 0)
    for (let now = 0; now < QUIET_MS + BUSY_ROOM_SESSION_MS; now += QUIET_MS / 2) {
      exchanges.onAccepted(now)
      expect(exchanges.due(now)).toEqual([])
      expect(exchanges.dueAt()).toBeGreaterThan(now)
    }
    expect(exchanges.due(QUIET_MS + BUSY_ROOM_SESSION_MS)).toEqual([ANN])
  })

  test('is looked into ever more rarely while that changes nothing', () => {
    const exchanges = new SyncScheduler()
    const waits: number[] = []
    let now = 0
    for (let round = 1; round < 9; round++) {
      exchanges.onDigest(ANN, 'differs', now)
      const due = exchanges.dueAt() ?? 0
      expect(exchanges.due(due)).toEqual([ANN])
      waits.push(due - now)
      now = due
      exchanges.onEnded(round, ANN, COMPLETE, now)
    }
    expect(waits.slice(0, 5)).toEqual([QUIET_MS, ...[1, 2, 4, 8].map(times => times * SESSION_GAP_MS)])
    expect(Math.max(...waits)).toBe(SESSION_BACKOFF_MAX_MS)
    exchanges.onAccepted(now + 0.5)
    exchanges.onEnded(99, ANN, COMPLETE, now + 1)
    exchanges.onDigest(ANN, 'differs', now + 1)
    expect(exchanges.dueAt()).toBe(now + 1 + SESSION_GAP_MS)
  })
})

describe('a gap', () => {
  test('is asked for at once, but no partner more often than once in a while', () => {
    const exchanges = new SyncScheduler()
    exchanges.onGap(ANN, 5)
    expect(exchanges.due(5)).toEqual([ANN])
    exchanges.onEnded(1, ANN, COMPLETE, 8)
    exchanges.onGap(ANN, 10)
    expect([exchanges.due(10), exchanges.dueAt()]).toEqual([[], 8 + QUIET_MS])
  })

  test('is asked for ever more rarely if it stays open whatever comes', () => {
    const exchanges = new SyncScheduler()
    const waits: number[] = []
    let now = 0
    for (let round = 1; round < 10; round++) {
      exchanges.onGap(ANN, now)
      const due = exchanges.dueAt() ?? 0
      expect(exchanges.due(due)).toEqual([ANN])
      waits.push(due - now)
      now = due
      exchanges.onEnded(round, ANN, COMPLETE, now)
    }
    expect(waits.slice(0, 5)).toEqual([0, ...[1, 2, 4, 8].map(times => times * QUIET_MS)])
    expect(Math.max(...waits)).toBe(SESSION_BACKOFF_MAX_MS)
    exchanges.onAccepted(now + 1)
    exchanges.onGap(ANN, now + 1)
    expect(exchanges.dueAt()).toBe(now + QUIET_MS)
  })

  test('waits for an exchange with the same partner that is under way', () => {
    const exchanges = new SyncScheduler()
    exchanges.wants(1, ANN, holds([1, 5]), NOTHING, 0)
    exchanges.onGap(ANN, 5)
    exchanges.onGap(BEN, 5)
    expect([exchanges.due(5), exchanges.dueAt()]).toEqual([[BEN], 5 + QUIET_MS])
  })

  test('is asked for ever more rarely also if it is seen again in each exchange', () => {
    const exchanges = new SyncScheduler()
    const waits: number[] = []
    let now = 0
    exchanges.onGap(ANN, now)
    for (let round = 1; round < 14; round++) {
      const due = exchanges.dueAt() ?? 0
      expect(exchanges.due(due)).toEqual([ANN])
      waits.push(due - now)
      exchanges.wants(round, ANN, holds([1, 5]), NOTHING, due)
      exchanges.onGap(ANN, due + 1)
      now = due + 2
      exchanges.onEnded(round, ANN, COMPLETE, now)
    }
    expect(Math.min(...waits.slice(-3))).toBeGreaterThan(SESSION_BACKOFF_MAX_MS / 2)
  })

  test('comes before a digest that waits', () => {
    const exchanges = new SyncScheduler()
    exchanges.onDigest(ANN, 'differs', 0)
    exchanges.onAccepted(0)
    exchanges.onGap(ANN, 1)
    expect(exchanges.due(1)).toEqual([ANN])
  })
})

describe('a partner with whom exchanges fail', () => {
  test('is asked again after ever longer waits, until one succeeds', () => {
    const exchanges = new SyncScheduler()
    const waits: number[] = []
    let now = 0
    for (let round = 1; round < 12; round++) {
      exchanges.onEnded(round, ANN, FAILED, now)
      const due = exchanges.dueAt() ?? 0
      expect(exchanges.due(due)).toEqual([ANN])
      waits.push(due - now)
      now = due
    }
    expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8].map(times => times * QUIET_MS))
    expect(Math.max(...waits)).toBe(SESSION_BACKOFF_MAX_MS)
    exchanges.onEnded(97, ANN, FAILED, now)
    exchanges.onGap(ANN, now)
    expect(exchanges.dueAt()).toBe(now + SESSION_BACKOFF_MAX_MS)
    exchanges.due(now + SESSION_BACKOFF_MAX_MS)
    exchanges.onEnded(98, ANN, COMPLETE, now)
    exchanges.onEnded(99, ANN, FAILED, now)
    expect(exchanges.dueAt()).toBe(now + QUIET_MS)
  })
})

test('of strangers a bounded number is remembered', () => {
  const exchanges = new SyncScheduler()
  for (let index = 0; index < 3 * MEMBER_COUNT; index++) {
    const peer = `${index}` as PeerKey
    exchanges.onForkBelow(`${BOB.author}/${index}` as ChainId)
    exchanges.onDigest(peer, 'differs', index)
    exchanges.onEnded(index, peer, FAILED, index)
  }
  expect(exchanges.due(Number.MAX_SAFE_INTEGER).length).toBe(MEMBER_COUNT)
})
