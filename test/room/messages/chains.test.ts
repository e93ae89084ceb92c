import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { isAuthentic } from '../../../src/protocol/envelope.ts'
import { frontierDigest, sortedChains } from '../../../src/protocol/frontier.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import { FORK_TAIL, MAX_CHAINS, MAX_FORKS_PER_PLACE } from '../../../src/protocol/limits.ts'
import type { RoomLog } from '../../../src/room/log.ts'
import { Chains } from '../../../src/room/messages/chains.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../../support/core-chain.ts'
import { CountingCrypto, logIdOf, seeded, shuffled } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'
import { SEED } from '../../support/seed.ts'

const crypto = new CountingCrypto()
const HERS = chainId(ALICE.author, logIdOf(1))

function openChains(): { log: RoomLog; chains: Chains } {
  const log = new MemoryLog(logIdOf(99))
  return { log, chains: new Chains(log) }
}

/** Offers messages again and again until nothing more is taken in, as the sync would. Returns how many rounds it took. */
function offer(chains: Chains, messages: readonly Envelope[]): number {
  for (let rounds = 1; rounds < 100; rounds++) {
    const taken = messages.filter(envelope => {
      const isNext = chains.fit(envelope).kind === 'next'
      if (isNext) chains.add(envelope, 'signature')
      return isNext
    })
    if (taken.length === 0) return rounds
  }
  throw new Error('it never comes to rest')
}

/** Everything that an author signed for one chain: a tree, in which branches begin anywhere. */
const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 40 }).map(parents => {
  const all: Envelope[] = []
  for (const [index, pick] of parents.entries()) {
    // recent ones are picked more often, so that branches grow long
    const back = all.length === 0 ? 0 : (pick % 7 < 5 ? pick % 3 : pick) % (all.length + 1)
    const parent = back === all.length ? undefined : all[all.length - 1 - back]
    const text = `message ${index}`
    all.push(parent === undefined ? message(ALICE, { text }) : next(parent, ALICE, { text }))
  }
  return all
})

