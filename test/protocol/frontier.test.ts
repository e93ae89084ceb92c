import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../src/protocol/envelope.ts'
import type { Chain } from '../../src/protocol/frontier.ts'
import { wantFrom } from '../../src/protocol/frontier.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { FORK_TAIL } from '../../src/protocol/limits.ts'
import { ALICE, BOB } from '../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../support/core-chain.ts'
import { exchange } from '../support/core-exchange.ts'
import { Peer } from '../support/core-peer.ts'
import { instant, logIdOf, seeded } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

/** Rounds of exchanges that are enough for two peers, whatever they hold. */
const ROUNDS = 8

/** Exchanges until both hold the same; returns how many it took. */
function converge(a: Peer, b: Peer): number {
  for (let rounds = 0; rounds < ROUNDS; rounds++) {
    if (a.digest === b.digest) return rounds
    exchange(a, b, () => instant(rounds * 10_000))
  }
  return ROUNDS
}

function expectSame(a: Peer, b: Peer): void {
  expect(a.digest).toBe(b.digest)
  expect(a.held).toEqual(b.held)
  const isExpelled = [...a.effects, ...b.effects].some(effect => effect.kind === 'expel')
  expect(isExpelled).toBe(false)
}

/** A branch on a message, or a chain of its own. */
function onto(parent: Envelope | undefined, length: number, text: string): Envelope[] {
  return chain(ALICE, length, { ...(parent && { parent }), text })
}

describe('two peers', () => {
  test('hold the same after one exchange, whatever each had of honest chains', () => {
    const lengths = fc.array(fc.record({ length: fc.nat(30), a: fc.nat(30), b: fc.nat(30) }), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(lengths, chains => {
        const [a, b] = [new Peer('a'), new Peer('b')]
        for (const [log, one] of chains.entries()) {
          const all = chain(log % 2 === 0 ? ALICE : BOB, one.length, { log: logIdOf(log) })
          a.give(all.slice(0, one.a))
          b.give(all.slice(0, one.b))
        }
        const isEqual = a.digest === b.digest
        expect(converge(a, b)).toBe(isEqual ? 0 : 1)
        expectSame(a, b)
      }),
      { seed: SEED, numRuns: 20 },
    )
  })

  test('come to hold the same of chains that their author forked, in a few exchanges', () => {
    const branch = fc.record({
      from: fc.nat(30),
      length: fc.integer({ min: 1, max: 20 }),
      to: fc.constantFrom('a', 'b', 'both'),
    })
    fc.assert(
      fc.property(fc.array(branch, { minLength: 1, maxLength: 6 }), fc.nat(30), (branches, trunk) => {
        const [a, b] = [new Peer('a'), new Peer('b')]
        const stem = chain(ALICE, trunk)
        for (const peer of [a, b]) peer.give(stem)
        for (const [index, { from, length, to }] of branches.entries()) {
          const all = onto(stem[from % Math.max(1, stem.length)], length, `branch ${index}`)
          if (to !== 'b') a.give(all)
          if (to !== 'a') b.give(all)
        }
        expect(converge(a, b)).toBeLessThan(ROUNDS)
        expectSame(a, b)
      }),
      { seed: SEED, numRuns: 25 },
    )
  })

  test.each([
    [0, 3, 40],
    [0, 40, 3],
    [0, 40, 41],
    [5, 50, 50],
    [30, 5, 60],
    [30, 1, FORK_TAIL + 2],
  ])('find the place %i at which branches of %i and %i part, which neither knows', (place, left, right) => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    const stem = chain(ALICE, place)
    a.give([...stem, ...onto(stem.at(-1), left, 'left')])
    b.give([...stem, ...onto(stem.at(-1), right, 'right')])
    expect(converge(a, b)).toBeLessThan(ROUNDS)
    expectSame(a, b)
  })

  test('find forks below forks', () => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    const stem = chain(ALICE, 10)
    const left = onto(stem[2], 30, 'left')
    a.give([...stem, ...onto(stem[9], 9, 'one')])
    a.give(onto(stem[9], 4, 'two'))
    b.give([...stem.slice(0, 3), ...left, ...onto(left[20], 3, 'three')])
    expect(converge(a, b)).toBeLessThan(ROUNDS)
    expectSame(a, b)
  })
})

