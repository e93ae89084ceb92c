/** What a room does with a log that outlives it, goes back, is copied, or lets things go. */
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { encodeFrame } from '../../src/protocol/frame.ts'
import { chainId } from '../../src/protocol/ids.ts'
import { MAX_TAIL } from '../../src/protocol/limits.ts'
import type { RoomNotice } from '../../src/room/events.ts'
import { PENDING_PATIENCE_MS } from '../../src/room/policy.ts'
import { ALICE, BOB } from '../support/core-arbitraries.ts'
import { chain, message } from '../support/core-chain.ts'
import { EPOCH, instant, logIdOf, signerOf } from '../support/core-world.ts'
import { MemoryLog } from '../support/memory-log/memory-log.ts'
import { Speaker } from './speaker.ts'
import { beaconOf } from './validation/validator-kit.ts'

const SELF = signerOf('speaker')
const OWN_LOG = logIdOf(7)

/** Texts that were shown, each with how. */
function shown(peer: Speaker): readonly string[] {
  return peer.shown.flatMap(notice =>
    notice.kind === 'message' ? `${notice.content.text}, ${notice.via}, ${notice.place}` : [],
  )
}

function noticed<Kind extends RoomNotice['kind']>(
  peer: Speaker,
  kind: Kind,
): readonly Extract<RoomNotice, { kind: Kind }>[] {
  return peer.shown.filter((one): one is Extract<RoomNotice, { kind: Kind }> => one.kind === kind)
}

function tail(peer: Speaker, messages: readonly Envelope[]) {
  return peer.tell({ kind: 'tail', from: BOB.author, exchange: 1, wires: messages.map(one => one.wire) })
}

describe('a log that was there before', () => {
  test('is shown from its newest messages on, in order, and nothing of it as late', () => {
    const first = new Speaker('speaker', new MemoryLog(OWN_LOG))
    for (const text of ['one', 'two', 'three']) first.say(text)
    first.log.commit()
    const again = new Speaker('speaker', first.log)
    again.tell({ kind: 'opened', backlog: 2 })
    again.say('four')
    expect(shown(again)).toEqual(['two, history, newest', 'three, history, newest', 'four, live, newest'])
  })

  test('knows from equal heads who has all of a chain that it forked itself, as an old state of its disk', () => {
    const again = new Speaker('speaker', new MemoryLog(OWN_LOG))
    again.say('what it wrote before it heard of the others')
    const lost = chain(SELF, 3, { log: OWN_LOG, ts: EPOCH - 50 })
    again.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: lost.map(one => one.wire) })
    again.tell({ kind: 'greeted', from: BOB.author, beacon: beaconOf(BOB, { stamp: EPOCH }) })
    const [mine] = again.room.frontier
    expect([mine?.heads.map(({ seq }) => seq), again.room.undelivered]).toEqual([[0, 2], 3])
    const holds = (heads = mine?.heads ?? []) =>
      again.tell({
        kind: 'holds',
        from: BOB.author,
        chains: [{ author: SELF.author, log: OWN_LOG, base: 0, heads }],
      })
    holds(mine?.heads.slice(0, 1))
    expect(again.room.undelivered).toBe(2)
    holds()
    expect(again.room.undelivered).toBe(0)
  })

  test('goes on in its chain, and what nobody had yet is told when somebody has it', () => {
    const first = new Speaker('speaker', new MemoryLog(OWN_LOG))
    for (const text of ['one', 'two', 'three']) first.say(text)
    const acks = (seq: number, stamp: number) =>
      beaconOf(BOB, { stamp: EPOCH + stamp, acks: [{ author: SELF.author, log: OWN_LOG, seq }] })
    first.tell({ kind: 'greeted', from: BOB.author, beacon: acks(0, 1) })
    expect([first.room.undelivered, noticed(first, 'delivered').length]).toEqual([2, 1])
    first.log.commit()

    const again = new Speaker('speaker', first.log)
    expect(again.room.undelivered).toBe(2)
    again.say('four')
    expect(again.log.length(chainId(SELF.author, OWN_LOG))).toBe(4)
    again.tell({ kind: 'greeted', from: BOB.author, beacon: acks(3, 2) })
    const ids = again.room.latest(3).map(entry => entry.envelope.id)
    expect(noticed(again, 'delivered').map(one => one.id)).toEqual(ids)
    expect([again.room.undelivered, again.room.whoGot(4)?.holders]).toEqual([0, [BOB.author]])
  })
})

