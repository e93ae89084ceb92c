import { expect, test } from 'vitest'
import { GAP_COUNT, GAP_PATIENCE_MS } from '../../../src/room/policy.ts'
import { Gaps } from '../../../src/room/sync/scheduler.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'

const open = () => false

test('a gap is asked for when it stayed open long enough, of whoever showed it first, once', () => {
  const gaps = new Gaps()
  gaps.add('one', ALICE.author, 0.1, open)
  gaps.add('one', BOB.author, 0.2, open)
  expect([gaps.due(0.1 + GAP_PATIENCE_MS - 0.01), gaps.dueAt()]).toEqual([[], 0.1 + GAP_PATIENCE_MS])
  expect(gaps.due(gaps.dueAt() ?? 0)).toEqual([ALICE.author])
  expect([gaps.due(9_999), gaps.dueAt()]).toEqual([[], undefined])
})

test('one that filled by itself is forgotten', () => {
  const gaps = new Gaps()
  let isFilled = false
  gaps.add('one', ALICE.author, 0, () => isFilled)
  isFilled = true
  expect([gaps.due(1), gaps.dueAt()]).toEqual([[], undefined])
})

test('several that one peer showed are one question', () => {
  const gaps = new Gaps()
  for (const name of ['a', 'b', 'c']) gaps.add(name, ALICE.author, 0, open)
  gaps.add('d', BOB.author, 5, open)
  expect(gaps.due(GAP_PATIENCE_MS)).toEqual([ALICE.author])
  expect(gaps.due(GAP_PATIENCE_MS + 5)).toEqual([BOB.author])
})

test('a bounded number is remembered, the newest', () => {
  const gaps = new Gaps()
  let asked = 0
  for (let index = 0; index < GAP_COUNT + 7; index++) {
    gaps.add(`${index}`, ALICE.author, index, () => {
      asked++
      return false
    })
  }
  expect(gaps.dueAt()).toBe(7 + GAP_PATIENCE_MS)
  gaps.due(1_000_000)
  expect(asked).toBe(GAP_COUNT)
})
