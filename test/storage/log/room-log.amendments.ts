/** What a log knows of messages that amend others. Part of room-log.contract.ts. */
import { expect, test } from 'vitest'
import { type Amendment, encodeContent, KIND } from '../../../src/protocol/content.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { RoomLog } from '../../../src/room/log.ts'
import type { AmendmentQuery } from '../../../src/room/messages/amendments.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import { EPOCH, logIdOf, signerOf } from '../../support/core-world.ts'
import { append } from './room-log.model.ts'

const ALICE = signerOf('alice')
const BOB = signerOf('bob')
const CAROL = signerOf('carol')

const target = message(ALICE)
const reaction = (emoji: string, ref: MessageId = target.id) =>
  words({ kind: 'reaction', name: 'x', ref, emoji, isOn: true })
const edit = (newText: string, ref: MessageId = target.id) => words({ kind: 'edit', name: 'x', ref, newText })
const words = (content: Amendment) => encodeContent(content)

/** Bob's chain: three reactions and an edit. Carol's: one reaction. */
const first = message(BOB, { ...reaction('1'), ts: EPOCH + 1 })
const second = next(first, BOB, reaction('2'))
const third = next(second, BOB, reaction('3'))
const edited = next(third, BOB, edit('no'))
const hers = message(CAROL, { ...reaction('c'), ts: EPOCH + 9 })

export function describeReferences(open: () => RoomLog): void {
  const idsOf = (log: RoomLog, wanted: Omit<AmendmentQuery, 'ref'>, ref = target.id) =>
    new Set(log.amendmentsOf({ ...wanted, ref }).map(one => one.id))
  const all = { kind: KIND.reaction, count: 10 }
  const set = (...messages: readonly Envelope[]) => new Set(messages.map(one => one.id))

  test('are found by what they amend, kind and author, also before that is here', () => {
    const log = open()
    expect([log.isAmended(target.id), log.amendmentsOf({ ...all, ref: target.id })]).toEqual([false, []])
    append(log, [first, second, third, edited])
    append(log, [hers])
    expect([log.isAmended(target.id), log.isAmended(first.id)]).toEqual([true, false])
    append(log, [target])
    log.commit()
    expect(idsOf(log, all)).toEqual(set(first, second, third, hers))
    expect(idsOf(log, { ...all, author: BOB.author })).toEqual(set(first, second, third))
    expect(idsOf(log, { kind: KIND.edit, count: 10 })).toEqual(set(edited))
    expect(idsOf(log, { kind: KIND.deletion, count: 10 })).toEqual(set())
    expect(log.amendmentsOf({ ...all, ref: target.id, author: CAROL.author })).toEqual([hers])
  })

  test('are of each author the newest', () => {
    const log = open()
    append(log, [first, second, third])
    append(log, [hers])
    expect(idsOf(log, { ...all, count: 2 })).toEqual(set(second, third, hers))
    expect(idsOf(log, { ...all, count: 1, author: BOB.author })).toEqual(set(third))
  })

  test('of the same time are the newest by their ids', () => {
    const log = open()
    const twins = [1, 2, 3].map(number => message(BOB, { ...reaction('x'), log: logIdOf(number) }))
    for (const twin of twins) append(log, [twin])
    const newest = twins.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(1)
    expect(idsOf(log, { ...all, count: 2 })).toEqual(set(...newest))
  })

  test('are gone with their message, and what was taken back was never there', () => {
    const log = open()
    append(log, [first, second])
    log.commit()
    append(log, [third])
    log.rollback()
    expect(idsOf(log, all)).toEqual(set(first, second))
    log.remove(second.id)
    log.remove(first.id)
    expect([idsOf(log, all), log.isAmended(target.id)]).toEqual([set(), false])
    log.rollback()
    expect(idsOf(log, all)).toEqual(set(first, second))
  })

  test('are none that are put by, and none that only answer', () => {
    const log = open()
    const answer = next(target, ALICE, encodeContent({ kind: 'reply', name: 'x', text: 'y', ref: target.id }))
    append(log, [target, answer])
    log.storePending({ envelope: second, proof: 'signature' })
    expect(log.isAmended(target.id)).toBe(false)
  })

  test('go when they are pruned', () => {
    const log = open()
    const later = chain(BOB, 2, { parent: third })
    append(log, [first, second, third, ...later])
    log.prune({ since: EPOCH + 3 }, () => Number.POSITIVE_INFINITY, 100)
    expect(idsOf(log, all)).toEqual(set(third))
  })
}