describe('a log that goes back to its last commit', () => {
  test('takes back what was said since, and the next message stands where that stood', () => {
    const peer = new Speaker('speaker', new MemoryLog(OWN_LOG))
    peer.say('kept')
    peer.until(0)
    peer.log.commit()
    const { digest } = peer
    peer.say('lost')
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: chain(BOB, 3).map(one => one.wire) })
    peer.log.rollback()
    peer.room.reload()
    expect([peer.digest, peer.room.undelivered]).toEqual([digest, 1])
    peer.say('instead')
    peer.until(1_000)
    const own = peer.spoken.flat()
    expect(own.map(one => one.seq)).toEqual([0, 1])
    expect(own.map(one => (one.body as string[])[1])).toEqual(['kept', 'instead'])
    expect(peer.log.latest(9).map(entry => entry.envelope.author)).toEqual([SELF.author, SELF.author])
  })

  test('takes the same messages in again when they come again', () => {
    const peer = new Speaker()
    const wires = chain(BOB, 3).map(one => one.wire)
    const give = () => peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires })
    expect(give()).toBe('accept')
    peer.log.rollback()
    peer.room.reload()
    expect(peer.held).toEqual([])
    expect(give()).toBe('accept')
    expect(peer.held.length).toBe(3)
  })
})

describe('a copy of the own log', () => {
  test('that others have heard more of is left for another chain, at once', () => {
    const mine = chain(SELF, 5, { log: OWN_LOG })
    const peer = new Speaker('speaker', new MemoryLog(OWN_LOG))
    const give = (part: readonly Envelope[]) =>
      peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: part.map(one => one.wire) })
    expect(give(mine.slice(0, 3))).toBe('accept')
    const { logId } = peer.log
    expect(logId).not.toBe(OWN_LOG)
    peer.say('from the copy')
    expect(give(mine.slice(3))).toBe('accept')
    expect(peer.log.logId).toBe(logId)
    const chains = [...peer.log.chains()].map(({ log, heads, forkedAt }) => [log, heads[0]?.seq, forkedAt])
    expect(chains.sort()).toEqual(
      [
        [OWN_LOG, 4, undefined],
        [logId, 0, undefined],
      ].sort(),
    )
  })

  test('that spoke already is left as a fork, and what is said next is in another chain', () => {
    const mine = chain(SELF, 5, { log: OWN_LOG })
    const peer = new Speaker('speaker', new MemoryLog(OWN_LOG))
    peer.say('too early')
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: mine.map(one => one.wire) })
    peer.say('later')
    const [last] = peer.room.latest(1)
    expect(last?.envelope.log).toBe(peer.log.logId)
    expect([last?.envelope.log === OWN_LOG, last?.envelope.seq]).toEqual([false, 0])
  })

  test('is left as soon as later words are heard of, though what is between is missing', () => {
    const mine = chain(SELF, 6, { log: OWN_LOG }).slice(4)
    const wires = mine.map(one => one.wire)
    const ways: readonly ((peer: Speaker) => unknown)[] = [
      peer => tail(peer, mine),
      peer => peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires }),
      peer => peer.tell({ kind: 'frame', from: BOB.author, payload: encodeFrame(wires) }),
    ]
    for (const hear of ways) {
      const peer = new Speaker('speaker', new MemoryLog(OWN_LOG))
      hear(peer)
      const { logId } = peer.log
      peer.say('from the copy')
      expect(logId).not.toBe(OWN_LOG)
      expect(peer.room.latest(9).map(({ envelope }) => [envelope.log, envelope.seq])).toContainEqual([
        logId,
        0,
      ])
      expect(peer.log.length(chainId(SELF.author, OWN_LOG))).toBe(0)
    }
  })

  test('is left when the room is opened, if it is forked', () => {
    const log = new MemoryLog(OWN_LOG)
    const peer = new Speaker('other', log)
    const [one] = chain(SELF, 1, { log: OWN_LOG })
    const branch = message(SELF, { log: OWN_LOG, text: 'another first' })
    for (const { wire } of [one, branch].flatMap(all => all ?? []))
      peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: [wire] })
    log.startNewChain(OWN_LOG)
    const again = new Speaker('speaker', log)
    expect(again.log.logId).not.toBe(OWN_LOG)
  })
})

