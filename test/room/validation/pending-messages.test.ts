import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../../src/protocol/limits.ts'
import { FUTURE_COUNT, PENDING_BYTES, PENDING_COUNT, PENDING_PATIENCE_MS } from '../../../src/room/policy.ts'
import { PendingMessages } from '../../../src/room/validation/pending-messages.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import { EPOCH, logIdOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'

const entry = (envelope: Envelope) => ({ envelope, proof: 'signature' }) as const
const waitingRoom = (log = new MemoryLog(logIdOf(9))) => new PendingMessages(log)
/** A steady time, with a wall clock that is right. */
const at = (steady: number) => ({ steady, wall: EPOCH })
const idOf = (number: number) => number.toString(16).padStart(64, '0') as MessageId

describe('messages without predecessor', () => {
  test('are taken out when it comes, each once', () => {
    const waiting = waitingRoom()
    const first = message(ALICE)
    const branches = [next(first, ALICE, { text: 'a' }), next(first, ALICE, { text: 'b' })]
    for (const one of [...branches, ...branches]) waiting.holdForPredecessor(entry(one), 0)
    expect([waiting.size, branches.map(one => waiting.has(one.id)), waiting.has(first.id)]).toEqual([
      2,
      [true, true],
      false,
    ])
    expect(waiting.takeWaitingFor(first.id).map(taken => taken.envelope)).toEqual(branches)
    expect([waiting.takeWaitingFor(first.id), waiting.size]).toEqual([[], 0])
  })

  test('are not put by while they are ahead of a clock that went back', () => {
    const log = new MemoryLog(logIdOf(9))
    const waiting = waitingRoom(log)
    const second = next(message(ALICE), ALICE)
    waiting.holdForPredecessor(entry(second), 0)
    const wall = second.ts - MAX_FUTURE_MS - 1
    expect(waiting.storeDue({ steady: PENDING_PATIENCE_MS, wall })).toEqual([])
    expect([waiting.size, waiting.storeDueAt(), log.allPending()]).toEqual([0, undefined, []])
  })

  test('are dropped, also where they were put by, when they are placed without it', () => {
    const log = new MemoryLog(logIdOf(9))
    const waiting = waitingRoom(log)
    const [, second] = chain(ALICE, 2)
    if (second === undefined) throw new Error('no second')
    waiting.holdForPredecessor(entry(second), 0)
    waiting.storeDue(at(PENDING_PATIENCE_MS))
    waiting.drop(second.id)
    waiting.drop(second.id)
    expect([waiting.size, waiting.bytes, log.allPending()]).toEqual([0, 0, []])
  })

  test('are held in bounded number, the oldest dropped first', () => {
    const waiting = waitingRoom()
    const all = Array.from({ length: PENDING_COUNT + 10 }, (_, index) =>
      message(ALICE, { seq: 1, prev: idOf(index) }),
    )
    for (const one of all) waiting.holdForPredecessor(entry(one), 0)
    expect(waiting.size).toBe(PENDING_COUNT)
    expect([waiting.takeWaitingFor(idOf(9)), waiting.takeWaitingFor(idOf(10)).length]).toEqual([[], 1])
  })

  test('are held in bounded bytes, and what was taken out no longer counts', () => {
    const waiting = waitingRoom()
    const big = (index: number) =>
      message(ALICE, { seq: 1, prev: idOf(index), kind: 9, body: new Uint8Array(9_000) })
    const fitting = Math.floor(PENDING_BYTES / big(0).wire.length)
    for (let index = 0; index < fitting + 5; index++) waiting.holdForPredecessor(entry(big(index)), 0)
    expect(waiting.size).toBe(fitting)
    for (let index = 0; index < fitting + 5; index++) waiting.takeWaitingFor(idOf(index))
    expect(waiting.size).toBe(0)
    for (let index = 0; index < fitting; index++) waiting.holdForPredecessor(entry(big(index)), 0)
    expect(waiting.size).toBe(fitting)
  })
})

