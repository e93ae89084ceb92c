/** How often partners are asked for what is missing before chains, whatever comes of it. */
import { expect, test } from 'vitest'
import type { MessageId, PeerKey } from '../../../src/protocol/ids.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import { MAX_EARLIER } from '../../../src/protocol/sync-message.ts'
import type { MissingPrefix } from '../../../src/room/messages/missing-prefixes.ts'
import {
  BACKFILL_BACKOFF_MS,
  QUIET_MS,
  SESSION_BACKOFF_MAX_MS,
  SESSION_GAP_MS,
  UNFULFILLED_COUNT,
} from '../../../src/room/policy.ts'
import type { SyncResult } from '../../../src/room/sync/accounting.ts'
import type { OwnState } from '../../../src/room/sync/scheduler.ts'
import { SyncScheduler } from '../../../src/room/sync/scheduler.ts'
import { ALICE } from '../../support/core-arbitraries.ts'
import { logIdOf } from '../../support/core-world.ts'

const [ANN, BEN] = ['ann', 'ben'].map(name => name as PeerKey) as [PeerKey, PeerKey]
const NOTHING: OwnState = { chains: new Map(), has: () => false }
const COMPLETE: SyncResult = { kind: 'complete', unfulfilled: [], received: 0, sent: 0 }
const FAILED: SyncResult = { kind: 'failed', reason: 'cut', blame: 'nobody', received: 0, sent: 0 }

/** Five messages are missing before each of so many chains. */
function missing(count: number): readonly MissingPrefix[] {
  return Array.from({ length: count }, (_, number): MissingPrefix => {
    const chain = chainId(ALICE.author, logIdOf(number))
    return { chain, author: ALICE.author, id: `${number}/4` as MessageId, ts: 1, base: 5, from: 0 }
  })
}

function lacking(count: number): SyncScheduler {
  const lacks = missing(count)
  return new SyncScheduler(() => lacks)
}

/** After which waits a partner is asked so many times, if each exchange ends at once. */
function waits(
  exchanges: SyncScheduler,
  partner: PeerKey,
  times: number,
  meet: (at: number) => void,
): number[] {
  let at = 0
  meet(at)
  return Array.from({ length: times }, () => {
    const next = exchanges.dueAt() ?? Number.POSITIVE_INFINITY
    expect(exchanges.due(next)).toEqual([partner])
    const wait = next - at
    at = next
    meet(at)
    return wait
  })
}

/** Waits that double from one to another. */
function doubling(count: number, longest: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => Math.min(QUIET_MS * 2 ** index, longest))
}

test('one with whom exchanges fail is asked ever more rarely', () => {
  const exchanges = lacking(1)
  let exchange = 0
  const meet = (at: number) => void exchanges.onEnded(++exchange, ANN, FAILED, at)
  expect(waits(exchanges, ANN, 10, meet)).toEqual(doubling(10, SESSION_BACKOFF_MAX_MS))
})

test('one who has to wait while another brings it is asked ever more rarely, and once that ends', () => {
  const exchanges = lacking(1)
  let exchange = 1
  expect(exchanges.wants(exchange, ANN, [], NOTHING, 0).earlier.length).toBe(1)
  const meet = (at: number) => {
    expect(exchanges.wants(++exchange, BEN, [], NOTHING, at).earlier).toEqual([])
    exchanges.onEnded(exchange, BEN, COMPLETE, at)
  }
  expect(waits(exchanges, BEN, 3, meet)).toEqual(doubling(3, SESSION_BACKOFF_MAX_MS))
  expect(exchanges.canBackfillFrom(BEN, 1)).toBe(true)
  expect(exchanges.onEnded(1, ANN, COMPLETE, 3 * QUIET_MS).again).toEqual([BEN])
})