describe('a hostile author', () => {
  /** Branches of which some begin with a message that only the one after it proves. */
  function branches(parent: Envelope, random: () => number): readonly (readonly Envelope[])[] {
    return Array.from({ length: 6 }, (_, index) => {
      if (random() < 0.5) return chain(ALICE, 3, { parent, text: `${index}` })
      const bad = unsigned(next(parent, ALICE, { text: `${index}` }))
      return [bad, next(bad, ALICE, { text: `${index} proves it` })]
    })
  }

  test('cannot make honest peers send each other what they reject', () => {
    const random = seeded(SEED)
    for (let run = 0; run < 20; run++) {
      const first = message(ALICE, { text: `first ${run}` })
      const all = branches(first, random)
      const [a, b, c] = [new Peer('a'), new Peer('b'), new Peer('c')]
      for (const peer of [a, b, c]) {
        const some = all.filter(() => random() < 0.6)
        for (const one of [[first], ...some]) peer.tell(segment(peer, one))
      }
      for (let round = 0; round < 3; round++) {
        exchange(a, b, () => instant(0))
        exchange(b, c, () => instant(0))
        exchange(c, a, () => instant(0))
      }
      const effects = [a, b, c].flatMap(peer => peer.effects)
      const rejected = effects.filter(effect => effect.kind === 'verdict' && effect.verdict === 'reject')
      expect(rejected, `SEED=${SEED} run ${run}`).toEqual([])
    }
  })

  function segment(peer: Peer, messages: readonly Envelope[]) {
    return { kind: 'segment', from: peer.key, exchange: 0, wires: messages.map(({ wire }) => wire) } as const
  }
})

describe('from where to ask', () => {
  const id = (text: string) => text as MessageId
  const heads = (...list: readonly [number, string][]) =>
    list.map(([seq, text]) => ({ seq, id: id(text), ts: 1 }))
  const mine = (list: Chain['heads'], forkedAt?: number): Chain => ({
    author: ALICE.author,
    log: logIdOf(1),
    base: 0,
    heads: list,
    ...(forkedAt !== undefined && { forkedAt }),
  })
  const theirs = (...list: readonly [number, string][]) => ({
    author: ALICE.author,
    log: logIdOf(1),
    base: 0,
    heads: heads(...list),
  })
  const has = (one: MessageId) => one.startsWith('known')

  test('is nowhere when all is known', () => {
    expect(wantFrom(mine(heads([9, 'known'])), theirs([3, 'known too']), has)).toBeUndefined()
    expect(wantFrom(mine(heads([9, 'known'])), theirs([9, 'known']), has)).toBeUndefined()
  })

  test('is the start of a chain that is new, and the end of one that is longer there', () => {
    expect(wantFrom(undefined, theirs([9, 'new']), has)).toBe(0)
    expect(wantFrom(mine(heads([4, 'known'])), theirs([9, 'new']), has)).toBe(5)
  })

  test('is a tail below where a fork shows', () => {
    expect(wantFrom(mine(heads([40, 'known'])), theirs([30, 'new']), has)).toBe(30 - FORK_TAIL)
    expect(wantFrom(mine(heads([40, 'known'])), theirs([60, 'new'], [61, 'newer']), has)).toBe(41 - FORK_TAIL)
    expect(wantFrom(mine(heads([2, 'known'])), theirs([1, 'new']), has)).toBe(0)
  })

  test("is nowhere for what is beyond a fork's tail", () => {
    const forked = mine(heads([11, 'known 1'], [12, 'known 2']), 10)
    expect(wantFrom(forked, theirs([10 + FORK_TAIL + 1, 'new']), has)).toBeUndefined()
    expect(wantFrom(forked, theirs([10 + FORK_TAIL, 'new']), has)).toBeLessThanOrEqual(10)
  })
})
