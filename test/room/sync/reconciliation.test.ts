import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainHeads } from '../../../src/protocol/frontier.ts'
import { chainKey, isBehind } from '../../../src/protocol/frontier.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { Role } from '../../../src/room/sync/reconciliation.ts'
import { chainAt, reconcile, sorted } from '../../support/core-frontiers.ts'
import { SEED } from '../../support/seed.ts'

function frontier(versions: readonly (number | undefined)[]): readonly ChainHeads[] {
  return sorted(
    versions.flatMap((version, number) => (version === undefined ? [] : chainAt(number, version))),
  )
}

/** Chains of one frontier whose heads are others in the other one, or that it lacks. */
function differing(theirs: readonly ChainHeads[], mine: readonly ChainHeads[]): readonly ChainHeads[] {
  const known = new Map(mine.map(chain => [chainKey(chain), chain]))
  return theirs.filter(
    chain => JSON.stringify(known.get(chainKey(chain))?.heads) !== JSON.stringify(chain.heads),
  )
}

/** Exactly those that differ are found, but for some of which the finder merely has more. */
function expectFound(
  found: readonly ChainHeads[],
  theirs: readonly ChainHeads[],
  mine: readonly ChainHeads[],
): void {
  const known = new Map(mine.map(chain => [chainKey(chain), chain]))
  const isNeeded = (chain: ChainHeads): boolean => {
    const own = known.get(chainKey(chain))
    return own === undefined || !isBehind(chain, own)
  }
  const all = differing(theirs, mine)
  expect(sorted(found).filter(isNeeded)).toEqual(all.filter(isNeeded))
  const keys = new Set(all.map(chainKey))
  expect(found.filter(chain => !keys.has(chainKey(chain)))).toEqual([])
  expect(new Set(found.map(chainKey)).size).toBe(found.length)
}

function expectBoth(a: readonly ChainHeads[], b: readonly ChainHeads[], role?: Role): void {
  const { byA, byB } = reconcile(a, b, role)
  expectFound(byA, b, a)
  expectFound(byB, a, b)
}

/** The same chain with another branch beside it. */
function forked(chain: ChainHeads): ChainHeads {
  const [head] = chain.heads
  if (head === undefined) throw new Error('no head')
  const other = {
    seq: head.seq,
    id: `${head.id.slice(0, -1)}${head.id.endsWith('f') ? 'e' : 'f'}` as MessageId,
  }
  return { ...chain, heads: [head, other].sort((x, y) => (x.id < y.id ? -1 : 1)) }
}

describe('two frontiers', () => {
  // mostly equal, as they are among those who talk, or anything
  const version = fc.option(fc.nat(2), { nil: undefined })
  const some = fc.array(fc.record({ a: version, b: version, isEqual: fc.nat(9), isForked: fc.nat(9) }), {
    maxLength: 400,
  })
  const role = fc.constantFrom<Role>('lists', 'tells')

  test('both sides find exactly the chains of which they may miss something', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 10 }), role, (chains, likeness, who) => {
        const a = frontier(chains.map(chain => chain.a))
        const b = frontier(chains.map(chain => (chain.isEqual < likeness ? chain.a : chain.b)))
        const fork = (chain: ChainHeads, index: number) =>
          chains[index]?.isForked === 0 ? forked(chain) : chain
        expectBoth(a, b.map(fork), who)
        expectBoth(a.map(fork), b, who)
      }),
      { seed: SEED, numRuns: 40 },
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
    expectBoth(sorted(chains), sorted(changed))
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
    for (const who of ['lists', 'tells'] as const) {
      const { byA, byB } = reconcile(a, b, who)
      expect([sorted(byA), sorted(byB)]).toEqual([b, a])
    }
  })

  test('who has less need not tell what it merely lacks', () => {
    const versions = Array.from({ length: 2_000 }, (_, number) => number % 20)
    const less = frontier(versions.map(() => 0))
    const more = frontier(versions.map(number => (number === 0 ? 1 : 0)))
    const { byA, byB } = reconcile(less, more, 'lists')
    expect([byA.length, byB.length]).toEqual([100, 0])
    expect(reconcile(more, less, 'tells')).toMatchObject({ byA: { length: 0 }, byB: { length: 100 } })
  })
})

test('traffic grows with the changes and not with the chains', () => {
  const traffic = (chains: number, changes: number) => {
    const versions = Array.from({ length: chains }, (_, number) => (number * changes) % chains < changes)
    const [a, b] = [versions.map(() => 0), versions.map(Number)].map(frontier)
    if (a === undefined || b === undefined) throw new Error('two frontiers')
    return Math.max(reconcile(a, b, 'lists').bytes, reconcile(a, b, 'tells').bytes)
  }
  // listing 10,000 chains takes 900 kB, one way
  expect(traffic(10_000, 100)).toBeLessThan(50_000)
  expect(traffic(10_000, 10)).toBeLessThan(10_000)
  expect(traffic(1_000, 10)).toBeLessThan(6_000)
})
