/** A partner in a reconciliation that breaks the rules is noticed, and what it says has an end. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainHeads } from '../../../src/protocol/frontier.ts'
import { chainKey } from '../../../src/protocol/frontier.ts'
import type { Range, RoundPart } from '../../../src/protocol/ranges.ts'
import { boundBetween, END, START } from '../../../src/protocol/ranges.ts'
import type { Reconciliation, Role } from '../../../src/room/sync/reconciliation.ts'
import { MAX_SPLIT } from '../../../src/room/sync/reconciliation.ts'
import { COMPARING, chainAt, reconciliationOf, sorted } from '../../support/core-frontiers.ts'
import { SEED } from '../../support/seed.ts'

const MINE = sorted(Array.from({ length: 200 }, (_, number) => chainAt(number)))
const OTHER = chainAt(7, 1)
const KEY = chainKey(OTHER)
/** Some keys around that of chain 7, and a chain behind them. */
const FROM = boundBetween(START.padEnd(80, '0'), KEY)
const TO = (Number.parseInt(FROM, 16) + 24).toString(16)
const ELSEWHERE = sorted(Array.from({ length: 200 }, (_, number) => chainAt(number, 1))).at(-1) ?? OTHER
const PRINT = '00'.repeat(16)

const last = (fields: Partial<RoundPart>): RoundPart => ({
  ranges: [],
  chains: [],
  requested: [],
  part: 'last',
  ...fields,
})
const print = (bound: string): Range => ({ kind: 'print', bound, print: PRINT })
const settled = (bound: string): Range => ({ kind: 'settled', bound })
const list = (bound: string, ...chains: readonly ChainHeads[]): Range => ({
  kind: 'list',
  bound,
  marks: chains.map(COMPARING.shortHashOf),
})

function replyOf(me: Reconciliation): RoundPart {
  const parts = [...me.reply()]
  return {
    ranges: parts.flatMap(part => part.ranges),
    chains: parts.flatMap(part => part.chains),
    requested: parts.flatMap(part => part.requested),
    part: 'last',
  }
}

describe('at the beginning', () => {
  const wrong: Readonly<Record<string, RoundPart>> = {
    'ranges in no order': last({ ranges: [print('80'), print('70')] }),
    'a range twice': last({ ranges: [print('80'), print('80')] }),
    'something behind the end': last({ ranges: [print(END), settled(END)] }),
    'more ranges than one is divided into': last({
      ranges: Array.from({ length: MAX_SPLIT + 1 }, (_, piece) => print((piece + 16).toString(16))),
    }),
    'a chain that was not asked for': last({ chains: [OTHER] }),
    'a question about nothing': last({ requested: [0] }),
    'a part with nothing, and more to come': last({ part: 'more' }),
  }

  test.each(Object.keys(wrong))('%s', name => {
    expect(reconciliationOf(MINE).take(wrong[name] ?? last({}))).toBe('wrong')
  })

  test('ranges without end', () => {
    const me = reconciliationOf(MINE)
    const turns = Array.from({ length: 100 }, (_, part) =>
      me.take({
        ...last({ part: 'more' }),
        ranges: Array.from({ length: 1_000 }, (_, range) =>
          settled((part * 1_000 + range + 1).toString(16).padStart(8, '0')),
        ),
      }),
    )
    expect(turns.at(0)).toBe('theirs')
    expect(turns.at(-1)).toBe('wrong')
  })
})

/** My side, after a round in which the partner said that it differs in a few chains. */
function differing(role: Role) {
  const me = reconciliationOf(MINE, role)
  expect(me.take(last({ ranges: [settled(FROM), print(TO)] }))).toBe('mine')
  return { me, said: replyOf(me) }
}