describe('messages that wait for long', () => {
  const orphan = (index: number) => message(ALICE, { seq: 1, prev: idOf(index) })

  test('are put by once their time is up, the others when it is theirs', () => {
    const log = new MemoryLog(logIdOf(9))
    const waiting = waitingRoom(log)
    const [one, two] = [orphan(1), orphan(2)]
    waiting.holdForPredecessor(entry(one), 100)
    waiting.holdForPredecessor(entry(two), 200)
    expect([waiting.storeDueAt(), waiting.storeDue(at(99 + PENDING_PATIENCE_MS))]).toEqual([
      100 + PENDING_PATIENCE_MS,
      [],
    ])
    expect(waiting.storeDue(at(100 + PENDING_PATIENCE_MS))).toEqual([one])
    expect(log.allPending()).toEqual([entry(one)])
    expect([waiting.storeDue(at(100 + PENDING_PATIENCE_MS)), waiting.storeDueAt()]).toEqual([
      [],
      200 + PENDING_PATIENCE_MS,
    ])
  })

  test('are put by at once when they are urgent', () => {
    const waiting = waitingRoom()
    for (const index of [1, 2, 3]) waiting.holdForPredecessor(entry(orphan(index)), 0)
    expect(waiting.storeDue(at(0), new Set([orphan(2).id]))).toEqual([orphan(2)])
  })

  test('are no longer put by when their predecessor comes, or when they are too many', () => {
    const log = new MemoryLog(logIdOf(9))
    const waiting = waitingRoom(log)
    for (let index = 0; index < PENDING_COUNT; index++) waiting.holdForPredecessor(entry(orphan(index)), 0)
    expect(waiting.storeDue(at(PENDING_PATIENCE_MS)).length).toBe(PENDING_COUNT)
    waiting.takeWaitingFor(idOf(5))
    expect(log.allPending().length).toBe(PENDING_COUNT - 1)
    for (const index of [PENDING_COUNT, PENDING_COUNT + 1])
      waiting.holdForPredecessor(entry(orphan(index)), 0)
    expect(log.allPending().map(({ envelope }) => envelope.prev)).not.toContain(idOf(0))
    expect(log.allPending().length).toBe(PENDING_COUNT - 2)
  })

  test('wait again when the log is opened again, and those that were not put by are gone', () => {
    const log = new MemoryLog(logIdOf(9))
    const waiting = waitingRoom(log)
    waiting.holdForPredecessor(entry(orphan(1)), 0)
    waiting.storeDue(at(PENDING_PATIENCE_MS))
    log.commit()
    waiting.holdForPredecessor(entry(orphan(2)), PENDING_PATIENCE_MS)
    waiting.storeDue(at(2 * PENDING_PATIENCE_MS))
    log.rollback()
    waiting.reload()
    for (const again of [waitingRoom(log), waiting]) {
      expect(again.all).toEqual([entry(orphan(1))])
      expect(again.storeDueAt()).toBeUndefined()
    }
    expect(waiting.takeWaitingFor(idOf(1)).length).toBe(1)
  })
})

describe('messages ahead of the clock', () => {
  const ahead = (ms: number, log = 1, signer = ALICE) =>
    message(signer, { ts: EPOCH + MAX_FUTURE_MS + ms, log: logIdOf(log) })

  test('are taken out in order of their time, as soon as it is within the tolerance', () => {
    const waiting = waitingRoom()
    for (const [ms, log] of [
      [300, 1],
      [100, 2],
      [200, 3],
    ] as const)
      waiting.holdForTime([entry(ahead(ms, log))])
    expect([waiting.size, waiting.dueAt(), waiting.takeDue(EPOCH + 99)]).toEqual([3, EPOCH + 100, []])
    expect(waiting.takeDue(EPOCH + 250).map(taken => taken.envelope.ts - EPOCH - MAX_FUTURE_MS)).toEqual([
      100, 200,
    ])
    expect([waiting.size, waiting.dueAt()]).toEqual([1, EPOCH + 300])
    expect(waiting.takeDue(EPOCH + 300).length).toBe(1)
    expect(waiting.dueAt()).toBeUndefined()
  })

  test('wait together when they came together', () => {
    const waiting = waitingRoom()
    const run = chain(ALICE, 3, { ts: EPOCH + MAX_FUTURE_MS + 1 })
    waiting.holdForTime(run.map(entry))
    expect([waiting.takeDue(EPOCH + 2), waiting.takeDue(EPOCH + 3).map(taken => taken.envelope.seq)]).toEqual(
      [[], [0, 1, 2]],
    )
  })

  test('are held once, and in bounded number', () => {
    const waiting = waitingRoom()
    for (let log = 0; log < FUTURE_COUNT + 20; log++) {
      const one = ahead(log, log, BOB)
      waiting.holdForTime([entry(one)])
      waiting.holdForTime([entry(one)])
    }
    expect(waiting.size).toBe(FUTURE_COUNT)
    expect(waiting.dueAt()).toBe(EPOCH + 20)
    waiting.holdForTime(chain(ALICE, 30, { ts: EPOCH * 2 }).map(entry))
    expect([waiting.size, waiting.dueAt()]).toEqual([FUTURE_COUNT, EPOCH + 50])
    waiting.takeDue(EPOCH * 3)
    expect(waiting.size).toBe(0)
  })

  test('are not held at all when together they are too many', () => {
    const waiting = waitingRoom()
    waiting.holdForTime(chain(ALICE, FUTURE_COUNT + 1, { ts: EPOCH * 2 }).map(entry))
    waiting.holdForTime([])
    expect(waiting.size).toBe(0)
  })
})