test('one who brings some of it is asked for more at once', () => {
  const exchanges = lacking(MAX_EARLIER + 1)
  let exchange = 0
  const meet = (at: number) => {
    exchanges.wants(++exchange, ANN, [], NOTHING, at)
    exchanges.onBackfilled(exchange, chainId(ALICE.author, logIdOf(0)))
    exchanges.onEnded(exchange, ANN, COMPLETE, at)
  }
  expect(waits(exchanges, ANN, 5, meet)).toEqual(doubling(5, QUIET_MS))
})

test('one who has nothing of more chains than can be remembered is not asked without end', () => {
  const exchanges = lacking(UNFULFILLED_COUNT + MAX_EARLIER)
  let exchange = 0
  const meet = (at: number) => {
    exchanges.wants(++exchange, ANN, [], NOTHING, at)
    exchanges.onEnded(exchange, ANN, COMPLETE, at)
  }
  expect(waits(exchanges, ANN, 40, meet)).toEqual(doubling(40, SESSION_BACKOFF_MAX_MS))
})

test('a digest that differs is looked into long before that', () => {
  const exchanges = lacking(1)
  exchanges.wants(1, ANN, [], NOTHING, 0)
  exchanges.onEnded(1, ANN, COMPLETE, 0)
  exchanges.onAccepted(1)
  expect(exchanges.dueAt()).toBe(BACKFILL_BACKOFF_MS)
  exchanges.onDigest(ANN, 'differs', 1)
  expect(exchanges.dueAt()).toBe(SESSION_GAP_MS)
})

test('and one that is equal again leaves it to its time', () => {
  const exchanges = lacking(1)
  exchanges.wants(1, ANN, [], NOTHING, 0)
  exchanges.onEnded(1, ANN, COMPLETE, 0)
  exchanges.onAccepted(1)
  exchanges.onDigest(ANN, 'differs', 1)
  exchanges.onDigest(ANN, 'equal', 2)
  expect(exchanges.dueAt()).toBe(BACKFILL_BACKOFF_MS)
})

test('one who lacked it is asked once more when it has caught up, though nothing changed here', () => {
  const exchanges = lacking(1)
  for (const exchange of [1, 2, 3]) {
    exchanges.wants(exchange, ANN, [], NOTHING, exchange * SESSION_BACKOFF_MAX_MS)
    exchanges.onEnded(exchange, ANN, COMPLETE, exchange * SESSION_BACKOFF_MAX_MS)
  }
  const at = 3 * SESSION_BACKOFF_MAX_MS
  expect(exchanges.due(at + QUIET_MS)).toEqual([])
  exchanges.onDigest(ANN, 'differs', at)
  exchanges.onDigest(ANN, 'equal', at + 1)
  expect(exchanges.due(at + 1 + QUIET_MS)).toEqual([ANN])
  expect(exchanges.wants(4, ANN, [], NOTHING, at + QUIET_MS).earlier.length).toBe(1)
  exchanges.onEnded(4, ANN, COMPLETE, at + QUIET_MS)
  // the waits go on where they were
  expect(exchanges.dueAt()).toBe(at + QUIET_MS + 8 * BACKFILL_BACKOFF_MS)
  // what came here in the meantime is reason enough for an equal digest
  exchanges.onDigest(ANN, 'differs', at + QUIET_MS)
  exchanges.onAccepted(at + QUIET_MS + 1)
  exchanges.onDigest(ANN, 'equal', at + QUIET_MS + 2)
  expect(exchanges.dueAt()).toBe(at + QUIET_MS + 8 * BACKFILL_BACKOFF_MS)
})

test('nobody is asked for what came from another one meanwhile', () => {
  const lacks = [...missing(1)]
  const exchanges = new SyncScheduler(() => lacks)
  exchanges.onPossibleBackfill(ANN, 0)
  expect(exchanges.dueAt()).toBe(QUIET_MS)
  lacks.length = 0
  expect([exchanges.due(QUIET_MS), exchanges.dueAt()]).toEqual([[], undefined])
})