describe('after I listed some', () => {
  const listed = () => differing('lists')

  test('they are few, and chain 7 is among them', () => {
    const { said } = listed()
    const range = said.ranges.at(-1)
    if (range?.kind !== 'list') throw new Error('nothing is listed')
    expect(range.marks).toContain(COMPARING.shortHashOf(chainAt(7)))
    expect(range.marks.length).toBeLessThan(64)
  })

  test('a chain that differs is news, and one that was asked for is told, unless mine is merely behind', () => {
    const { me, said } = listed()
    const range = said.ranges.at(-1)
    const marks = range?.kind === 'list' ? range.marks : []
    const seventh = marks.indexOf(COMPARING.shortHashOf(chainAt(7)))
    const requested = [seventh, seventh === 0 ? 1 : seventh - 1].toSorted((x, y) => x - y)
    expect(me.take(last({ chains: [OTHER], requested }))).toBe('mine and over')
    expect(me.theirs).toEqual([OTHER])
    const reply = replyOf(me)
    expect(reply).toMatchObject({ ranges: [], requested: [], chains: { length: 1 } })
    expect(marks.indexOf(COMPARING.shortHashOf(reply.chains[0] ?? OTHER))).toBe(
      requested.find(one => one !== seventh),
    )
    expect(me.sent).toEqual(reply.chains)
  })

  test.each([
    ['a chain as I have it', last({ chains: [chainAt(7)] })],
    ['a chain twice', last({ chains: [OTHER, OTHER] })],
    ['a chain from elsewhere', last({ chains: [ELSEWHERE] })],
    ['a question twice', last({ requested: [0, 0] })],
    ['a question about more than I listed', last({ requested: [200] })],
    ['a range', last({ ranges: [print(END)] })],
    ['a list', last({ ranges: [settled(FROM), list(TO, OTHER)] })],
  ])('%s is wrong', (_, round) => {
    expect(listed().me.take(round)).toBe('wrong')
  })

  test('nothing to be said ends it', () => {
    expect(listed().me.take(last({}))).toBe('over')
    expect(listed().me.take(last({ ranges: [settled(END)] }))).toBe('over')
  })
})

describe('after the partner listed some', () => {
  /** My side has sent the print of a few chains back; the partner lists none of them, and one that I don't know. */
  function told() {
    const { me, said } = differing('tells')
    expect(said.ranges.map(({ kind, bound }) => [kind, bound])).toEqual([
      ['settled', FROM],
      ['print', TO],
    ])
    expect(me.take(last({ ranges: [settled(FROM), list(TO, OTHER)] }))).toBe('mine')
    const reply = replyOf(me)
    expect(reply.requested).toEqual([0])
    expect(reply.chains.map(chainKey)).toContain(KEY)
    return me
  }

  test('what I asked for is news', () => {
    const me = told()
    expect(me.take(last({ chains: [OTHER] }))).toBe('over')
    expect(me.theirs).toEqual([OTHER])
  })

  test('or it may be missing, since it is merely behind mine', () => {
    expect(told().take(last({}))).toBe('over')
  })

  test.each([
    ['a chain as I have it', last({ chains: [chainAt(7)] })],
    ['a chain from elsewhere', last({ chains: [ELSEWHERE] })],
    ['a question', last({ requested: [0] })],
    ['a range', last({ ranges: [print(END)] })],
  ])('%s is wrong', (_, round) => {
    expect(told().take(round)).toBe('wrong')
  })
})

describe('what has no end comes to one', () => {
  test.each(['lists', 'tells'] as const)('where everything is said to differ, for ever (%s)', role => {
    const me = reconciliationOf(MINE, role)
    let ranges: readonly Range[] = [print(END)]
    let rounds = 0
    for (let turn = 'mine'; turn === 'mine' && rounds < 50; rounds++) {
      turn = me.take(last({ ranges }))
      ranges = replyOf(me).ranges.map(range =>
        range.kind === 'print' ? print(range.bound) : settled(range.bound),
      )
    }
    expect(rounds).toBeLessThan(20)
  })

  test('anything at all, which never throws', () => {
    const bound = fc.constantFrom(END, FROM, TO, '40', '80', 'c0', 'ff')
    const chains = fc.array(
      fc.nat(20).map(number => chainAt(number, number % 2)),
      { maxLength: 4 },
    )
    const range: fc.Arbitrary<Range> = fc.oneof(
      fc.tuple(bound).map(([at]) => settled(at)),
      fc.tuple(bound).map(([at]) => print(at)),
      fc.tuple(bound, chains).map(([at, some]) => list(at, ...some)),
    )
    const part = fc.record({
      ranges: fc.array(range, { maxLength: 5 }),
      chains,
      requested: fc.array(fc.nat(9), { maxLength: 3 }),
      part: fc.constantFrom('more' as const, 'last' as const),
    })
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.constantFrom<Role>('lists', 'tells'),
        (parts, role) => {
          const me = reconciliationOf(MINE, role)
          for (const one of parts) if (me.take(one) === 'mine') replyOf(me)
        },
      ),
      { seed: SEED },
    )
  })
})
