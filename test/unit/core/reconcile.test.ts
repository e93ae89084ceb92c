import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainHeads } from '../../../src/core/frontier.ts'
import { keyOf } from '../../../src/core/frontier.ts'
import type { Range } from '../../../src/core/range.ts'
import { boundBetween, END, START } from '../../../src/core/range.ts'
import { MAX_SPLIT } from '../../../src/core/reconcile.ts'
import type { RoundPart } from '../../../src/core/round.ts'
import { MAX_PART_CHAINS } from '../../../src/core/round.ts'
import { chainAt, reconcile, reconciliationOf, sorted } from '../../support/core-frontiers.ts'
import { SEED } from '../../support/core-world.ts'

function frontier(versions: readonly (number | undefined)[]): readonly ChainHeads[] {
  return sorted(
    versions.flatMap((version, number) => (version === undefined ? [] : chainAt(number, version))),
  )
}

/** Chains of one frontier whose heads are others in the other one, or that it lacks. */
function differing(theirs: readonly ChainHeads[], mine: readonly ChainHeads[]): readonly ChainHeads[] {
  const heads = new Map(mine.map(chain => [keyOf(chain), JSON.stringify(chain.heads)]))
  return theirs.filter(chain => heads.get(keyOf(chain)) !== JSON.stringify(chain.heads))
}

function expectFound(a: readonly ChainHeads[], b: readonly ChainHeads[]): void {
  const { byA, byB } = reconcile(a, b)
  expect(sorted(byA)).toEqual(differing(b, a))
  expect(sorted(byB)).toEqual(differing(a, b))
}

describe('two frontiers', () => {
  // mostly equal, as they are among those who talk, or anything
  const version = fc.option(fc.nat(2), { nil: undefined })
  const some = fc.array(fc.record({ a: version, b: version, isEqual: fc.nat(9) }), { maxLength: 400 })

  test('both sides find exactly the chains that differ', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 10 }), (chains, likeness) => {
        const a = frontier(chains.map(chain => chain.a))
        const b = frontier(chains.map(chain => (chain.isEqual < likeness ? chain.a : chain.b)))
        expectFound(a, b)
      }),
      { seed: SEED, numRuns: 60 },
    )
  })

  test('that hold the same ask nothing', () => {
    const all = frontier(Array.from({ length: 300 }, () => 0))
    expect(reconcile(all, all)).toMatchObject({ byA: [], byB: [], rounds: 2 })
  })

  test('of chains whose keys have much in common', () => {
    const one = chainAt(0)
    const chains = Array.from({ length: 600 }, (_, number) => ({
      ...chainAt(number),
      author: one.author,
      log: `${one.log.slice(0, 12)}${number.toString(16).padStart(4, '0')}` as ChainHeads['log'],
    }))
    const changed = chains.map((chain, number) =>
      number % 97 === 0 ? { ...chain, heads: chainAt(number, 1).heads } : chain,
    )
    expectFound(sorted(chains), sorted(changed))
  })

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [0, 3_000],
    [3_000, 0],
    [1_000, 3_000],
  ])('of which one has %i chains and the other %i others', (left, right) => {
    const a = frontier(Array.from({ length: left }, () => 0))
    const b = sorted(Array.from({ length: right }, (_, number) => chainAt(100_000 + number)))
    expectFound(a, b)
  })
})

test('traffic grows with the changes and not with the chains', () => {
  const traffic = (chains: number, changes: number) => {
    const versions = Array.from({ length: chains }, (_, number) => (number * changes) % chains < changes)
    const [a, b] = [versions.map(() => 0), versions.map(Number)].map(frontier)
    if (a === undefined || b === undefined) throw new Error('two frontiers')
    return reconcile(a, b).bytes
  }
  // listing 10,000 chains takes 900 kB, one way
  expect(traffic(10_000, 100)).toBeLessThan(60_000)
  expect(traffic(10_000, 10)).toBeLessThan(10_000)
  expect(traffic(1_000, 10)).toBeLessThan(7_000)
})

