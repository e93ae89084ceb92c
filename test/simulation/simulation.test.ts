/**
 * Worlds of many seeds, each with its own troubles (docs/simulation.md): the same ones each time, so that a change is
 * judged by what it changes. `npm run sim` looks into others, as does `SEED=… npm test`; a seed that fails is read with
 * `npm run sim -- --seed N`.
 */
import { describe, expect, test } from 'vitest'
import { withoutAmendments } from './amendment-plan.ts'
import type { Plan } from './plan.ts'
import { planOf } from './planner.ts'
import { REGRESSIONS } from './regressions.ts'
import { simulate } from './simulate.ts'

/** As many as take some seconds; `npm run sim` runs more. */
const SEEDS = 300
const BATCH = 20
const SEED = Number(process.env['SEED'] ?? 1)
/** A few with real signatures, which cost thirty times as much. */
const REAL_SEEDS = 2
/** A batch takes some seconds, and several times that on a busy machine. */
const DEADLINE_MS = 240_000

function failures(
  seeds: readonly number[],
  crypto: 'ideal' | 'real' = 'ideal',
  planned: (seed: number) => Plan = planOf,
): readonly string[] {
  return seeds.flatMap(seed => {
    const outcome = simulate(planned(seed), { crypto })
    return outcome.kind === 'broken' ? `npm run sim -- --seed ${seed}: ${outcome.detail}` : []
  })
}

describe(`worlds from seed ${SEED} on`, () => {
  for (let batch = 0; batch < SEEDS / BATCH; batch++) {
    const from = SEED + batch * BATCH
    test(`hold: ${BATCH} from ${from} on`, { timeout: DEADLINE_MS }, () => {
      expect(failures(Array.from({ length: BATCH }, (_, index) => from + index))).toEqual([])
    })
  }

  test('hold with real signatures', { timeout: DEADLINE_MS }, () => {
    expect(
      failures(
        Array.from({ length: REAL_SEEDS }, (_, index) => SEED + index),
        'real',
      ),
    ).toEqual([])
  })
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
