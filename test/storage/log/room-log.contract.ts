/**
 * What every log of a room must do, in memory or on disk. A log's own test calls `describeRoomLog` with a way to
 * open an empty one.
 */
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { compare } from '../../../src/protocol/envelope.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import type { RoomLog } from '../../../src/room/log.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import { EPOCH, logIdOf, signerOf } from '../../support/core-world.ts'
import { describeReferences } from './room-log.amendments.ts'
import { describeBefore } from './room-log.before.ts'
import { agreesWithModel, append } from './room-log.model.ts'
import { describeState } from './room-log.state.ts'

const ALICE = signerOf('alice')
const BOB = signerOf('bob')
const HERS = chainId(ALICE.author, logIdOf(1))
const PLENTY = { count: 10_000, bytes: 10_000_000 }

/** Runs the suite. `open` gives a new, empty log each time. */
export function describeRoomLog(name: string, open: () => RoomLog): void {
  describe(name, () => {
    describe('one message', () => describeOne(open))
    describe('forks', () => describeForks(open))
    describe('a range', () => describeRange(open))
    describe('what is before', () => describeBefore(open))
    describe('the latest', () => describeLatest(open))
    describe('messages that amend others', () => describeReferences(open))
    describeState(open)
    test('agrees with the simplest log there could be', () => agreesWithModel(open))
  })
}

function describeOne(open: () => RoomLog): void {
  test('is there once appended, as it was', () => {
    const log = open()
    const one = message(ALICE, { body: ['alice', 'hi'], deps: [] })
    log.append({ envelope: one, proof: 'signature' })
    log.commit()
    expect(log.has(one.id)).toBe(true)
    expect(log.get(one.id)).toEqual({ envelope: one, proof: 'signature' })
    expect(log.at(HERS, 0)).toEqual([{ envelope: one, proof: 'signature' }])
    expect([log.length(HERS), log.bytesOf(ALICE.author)]).toEqual([1, one.wire.length])
    expect(log.range(HERS, 0, PLENTY)).toEqual([{ seq: 0, id: one.id, wire: one.wire }])
    expect(log.holds(one)).toBe(true)
  })

  test('is not there before, nor is anything of its chain', () => {
    const log = open()
    const one = message(ALICE)
    expect([log.has(one.id), log.get(one.id), log.at(HERS, 0)]).toEqual([false, undefined, []])
    expect([log.holds(one), log.length(HERS), log.bytesOf(ALICE.author)]).toEqual([false, 0, 0])
    expect([log.latest(10), log.range(HERS, 0, PLENTY)]).toEqual([[], []])
  })

  test('is read at once, before its commit', () => {
    const log = open()
    const [one, two] = chain(ALICE, 2)
    if (one === undefined || two === undefined) throw new Error('too short')
    append(log, [one])
    expect(log.has(one.id)).toBe(true)
    append(log, [two])
    expect(log.length(HERS)).toBe(2)
  })

  test('keeps its bytes whatever becomes of the buffer that it came in', () => {
    const log = open()
    const one = message(ALICE)
    const buffer = new Uint8Array(10_000)
    buffer.set(one.wire, 100)
    log.append({
      envelope: { ...one, wire: buffer.subarray(100, 100 + one.wire.length) },
      proof: 'signature',
    })
    buffer.fill(0)
    expect(log.get(one.id)?.envelope.wire).toEqual(one.wire)
  })

  test('is appended once, after its predecessor or where there is nothing from there on', () => {
    const log = open()
    const [one, two, three, four] = chain(ALICE, 4)
    if (one === undefined || two === undefined || three === undefined || four === undefined)
      throw new Error('too short')
    append(log, [one])
    expect(() => append(log, [one])).toThrow()
    append(log, [three])
    expect([log.length(HERS), log.at(HERS, 1), log.holds(three), log.holds(two)]).toEqual([
      3,
      [],
      true,
      false,
    ])
    append(log, [four])
    const places = (seq: number) => log.range(HERS, seq, PLENTY).map(piece => piece.seq)
    expect([places(0), places(1), places(2)]).toEqual([[0], [], [2, 3]])
    expect(log.bytesOf(ALICE.author)).toBe(one.wire.length + three.wire.length + four.wire.length)
  })

  test('is gone once removed, and may come again', () => {
    const log = open()
    const [one, two] = chain(ALICE, 2)
    if (one === undefined || two === undefined) throw new Error('too short')
    append(log, [one, two])
    log.remove(two.id)
    expect([log.has(two.id), log.at(HERS, 1), log.length(HERS)]).toEqual([false, [], 1])
    append(log, [two])
    expect(log.length(HERS)).toBe(2)
    log.remove(two.id)
    log.remove(one.id)
    log.remove(one.id)
    expect([log.length(HERS), log.bytesOf(ALICE.author), log.latest(5)]).toEqual([0, 0, []])
  })
}

