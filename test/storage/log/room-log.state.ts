/** What a log keeps beside its messages, what it lets go, and what it takes back. Part of room-log.contract.ts. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Signer } from '../../../src/protocol/crypto.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { Chain } from '../../../src/protocol/frontier.ts'
import type { ChainId, PeerKey } from '../../../src/protocol/ids.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import type { RoomLog } from '../../../src/room/log.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import { EPOCH, logIdOf, signerOf } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'
import { append } from './room-log.model.ts'

const ALICE = signerOf('alice')
const BOB = signerOf('bob')
const HERS = chainId(ALICE.author, logIdOf(1))
const HIS = chainId(BOB.author, logIdOf(1))
const PLENTY = { count: 10_000, bytes: 10_000_000 }
const FOREVER = () => Number.POSITIVE_INFINITY

export function describeState(open: () => RoomLog): void {
  describe('the state of chains', () => describeChains(open))
  describe('what is put by', () => describePutBy(open))
  describe('what others hold', () => describeHoldings(open))
  describe('pruning', () => describePruning(open))
  describe('taking back', () => describeRollback(open))
}

function describeChains(open: () => RoomLog): void {
  const saved: Chain = {
    author: ALICE.author,
    log: logIdOf(1),
    heads: [
      { seq: 3, id: message(ALICE).id, ts: EPOCH },
      { seq: 4, id: message(BOB).id, ts: EPOCH + 1 },
    ],
    forkedAt: 3,
    base: 1,
    closedAt: 4,
  }

  test('is read back as it was last saved', () => {
    const log = open()
    const { forkedAt: _, closedAt: __, ...straight } = saved
    log.save(straight)
    log.save({ ...straight, author: BOB.author })
    log.save(saved)
    const chains = [...log.chains()].sort((a, b) => (a.author === saved.author ? -1 : b.base))
    expect(chains).toEqual([saved, { ...straight, author: BOB.author }])
  })

  test('is forgotten without heads, unless the chain is closed', () => {
    const log = open()
    log.save({ ...saved, heads: [] })
    expect([...log.chains()]).toEqual([{ ...saved, heads: [] }])
    const { closedAt: _, ...again } = saved
    log.save({ ...again, heads: [] })
    expect([...log.chains()]).toEqual([])
  })

  test('the own chain is another one when it is renewed', () => {
    const log = open()
    const before = log.logId
    log.startNewChain(logIdOf(77))
    expect(log.logId).toBe(logIdOf(77))
    log.rollback()
    expect(log.logId).toBe(before)
    log.startNewChain(logIdOf(78))
    log.commit()
    log.rollback()
    expect(log.logId).toBe(logIdOf(78))
  })
}

function describePutBy(open: () => RoomLog): void {
  test('is kept in its order, apart from the chains, until it is dropped', () => {
    const log = open()
    const [, two, three] = chain(ALICE, 3).map(envelope => ({ envelope, proof: 'signature' }) as const)
    if (two === undefined || three === undefined) throw new Error('too short')
    for (const entry of [three, two, three]) log.storePending(entry)
    expect(log.allPending()).toEqual([three, two])
    expect([log.has(two.envelope.id), log.length(HERS), log.latest(5), log.bytesOf(ALICE.author)]).toEqual([
      false,
      0,
      [],
      0,
    ])
    log.dropPending(three.envelope.id)
    log.dropPending(three.envelope.id)
    expect(log.allPending()).toEqual([two])
  })
}

function describeHoldings(open: () => RoomLog): void {
  const peer = (name: string) => signerOf(name).author as PeerKey

  test('is the last that was said of each peer and chain, those heard of longest ago first', () => {
    const log = open()
    log.setHolding({ chain: HERS, peer: peer('carol'), length: 1 })
    log.setHolding({ chain: HERS, peer: peer('dave'), length: 2 })
    log.setHolding({ chain: HIS, peer: peer('carol'), length: 3 })
    log.setHolding({ chain: HERS, peer: peer('carol'), length: 4 })
    expect(log.holdings()).toEqual([
      { chain: HERS, peer: peer('dave'), length: 2 },
      { chain: HIS, peer: peer('carol'), length: 3 },
      { chain: HERS, peer: peer('carol'), length: 4 },
    ])
    log.dropHolding(peer('carol'))
    expect(log.holdings()).toEqual([{ chain: HERS, peer: peer('dave'), length: 2 }])
  })
}

function describePruning(open: () => RoomLog): void {
  const state = (id: ChainId, log: RoomLog): readonly number[] =>
    Array.from({ length: log.length(id) }, (_, seq) => seq).filter(seq => log.at(id, seq).length > 0)

  /** Two chains of ten, whose times take turns: EPOCH, EPOCH + 1 and so on. */
  function logOfTwo(): RoomLog {
    const log = open()
    append(log, paced(ALICE, EPOCH))
    append(log, paced(BOB, EPOCH + 1))
    log.commit()
    return log
  }

  test('lets go what is too old, from the beginning of each chain', () => {
    const log = logOfTwo()
    const bytes = log.bytesOf(ALICE.author)
    const bases = log.prune({ since: EPOCH + 7 }, FOREVER, 100)
    expect([...bases].sort()).toEqual(
      [
        [HERS, 4],
        [HIS, 3],
      ].sort(),
    )
    expect([state(HERS, log)[0], state(HIS, log)[0], log.length(HERS)]).toEqual([4, 3, 10])
    expect(log.bytesOf(ALICE.author)).toBeLessThan(bytes)
    expect(log.range(HERS, 4, PLENTY).length).toBe(6)
    expect(log.prune({ since: EPOCH + 7 }, FOREVER, 100).size).toBe(0)
  })

  test('lets the oldest go while there are too many bytes', () => {
    const log = logOfTwo()
    const bytes = () => log.bytesOf(ALICE.author) + log.bytesOf(BOB.author)
    const half = Math.floor(bytes() / 2)
    log.prune({ bytes: half }, FOREVER, 100)
    expect(bytes()).toBeLessThanOrEqual(half)
    const all = log.latest(100).map(entry => entry.envelope.ts - EPOCH)
    expect(all).toEqual(Array.from({ length: all.length }, (_, index) => 20 - all.length + index))
    const [oldest] = log.latest(100)
    expect(bytes() + (oldest?.envelope.wire.length ?? 0)).toBeGreaterThan(half)
  })

  test('never lets go the last message of a chain, nor what is to be kept', () => {
    const log = logOfTwo()
    log.prune({ since: EPOCH * 2 }, id => (id === HERS ? 7 : Number.POSITIVE_INFINITY), 100)
    expect([state(HERS, log), state(HIS, log)]).toEqual([[7, 8, 9], [9]])
    log.prune({ bytes: 0 }, FOREVER, 100)
    expect([state(HERS, log), state(HIS, log)]).toEqual([[9], [9]])
  })

  test('lets nothing go of a fork', () => {
    const log = open()
    const all = chain(ALICE, 3)
    const branches = ['a', 'b'].map(text => next(all[2] ?? message(ALICE), ALICE, { text }))
    append(log, [...all, ...branches])
    const heads = branches.map(({ seq, id, ts }) => ({ seq, id, ts }))
    log.save({ author: ALICE.author, log: logIdOf(1), heads, forkedAt: 3, base: 0 })
    log.prune({ since: EPOCH * 2 }, FOREVER, 100)
    expect(state(HERS, log)).toEqual([3])
    expect(log.at(HERS, 3).length).toBe(2)
  })

  test('goes in steps', () => {
    const log = logOfTwo()
    for (const left of [15, 10, 5]) {
      expect(log.prune({ since: EPOCH + 100 }, FOREVER, 5).size).toBeGreaterThan(0)
      expect(state(HERS, log).length + state(HIS, log).length).toBe(left)
    }
    expect(log.prune({}, FOREVER, 5).size).toBe(0)
  })
}