describe('messages whose predecessors are missing', () => {
  const [one, two, three, four] = chain(ALICE, 4) as [Envelope, Envelope, Envelope, Envelope]

  test('are shown after a while, with what is missing, and not again when it comes', () => {
    const peer = new Speaker()
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: [three.wire] })
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: [four.wire] })
    peer.until(PENDING_PATIENCE_MS - 1)
    expect(shown(peer)).toEqual([])
    peer.until(PENDING_PATIENCE_MS)
    expect(shown(peer)).toEqual(['message 2, live, newest', 'message 3, live, newest'])
    expect(noticed(peer, 'missing')).toEqual([{ kind: 'missing', author: ALICE.author, name: '', count: 2 }])
    expect(peer.log.allPending().map(entry => entry.envelope)).toEqual([three, four])
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: [one.wire, two.wire] })
    peer.until(10_000)
    expect(shown(peer).slice(2)).toEqual(['message 0, history, late', 'message 1, history, late'])
    expect([peer.log.allPending(), peer.held.length]).toEqual([[], 4])
  })

  test('outlive the program once they were shown', () => {
    const peer = new Speaker()
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: [three.wire] })
    peer.until(PENDING_PATIENCE_MS)
    peer.log.commit()
    const again = new Speaker('speaker', peer.log)
    again.tell({ kind: 'opened', backlog: 50 })
    expect(shown(again)).toEqual(['message 2, history, newest'])
    again.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: [one.wire, two.wire] })
    expect(again.log.allPending()).toEqual([])
    again.until(10_000)
    expect(shown(again).slice(1)).toEqual(['message 0, history, late', 'message 1, history, late'])
  })
})

describe('the newest messages of a partner', () => {
  const hers = chain(ALICE, 6)
  const his = chain(BOB, 3, { ts: EPOCH + 100, text: 'answer' })

  test('are shown at once in their order, kept, and not shown again', () => {
    const peer = new Speaker()
    expect(tail(peer, [...hers.slice(4), ...his.slice(1)])).toBe('ignore')
    const first = [
      'message 4, history, newest',
      'message 5, history, newest',
      'answer 1, history, newest',
      'answer 2, history, newest',
    ]
    expect(shown(peer)).toEqual(first)
    expect([peer.log.allPending().length, peer.held.length]).toEqual([4, 0])
    expect(peer.room.latest(2).map(entry => entry.envelope)).toEqual(his.slice(1))
    for (const part of [hers.slice(0, 4), his.slice(0, 1)])
      peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: part.map(one => one.wire) })
    peer.until(10_000)
    expect([peer.held.length, shown(peer).length, new Set(shown(peer)).size]).toEqual([9, 9, 9])
  })

  test('go into their chains where they fit', () => {
    const peer = new Speaker()
    expect(tail(peer, hers.slice(0, 2))).toBe('accept')
    expect([peer.held.length, peer.log.allPending()]).toEqual([2, []])
    expect(shown(peer).length).toBe(2)
  })

  test('are checked one by one: what is forged is passed over', () => {
    const peer = new Speaker()
    const [real, other] = hers.slice(4) as [Envelope, Envelope]
    const forged = new Uint8Array(other.wire)
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    peer.tell({ kind: 'tail', from: BOB.author, exchange: 1, wires: [real.wire, forged] })
    expect(shown(peer)).toEqual(['message 4, history, newest'])
  })

  test('are refused when they are too many or no messages', () => {
    const peer = new Speaker()
    expect(tail(peer, chain(ALICE, MAX_TAIL + 1))).toBe('reject')
    expect(peer.tell({ kind: 'tail', from: BOB.author, exchange: 1, wires: [Buffer.from('no')] })).toBe(
      'reject',
    )
    expect(shown(peer)).toEqual([])
  })
})

describe('what needn’t be kept', () => {
  test('goes step by step, but never what only I have, and the frontier stays', () => {
    const peer = new Speaker('speaker', new MemoryLog(OWN_LOG))
    for (let count = 0; count < 5; count++) peer.say(`own ${count}`)
    const hers = chain(ALICE, 8, { ts: EPOCH + 50 })
    peer.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: hers.map(one => one.wire) })
    const { digest } = peer
    const retain = () =>
      peer.room
        .handle({ kind: 'retain', retention: { since: EPOCH * 2 } }, instant(0))
        .map(effect => (effect.kind === 'pruned' ? effect.chains : effect.kind))
    expect([retain(), retain()]).toEqual([[1], [0]])
    expect([peer.digest, peer.held.length]).toEqual([digest, 6])
    expect(peer.room.frontier.map(one => one.base).sort()).toEqual([0, 7])
    const again = new Speaker('speaker', peer.log)
    expect(again.digest).toBe(digest)
    const more = chain(ALICE, 1, { parent: hers.at(-1) as Envelope })
    expect(
      again.tell({ kind: 'segment', from: BOB.author, exchange: 1, wires: more.map(one => one.wire) }),
    ).toBe('accept')
  })
})