function describeForks(open: () => RoomLog): void {
  test('stand at one place, ascending by id, whatever order they came in', () => {
    const log = open()
    const first = message(ALICE)
    const branches = ['a', 'b', 'c', 'd'].map(text => next(first, ALICE, { text }))
    append(log, [first, ...branches])
    const ids = log.at(HERS, 1).map(entry => entry.envelope.id)
    expect(ids).toEqual(branches.map(branch => branch.id).sort())
    expect(log.length(HERS)).toBe(2)
  })

  test('what was read of a place stays as it was read', () => {
    const log = open()
    const first = message(ALICE)
    const branches = ['a', 'b', 'c'].map(text => next(first, ALICE, { text }))
    append(log, [first, ...branches])
    const before = log.at(HERS, 1)
    for (const branch of branches) log.remove(branch.id)
    expect(before.length).toBe(3)
    expect(log.length(HERS)).toBe(1)
  })

  test('a place in the middle may be emptied before those after it', () => {
    const log = open()
    const all = chain(ALICE, 4)
    append(log, all)
    for (const envelope of all.slice(1)) log.remove(envelope.id)
    expect([log.length(HERS), log.at(HERS, 1), log.at(HERS, 3)]).toEqual([1, [], []])
  })

  test('bytes are counted of all chains of an author', () => {
    const log = open()
    const all = [message(ALICE), message(ALICE, { log: logIdOf(2) }), message(BOB)]
    append(log, all)
    const bytes = all.map(one => one.wire.length)
    expect(log.bytesOf(ALICE.author)).toBe((bytes[0] ?? 0) + (bytes[1] ?? 0))
    expect(log.bytesOf(BOB.author)).toBe(bytes[2])
  })
}

function describeRange(open: () => RoomLog): void {
  /** A chain of which only the places of the given numbers were proved by their own signature. */
  function logOf(length: number, signed: readonly number[]): { log: RoomLog; all: Envelope[] } {
    const log = open()
    const all = chain(ALICE, length)
    for (const envelope of all)
      append(log, [envelope], signed.includes(envelope.seq) ? 'signature' : 'successor')
    return { log, all }
  }
  const places = (log: RoomLog, seq: number, count: number, bytes = PLENTY.bytes) =>
    log.range(HERS, seq, { count, bytes }).map(piece => piece.seq)

  test('begins where asked and ends at the limit', () => {
    const { log } = logOf(6, [0, 1, 2, 3, 4, 5])
    expect([places(log, 0, 3), places(log, 3, 3), places(log, 5, 3)]).toEqual([[0, 1, 2], [3, 4, 5], [5]])
    expect([places(log, 6, 3), places(log, 2 ** 53 - 1, 3)]).toEqual([[], []])
  })

  test('ends at the limit in bytes, and holds at least one message', () => {
    const { log, all } = logOf(4, [0, 1, 2, 3])
    const size = (seq: number) => all[seq]?.wire.length ?? 0
    expect(places(log, 0, 100, size(0) + size(1))).toEqual([0, 1])
    expect(places(log, 0, 100, size(0) + size(1) - 1)).toEqual([0])
    expect(places(log, 2, 100, 1)).toEqual([2])
  })

  test('ends at the last message within the limit that has its own signature', () => {
    const { log } = logOf(9, [2, 5, 8])
    expect([places(log, 0, 8), places(log, 3, 5), places(log, 4, 4)]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [3, 4, 5],
      [4, 5],
    ])
  })

  test('goes beyond the limit only to reach the first one that has', () => {
    const { log } = logOf(9, [6, 8])
    expect([places(log, 0, 3), places(log, 5, 1), places(log, 7, 1)]).toEqual([
      [0, 1, 2, 3, 4, 5, 6],
      [5, 6],
      [7, 8],
    ])
  })

  test('leaves out what nothing proves', () => {
    const { log } = logOf(5, [2])
    expect([places(log, 0, 100), places(log, 3, 100)]).toEqual([[0, 1, 2], []])
  })

  test('holds whole places, and ends where all branches are proved', () => {
    const log = open()
    const first = message(ALICE)
    const branches = ['a', 'b'].map(text => next(first, ALICE, { text }))
    const [proving, other] = branches
    if (proving === undefined || other === undefined) throw new Error('too few')
    append(log, [first, other])
    append(log, [proving], 'successor')
    append(log, [next(proving, ALICE)])
    expect(places(log, 0, 100)).toEqual([0, 1, 1, 2])
    expect(places(log, 0, 2)).toEqual([0])
    expect(places(log, 1, 1)).toEqual([1, 1, 2])
    expect(
      log
        .range(HERS, 1, PLENTY)
        .map(piece => piece.id)
        .slice(0, 2),
    ).toEqual(branches.map(branch => branch.id).sort())
  })
}

function describeLatest(open: () => RoomLog): void {
  test('are the last by time and id, ascending, of all chains', () => {
    const log = open()
    const hers = chain(ALICE, 5, { ts: EPOCH + 10 })
    const his = chain(BOB, 5, { ts: EPOCH + 12 })
    append(log, [...his, ...hers])
    const sorted = [...hers, ...his].sort(compare).map(one => one.id)
    expect(log.latest(100).map(entry => entry.envelope.id)).toEqual(sorted)
    expect(log.latest(3).map(entry => entry.envelope.id)).toEqual(sorted.slice(-3))
    expect(log.latest(0)).toEqual([])
  })

  test('take in what is older than all, and lose what was removed', () => {
    const log = open()
    const hers = chain(ALICE, 3)
    const old = message(BOB, { ts: 1 })
    append(log, [...hers, old])
    const [last] = hers.slice(-1)
    if (last === undefined) throw new Error('too short')
    log.remove(last.id)
    expect(log.latest(10).map(entry => entry.envelope.id)).toEqual(
      [old, ...hers.slice(0, -1)].map(one => one.id),
    )
  })
}
