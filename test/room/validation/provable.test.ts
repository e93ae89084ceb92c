/**
 * Whatever is held can be proved to others: a message without a good signature of its own stands only as long as one
 * that follows it. Else a peer would claim what it can't give, and be taken for a liar by those who ask it for that.
 */
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { FORK_TAIL } from '../../../src/protocol/limits.ts'
import { encodeSync, MAX_SYNC_MESSAGE_BYTES, MESSAGES_LIMIT } from '../../../src/protocol/sync-message.ts'
import { PENDING_COUNT } from '../../../src/room/policy.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../../support/core-chain.ts'
import { logIdOf } from '../../support/core-world.ts'
import { Desk, said } from './validator-kit.ts'

const LIMIT = { count: 1_000, bytes: 1_000_000 }

/** Heads of which a part that is asked for from the beginning brings nothing. */
function unprovable({ chains, log }: Desk): readonly number[] {
  return [...chains.all].flatMap(([id, { heads, base }]) => {
    const ids = new Set(log.range(id, base, LIMIT).map(piece => piece.id))
    return heads.flatMap(head => (ids.has(head.id) ? [] : head.seq))
  })
}

/** A run without signatures after a message, or from the beginning, and one at its end that proves it. */
function provedRun(length: number, text: string, parent?: Envelope): readonly Envelope[] {
  const run: Envelope[] = []
  let last = parent
  for (let count = 0; count < length; count++) {
    last = unsigned(last === undefined ? message(ALICE, { text }) : next(last, ALICE, { text }))
    run.push(last)
  }
  return last === undefined ? run : [...run, next(last, ALICE, { text })]
}

describe('a message that only its successor proves', () => {
  const [first] = chain(ALICE, 1) as [Envelope]
  const bare = unsigned(next(first, ALICE))

  test('is not kept when that one does not fit behind it', () => {
    for (const wrong of [next(bare, ALICE, { ts: bare.ts }), next(bare, ALICE, { seq: bare.seq + 2 })]) {
      const desk = new Desk()
      desk.segment([first])
      const intaken = desk.segment([bare, wrong])
      expect([said(intaken).slice(0, 6), intaken.messages]).toEqual(['reject', []])
      expect([desk.held, unprovable(desk)]).toEqual([[first.id], []])
      // with one that fits it is as good as any
      expect(desk.segment([bare, next(bare, ALICE)]).verdict).toBe('accept')
    }
  })

  test('is kept for its own signature if it has a good one', () => {
    const desk = new Desk()
    const signed = next(first, ALICE)
    desk.segment([first])
    desk.segment([signed, next(signed, ALICE, { ts: signed.ts })])
    expect([desk.held, unprovable(desk)]).toEqual([[first.id, signed.id], []])
  })

  test('is not kept when that one was dropped while both waited', () => {
    const desk = new Desk()
    const proof = next(bare, ALICE)
    desk.segment([proof])
    const others = chain(BOB, PENDING_COUNT, { log: logIdOf(2) }).slice(1)
    desk.segment([bare, proof])
    for (let at = 0; at < others.length; at += 500) desk.segment(others.slice(at, at + 500))
    desk.segment([first])
    expect([desk.held, unprovable(desk)]).toEqual([[first.id], []])
  })

  test('before a fork is not kept when nothing behind it is', () => {
    const desk = new Desk()
    const start = chain(ALICE, 2)
    const before = unsigned(next(start[1] as Envelope, ALICE))
    desk.segment([...start, before, ...provedRun(FORK_TAIL + 1, 'one', before)])
    desk.segment(provedRun(FORK_TAIL + 1, 'other', before))
    expect(unprovable(desk)).toEqual([])
    expect(desk.held).toEqual(start.map(one => one.id))
  })
})

describe('a run that only its end proves', () => {
  const long = (count: number) => provedRun(count, 'x'.repeat(8_000))
  const fork = (run: readonly Envelope[], text: string) =>
    provedRun(FORK_TAIL, text + 'x'.repeat(8_000), run.at(-2) as Envelope)
  const size = (wires: readonly Uint8Array[]) => encodeSync({ kind: 'messages', wires }).length

  test('is taken only as long as it can be handed on in one message, whatever its author does to it', () => {
    const verdicts = [10, 15, 20, 21, 30, 46].map(count => {
      const run = long(count)
      expect(size(run.map(one => one.wire))).toBeLessThan(MAX_SYNC_MESSAGE_BYTES)
      const desk = new Desk()
      const { verdict } = desk.segment(run)
      for (let branch = 0; branch < 8; branch++) desk.segment(fork(run, `${branch}`))
      for (const id of desk.chains.all.keys())
        expect(size(desk.log.range(id, 0, MESSAGES_LIMIT).map(one => one.wire))).toBeLessThan(
          MAX_SYNC_MESSAGE_BYTES,
        )
      return verdict
    })
    expect(verdicts).toEqual(['accept', 'accept', 'accept', 'reject', 'reject', 'reject'])
  })
})
