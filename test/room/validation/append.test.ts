/** Where messages end up that had to wait, for their time or for what is before them. */
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../../src/protocol/limits.ts'
import { PENDING_PATIENCE_MS, UNROOTED_PATIENCE_MS } from '../../../src/room/policy.ts'
import { BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../../support/core-chain.ts'
import { Peer } from '../../support/core-peer.ts'
import { EPOCH, instant, logIdOf } from '../../support/core-world.ts'

function give(peer: Peer, messages: readonly Envelope[]): void {
  peer.tell({ kind: 'segment', from: BOB.author, exchange: 0, wires: messages.map(one => one.wire) })
}

describe('messages that waited for their time together', () => {
  /** A forked chain of which one branch is ahead, and has a message that only the next one proves. */
  function forked() {
    const first = message(BOB, { ts: EPOCH + MAX_FUTURE_MS + 1_000 })
    const unproved = unsigned(next(first, BOB))
    return {
      other: message(BOB, { text: 'the other branch' }),
      ahead: [first, unproved, next(unproved, BOB)],
    }
  }

  test('prove each other when it comes, as they do for a faster clock', () => {
    const { other, ahead } = forked()
    let now = 0
    const slow = new Peer('slow', { now: () => instant(now) })
    const fast = new Peer('fast', { now: () => instant(60_000) })
    for (const peer of [slow, fast]) for (const part of [[other], ahead]) give(peer, part)
    expect([slow.held.length, fast.held.length]).toEqual([1, 4])
    // and meanwhile nobody is asked for them again
    expect(slow.room.wants(1, BOB.author, fast.room.frontier, slow.now()).wants).toEqual([])
    now = 2_000
    slow.tell({ kind: 'tick' })
    expect([slow.held, slow.digest]).toEqual([fast.held, fast.digest])
    expect(slow.log.length(chainId(BOB.author, logIdOf(1)))).toBe(3)
  })
})

test('a message that its chain begins with, since nobody has what is before, waits for that no longer', () => {
  let now = 0
  const peer = new Peer('newcomer', { now: () => instant(now) })
  const kept = chain(BOB, 4).slice(2)
  const heads = kept.slice(-1).map(({ seq, id }) => ({ seq, id }))
  const theirs = [{ author: BOB.author, log: logIdOf(1), heads, base: 2 }]
  const wanted = (exchange: number) => peer.room.wants(exchange, BOB.author, theirs, peer.now()).wants
  give(peer, kept)
  expect(wanted(1)).toEqual([])
  now = UNROOTED_PATIENCE_MS
  peer.tell({ kind: 'tick' })
  expect([peer.held.length, peer.log.allPending().length]).toEqual([0, 2])
  expect(wanted(2).map(want => want.seq)).toEqual([2])
  give(peer, kept)
  expect([peer.held.length, peer.log.allPending().length]).toEqual([2, 0])
})

test('what is put by stays put by when the message before it comes and waits, too', () => {
  let now = 0
  const peer = new Peer('newcomer', { now: () => instant(now) })
  const [, , third, fourth] = chain(BOB, 4) as [Envelope, Envelope, Envelope, Envelope]
  give(peer, [fourth])
  now = PENDING_PATIENCE_MS
  peer.tell({ kind: 'tick' })
  expect(peer.log.allPending().map(one => one.envelope.id)).toEqual([fourth.id])
  give(peer, [third])
  expect(peer.log.allPending().map(one => one.envelope.id)).toEqual([fourth.id])
  expect(peer.room.find(fourth.id)?.envelope.id).toBe(fourth.id)
  now = 2 * PENDING_PATIENCE_MS
  peer.tell({ kind: 'tick' })
  expect(peer.log.allPending().length).toBe(2)
  give(peer, chain(BOB, 4).slice(0, 2))
  expect([peer.held.length, peer.log.allPending().length]).toEqual([4, 0])
})

describe('messages that arrive in parts that overlap', () => {
  /** Sent as a part that ends before the second, which came first and had to wait. */
  const all = chain(BOB, 10)

  test.each([
    ['wait for their predecessor', 0],
    ['are ahead of the clock', -MAX_FUTURE_MS - 60_000],
  ])('keep the place that proves itself, if they %s', (_, behind) => {
    let now = behind
    const peer = new Peer('receiver', { now: () => instant(now) })
    give(peer, all.slice(4))
    give(peer, all.slice(0, 7))
    now = 0
    peer.tell({ kind: 'tick' })
    expect(peer.held.length).toBe(10)
    const proofs = all.map(({ id }) => peer.log.get(id)?.proof)
    expect(proofs.flatMap((proof, seq) => (proof === 'signature' ? seq : []))).toEqual([6, 9])
  })

  test('also where the later one waits with less proof', () => {
    let now = 0
    const peer = new Peer('receiver', { now: () => instant(now) })
    give(peer, all.slice(4))
    give(peer, all.slice(3, 7))
    now = PENDING_PATIENCE_MS
    peer.tell({ kind: 'tick' })
    const proof = () => peer.log.allPending().find(({ envelope }) => envelope.seq === 6)?.proof
    expect(proof()).toBe('signature')
    give(peer, all.slice(3, 6))
    expect([proof(), peer.log.allPending().find(({ envelope }) => envelope.seq === 5)?.proof]).toEqual([
      'signature',
      'signature',
    ])
  })
})