describe('a partner that breaks the rules is noticed:', () => {
  const mine = frontier(Array.from({ length: 200 }, () => 0))
  const other = chainAt(7, 1)
  const key = keyOf(other)
  const near = boundBetween(START.padEnd(80, '0'), key)
  const print = '00'.repeat(16)
  const last = (ranges: readonly Range[], answer: readonly ChainHeads[] = []): RoundPart => ({
    ranges,
    answer,
    part: 'last',
  })
  const list = (bound: string, ...chains: readonly ChainHeads[]): Range => ({ kind: 'list', bound, chains })
  const two = sorted([chainAt(1), chainAt(2)])

  const first: Readonly<Record<string, RoundPart>> = {
    'ranges in no order': last([
      { kind: 'print', bound: '80', print },
      { kind: 'print', bound: '70', print },
    ]),
    'a range twice': last([
      { kind: 'print', bound: '80', print },
      { kind: 'print', bound: '80', print },
    ]),
    'something behind the end': last([
      { kind: 'print', bound: END, print },
      { kind: 'settled', bound: END },
    ]),
    'more ranges than one is divided into': last(
      Array.from({ length: MAX_SPLIT + 1 }, (_, piece) => ({
        kind: 'print' as const,
        bound: (piece + 16).toString(16),
        print,
      })),
    ),
    'a list of a chain that comes behind it': last([list(near, other)]),
    'a list of chains that come before it': last([{ kind: 'settled', bound: 'ffffff' }, list(END, ...two)]),
    'a list in no order': last([list(END, ...two.toReversed())]),
    'a list with a chain twice': last([list(END, other, other)]),
    'an answer to nothing': last([], [other]),
    'a part with nothing, and more to come': { ranges: [], answer: [], part: 'more' },
  }

  test.each(Object.keys(first))('%s', name => {
    expect(reconciliationOf(mine).take(first[name] ?? last([]))).toBe('wrong')
  })

  /** A partner that holds one chain other than I, and the round in which I list mine of its range. */
  function listing() {
    const me = reconciliationOf(mine)
    const turn = me.take(
      last([
        { kind: 'settled', bound: near },
        { kind: 'print', bound: `${key.slice(0, 8)}ff`, print },
      ]),
    )
    expect(turn).toBe('mine')
    const ranges = [...me.reply()].flatMap(part => part.ranges)
    const from = ranges.at(-2)?.bound ?? START
    const listed = ranges.at(-1)
    if (listed?.kind !== 'list') throw new Error('nothing is listed')
    return { me, from, listed }
  }

  test('an answer that differs in nothing, is of another range, or comes twice', () => {
    const { listed } = listing()
    expect(listed.chains.length).toBeGreaterThan(0)
    expect(listing().me.take(last([], [other]))).toBe('over')
    for (const answer of [[chainAt(7)], [chainAt(1, 1)], [other, other]]) {
      expect(listing().me.take(last([], answer))).toBe('wrong')
    }
  })

  test('ranges about what is settled', () => {
    expect(listing().me.take(last([{ kind: 'print', bound: END, print }]))).toBe('wrong')
    expect(listing().me.take(last([list(END, other)]))).toBe('wrong')
    expect(listing().me.take(last([{ kind: 'settled', bound: END }]))).toBe('over')
  })

  test('rounds without end come to one', () => {
    const me = reconciliationOf(mine)
    let [ranges, rounds] = [[{ kind: 'print', bound: END, print }] as readonly Range[], 0]
    for (; ranges.length > 0; rounds++) {
      // whatever I ask is said to be different
      me.take(
        last(
          ranges.map(range => (range.kind === 'print' ? { ...range, print } : { ...range, kind: 'settled' })),
        ),
      )
      ranges = [...me.reply()].flatMap(part => part.ranges)
    }
    expect(rounds).toBeLessThan(6)
  })

  test('ranges without end', () => {
    const me = reconciliationOf(mine)
    const turns = Array.from({ length: 100 }, (_, part) =>
      me.take({
        ranges: Array.from({ length: 1_000 }, (_, range) => ({
          kind: 'settled' as const,
          bound: (part * 1_000 + range + 1).toString(16).padStart(8, '0'),
        })),
        answer: [],
        part: 'more',
      }),
    )
    expect(turns.at(0)).toBe('theirs')
    expect(turns.at(-1)).toBe('wrong')
  })

  test('anything at all, which never throws', () => {
    const bound = fc.constantFrom(END, near, '40', '80', 'c0', 'ff')
    const chains = fc.array(
      fc.nat(20).map(number => chainAt(number, number % 2)),
      { maxLength: 4 },
    )
    const range: fc.Arbitrary<Range> = fc.oneof(
      fc.record({ kind: fc.constant('settled' as const), bound }),
      fc.record({ kind: fc.constant('print' as const), bound, print: fc.constant(print) }),
      fc.record({ kind: fc.constant('list' as const), bound, chains }),
    )
    const part = fc.record({
      ranges: fc.array(range, { maxLength: 5 }),
      answer: chains,
      part: fc.constantFrom('more' as const, 'last' as const),
    })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), parts => {
        const me = reconciliationOf(mine)
        for (const one of parts) if (me.take(one) === 'mine') for (const _ of me.reply());
      }),
      { seed: SEED },
    )
  })
})

test('what fills several parts is cut into them and comes together again', () => {
  const a = frontier(Array.from({ length: 2_000 }, () => 0))
  const b = frontier(Array.from({ length: 2_000 }, () => 1))
  const { byA, byB } = reconcile(a, b)
  expect([byA.length, byB.length]).toEqual([2_000, 2_000])
  expect(2_000).toBeGreaterThan(10 * MAX_PART_CHAINS)
})