function describeRollback(open: () => RoomLog): void {
  test('leaves everything as it was at the last commit', () => {
    const step = fc.record({ act: fc.nat(6), pick: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 12 }), (kept, lost) => {
        const log = open()
        for (const { act, pick } of kept) change(log, act, pick)
        log.commit()
        const before = whole(log)
        for (const { act, pick } of lost) change(log, act, pick)
        log.rollback()
        expect(whole(log)).toEqual(before)
        for (const { act, pick } of lost) change(log, act, pick)
        log.commit()
        log.rollback()
        expect(log.length(HERS)).toBeLessThanOrEqual(10)
      }),
      { seed: SEED, numRuns: 25 },
    )
  })
}

/** A chain of ten, two milliseconds apart. */
function paced(signer: Signer, ts: number): readonly Envelope[] {
  const all = [message(signer, { ts })]
  for (let last = all[0]; last !== undefined && all.length < 10; last = all.at(-1))
    all.push(next(last, signer, { ts: last.ts + 2 }))
  return all
}

const ALL = chain(ALICE, 10)

/** One of the things that change a log. */
function change(log: RoomLog, act: number, pick: number): void {
  const length = log.length(HERS)
  const [last] = log.at(HERS, length - 1)
  const envelope = ALL[act < 3 ? length : pick]
  if (act < 3 && envelope !== undefined) append(log, [envelope])
  if (act === 3 && last !== undefined) log.remove(last.envelope.id)
  if (act === 4 && envelope !== undefined) log.storePending({ envelope, proof: 'signature' })
  if (act === 5 && envelope !== undefined) log.dropPending(envelope.id)
  if (act === 6 && envelope !== undefined) {
    const { seq, id, ts } = envelope
    log.save({ author: ALICE.author, log: logIdOf(1), heads: [{ seq, id, ts }], base: pick })
  }
}

function whole(log: RoomLog): unknown {
  return {
    messages: log.latest(100),
    pieces: log.range(HERS, 0, PLENTY),
    length: log.length(HERS),
    bytes: log.bytesOf(ALICE.author),
    chains: [...log.chains()],
    putBy: log.allPending(),
  }
}