describe('a chain that its author forked', () => {
  test('ends up the same for everyone, whatever came first', () => {
    fc.assert(
      fc.property(tree, fc.integer(), (all, seed) => {
        const random = seeded(seed)
        const peers = Array.from({ length: 4 }, openChains)
        for (const { chains } of peers) offer(chains, shuffled(all, random))
        const digests = peers.map(({ chains }) => frontierDigest(chains.all, crypto))
        expect(new Set(digests).size).toBe(1)
        const ids = peers.map(({ log }) => log.latest(1_000).map(entry => entry.envelope.id))
        for (const held of ids) expect(held).toEqual(ids[0])
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  test('keeps the smallest ids of each place, and a tail after the first fork', () => {
    fc.assert(
      fc.property(tree, fc.integer(), (all, seed) => {
        const { log, chains } = openChains()
        const random = seeded(seed)
        for (const envelope of [...shuffled(all, random), ...shuffled(all, random)]) {
          if (chains.fit(envelope).kind === 'next') chains.add(envelope, 'signature')
          checkBounds(log)
        }
        offer(chains, all)
        checkSmallest(log, all)
      }),
      { seed: SEED, numRuns: 40 },
    )
  })

  test('is the same read from the log as kept beside it', () => {
    fc.assert(
      fc.property(tree, fc.integer(), (all, seed) => {
        const { log, chains } = openChains()
        for (const envelope of shuffled(all, seeded(seed))) {
          if (chains.fit(envelope).kind === 'next') chains.add(envelope, 'signature')
          const loaded = new Chains(log)
          expect(loaded.all).toEqual(chains.all)
          expect(loaded.bytes).toBe(chains.bytes)
          expect(chains.sorted).toEqual(sortedChains(chains.all))
          expect(chains.all.get(HERS)?.heads.map(head => head.id) ?? []).toEqual(endsOf(log))
        }
      }),
      { seed: SEED, numRuns: 20 },
    )
  })
})

/** Ids of the messages that nothing stands on, by place and id. */
function endsOf(log: RoomLog): string[] {
  const all = Array.from({ length: log.length(HERS) }, (_, seq) => log.at(HERS, seq)).flat()
  const parents = new Set(all.map(entry => entry.envelope.prev))
  return all.flatMap(entry => (parents.has(entry.envelope.id) ? [] : entry.envelope.id))
}

function lengthsOf(log: RoomLog): number[] {
  return Array.from({ length: log.length(HERS) }, (_, seq) => log.at(HERS, seq).length)
}

function checkBounds(log: RoomLog): void {
  const lengths = lengthsOf(log)
  expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(MAX_FORKS_PER_PLACE)
  const first = lengths.findIndex(length => length > 1)
  if (first >= 0) expect(lengths.length).toBeLessThanOrEqual(first + FORK_TAIL + 1)
}

/** At the end nothing that was signed would still be kept. */
function checkSmallest(log: RoomLog, all: readonly Envelope[]): void {
  for (let seq = 0; seq < log.length(HERS); seq++) {
    const kept = log.at(HERS, seq).map(entry => entry.envelope.id)
    const could = all.filter(one => one.seq === seq && (one.prev === null || log.has(one.prev)))
    expect(kept).toEqual(
      could
        .map(one => one.id)
        .sort()
        .slice(0, MAX_FORKS_PER_PLACE),
    )
  }
}

describe('how a message fits', () => {
  const [one, two, three] = chain(ALICE, 3)
  if (one === undefined || two === undefined || three === undefined) throw new Error('too short')

  function holding(...taken: readonly Envelope[]): Chains {
    const { chains } = openChains()
    offer(chains, taken)
    return chains
  }

  test("is next at its chain's end and as a fork, and known afterwards", () => {
    const chains = holding(one, two)
    expect(chains.fit(three)).toEqual({ kind: 'next' })
    expect(chains.fit(next(one, ALICE, { text: 'fork' }))).toEqual({ kind: 'next' })
    expect([chains.fit(one), chains.fit(two)]).toEqual([{ kind: 'known' }, { kind: 'known' }])
  })

  test('is a gap without its predecessor', () => {
    expect(holding(one).fit(three)).toEqual({ kind: 'gap', missing: two.id })
    expect(holding().fit(two)).toEqual({ kind: 'gap', missing: one.id })
  })

  test.each([
    ['skips a place', next(one, ALICE, { seq: 2 })],
    ['repeats a place', next(two, ALICE, { seq: 1 })],
    ['does not move on in time', next(two, ALICE, { ts: two.ts })],
    ['goes back in time', next(two, ALICE, { ts: one.ts })],
    ['stands on another log', next(two, ALICE, { log: logIdOf(2) })],
    ['stands on another author', next(two, BOB)],
  ])('is wrong when it %s', (_, envelope) => {
    expect(holding(one, two).fit(envelope).kind).toBe('wrong')
  })

  test('changes nothing', () => {
    const chains = holding(one)
    for (const envelope of [two, three, next(one, ALICE, { seq: 2 })]) chains.fit(envelope)
    expect(chains.get(ALICE.author, logIdOf(1))?.heads).toEqual([{ seq: 0, id: one.id, ts: one.ts }])
  })

  test('is surplus with one chain too many, while those that there are go on', () => {
    const { chains } = openChains()
    for (let log = 0; log < MAX_CHAINS; log++) chains.add(message(ALICE, { log: logIdOf(log) }), 'signature')
    expect(chains.fit(message(BOB))).toEqual({ kind: 'surplus' })
    const [head] = chains.get(ALICE.author, logIdOf(3))?.heads ?? []
    expect(
      chains.fit(message(ALICE, { log: logIdOf(3), seq: 1, prev: head?.id ?? null, ts: 2 ** 42 })).kind,
    ).toBe('next')
  })
})

test('chains are sorted, whatever comes, goes on and goes', () => {
  const { log, chains } = openChains()
  for (const number of shuffled([...Array(50).keys()], seeded(SEED))) {
    const first = message(number % 2 === 0 ? ALICE : BOB, { log: logIdOf(number) })
    chains.add(unsigned(first), 'successor')
    expect(chains.sorted).toEqual(sortedChains(chains.all))
    if (number % 3 === 0) chains.checkEnd(first.author, first.log, envelope => isAuthentic(envelope, crypto))
    expect(chains.sorted).toEqual(sortedChains(chains.all))
  }
  expect(chains.sorted.length).toBe(33)
  log.rollback()
  chains.reload()
  expect(chains.sorted).toEqual([])
})

describe('a forked chain is settled', () => {
  const authentic = (envelope: Envelope) => isAuthentic(envelope, crypto)
  const first = message(ALICE)

  /** Adds a run of which only the last one was checked. */
  function addRun(chains: Chains, run: readonly Envelope[]): void {
    for (const envelope of run) {
      if (chains.fit(envelope).kind === 'next')
        chains.add(envelope, envelope === run.at(-1) ? 'signature' : 'successor')
    }
  }

  test('by what its messages say themselves when those that proved them are gone', () => {
    const { log, chains } = openChains()
    const run = chain(ALICE, FORK_TAIL + 6, { parent: first, text: 'run' })
    addRun(chains, [first, ...run])
    addRun(chains, [next(first, ALICE, { text: 'fork' })])
    expect(log.length(HERS)).toBe(FORK_TAIL + 2)
    expect(log.at(HERS, FORK_TAIL + 1)[0]?.proof).toBe('successor')
    expect(chains.checkEnd(ALICE.author, logIdOf(1), authentic)).toEqual([])
    expect(log.at(HERS, FORK_TAIL + 1)[0]?.proof).toBe('signature')
    expect(new Chains(log).all).toEqual(chains.all)
  })

  test('without those that nothing proves any more, and closed for good', () => {
    const { log, chains } = openChains()
    const bad = unsigned(next(first, ALICE, { text: 'bad' }))
    const run = chain(ALICE, FORK_TAIL + 6, { parent: bad, text: 'run' })
    addRun(chains, [first, bad, ...run])
    const fork = next(first, ALICE, { text: 'fork' })
    addRun(chains, [fork])
    expect(chains.checkEnd(ALICE.author, logIdOf(1), authentic)).toEqual([])
    const proving = log.at(HERS, 2)[0]?.envelope
    expect(proving?.prev).toBe(bad.id)
    // four smaller ones displace the branch above the bad one
    const smaller = Array.from({ length: 200 }, (_, index) => next(fork, ALICE, { text: `small ${index}` }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, MAX_FORKS_PER_PLACE)
    for (const envelope of smaller) addRun(chains, [envelope])
    expect(chains.checkEnd(ALICE.author, logIdOf(1), authentic)).toEqual([bad.id])
    expect(log.has(bad.id)).toBe(false)
    expect(new Chains(log).all).toEqual(chains.all)
    expect(chains.fit(bad)).toEqual({ kind: 'surplus' })
  })

  test('and nothing happens to one that is not forked', () => {
    const { chains } = openChains()
    addRun(chains, chain(ALICE, 5).slice(0, 4))
    expect(chains.checkEnd(ALICE.author, logIdOf(1), () => false)).toEqual([])
    expect(chains.checkEnd(BOB.author, logIdOf(1), () => false)).toEqual([])
  })
})
