/**
 * Worlds of some seeds, each with its own troubles (docs/simulation.md); those of `more-worlds.test.ts` are run at the
 * same time. `npm run sim` looks into others; a seed that fails is read with `npm run sim -- --seed N`.
 */
import { describe, expect, test } from 'vitest'
import { SEED } from '../support/seed.ts'
import { withoutAmendments } from './amendment-plan.ts'
import type { Plan } from './plan.ts'
import { planOf } from './planner.ts'
import { REGRESSIONS } from './regressions.ts'
import { simulate } from './simulate.ts'
import { DEADLINE_MS, failures, testWorlds } from './worlds.ts'

/** A few with real signatures, which cost thirty times as much. */
const REAL_SEEDS = 2

testWorlds(SEED, 5)

test('worlds hold with real signatures', { timeout: DEADLINE_MS }, () => {
  expect(
    failures(
      Array.from({ length: REAL_SEEDS }, (_, index) => SEED + index),
      'real',
    ),
  ).toEqual([])
})

describe('a seed that is kept', () => {
  test.each(REGRESSIONS)('$seed: $why', { timeout: DEADLINE_MS }, ({ seed, world }) => {
    const planned = (one: number): Plan => (world === 'said' ? withoutAmendments(planOf(one)) : planOf(one))
    expect(failures([seed], 'ideal', planned)).toEqual([])
  })
})

test('a world depends on nothing but its seed', () => {
  const outcomes = [1, 2].map(() => simulate(planOf(3)))
  expect(outcomes[0]).toEqual(outcomes[1])
})
