/** What a log must do about what is before a message. Part of the contract in room-log.contract.ts. */
import { expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import type { RoomLog } from '../../../src/room/log.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import { logIdOf, signerOf } from '../../support/core-world.ts'
import { append } from './room-log.model.ts'

const ALICE = signerOf('alice')
const BOB = signerOf('bob')
const HERS = chainId(ALICE.author, logIdOf(1))
const PLENTY = { count: 10_000, bytes: 10_000_000 }

export function describeBefore(open: () => RoomLog): void {
  const all = chain(ALICE, 6)
  const at = (seq: number): Envelope => all[seq] ?? message(ALICE)
  const upTo = (log: RoomLog, seq: number, count: number, bytes = PLENTY.bytes) =>
    log.backFrom(at(seq).id, { count, bytes }).map(piece => piece.seq)

  test('a message may be put there that its successor names, and so on downwards', () => {
    const log = open()
    append(log, all.slice(4))
    expect(() => append(log, [at(2)])).toThrow()
    append(log, [at(3), at(2)])
    log.commit()
    expect([log.length(HERS), log.contiguousFrom(HERS, 5), log.contiguousFrom(HERS, 2)]).toEqual([6, 2, 2])
    append(log, [at(1), at(0)])
    expect([log.contiguousFrom(HERS, 5), log.contiguousFrom(HERS, 0)]).toEqual([0, 0])
    expect(log.range(HERS, 0, PLENTY).map(piece => piece.wire)).toEqual(all.map(({ wire }) => wire))
    log.rollback()
    expect([log.contiguousFrom(HERS, 5), log.at(HERS, 1), log.length(HERS)]).toEqual([2, [], 6])
  })

  test('is told up to a place and down to a limit, at least one message', () => {
    const log = open()
    append(log, all)
    const size = (seq: number) => at(seq).wire.length
    expect([upTo(log, 5, 3), upTo(log, 2, 3), upTo(log, 1, 9)]).toEqual([
      [3, 4, 5],
      [0, 1, 2],
      [0, 1],
    ])
    expect(upTo(log, 4, 9, size(4) + size(3))).toEqual([3, 4])
    expect(upTo(log, 4, 9, size(4) + size(3) - 1)).toEqual([4])
    expect(upTo(log, 4, 9, 1)).toEqual([4])
    expect(log.backFrom(message(BOB).id, PLENTY)).toEqual([])
  })

  test('ends where a place is empty', () => {
    const log = open()
    append(log, [...all.slice(0, 2), ...all.slice(3)])
    expect([
      upTo(log, 5, 9),
      upTo(log, 1, 9),
      log.contiguousFrom(HERS, 5),
      log.contiguousFrom(HERS, 1),
    ]).toEqual([[3, 4, 5], [0, 1], 3, 0])
  })

  test('is of a forked chain what the message stands on', () => {
    const log = open()
    const branches = ['a', 'b'].map(text => next(at(2), ALICE, { text }))
    const ends = branches.map((branch, index) => next(branch, ALICE, { text: `${index}` }))
    append(log, [...all.slice(0, 3), ...branches, ...ends])
    for (const [index, end] of ends.entries()) {
      const ids = log.backFrom(end.id, PLENTY).map(piece => piece.id)
      expect(ids).toEqual([...all.slice(0, 3), branches[index], end].map(one => one?.id))
    }
    expect(log.contiguousFrom(HERS, 4)).toBe(0)
  })
}
