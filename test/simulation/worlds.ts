/** Worlds of many seeds, a batch a test. */
import { describe, expect, test } from 'vitest'
import type { Plan } from './plan.ts'
import { planOf } from './planner.ts'
import { simulate } from './simulate.ts'

/** A batch takes some seconds, and several times that on a busy machine. */
export const DEADLINE_MS = 240_000

const BATCH = 20

/** The seeds in whose worlds something didn't hold, each with what to run to see it. */
export function failures(
  seeds: readonly number[],
  crypto: 'ideal' | 'real' = 'ideal',
  planned: (seed: number) => Plan = planOf,
): readonly string[] {
  return seeds.flatMap(seed => {
    const outcome = simulate(planned(seed), { crypto })
    return outcome.kind === 'broken' ? `npm run sim -- --seed ${seed}: ${outcome.detail}` : []
  })
}

/** Tests that `batches` times twenty worlds hold. */
export function testWorlds(first: number, batches: number): void {
  describe(`worlds from seed ${first} on`, () => {
    for (let batch = 0; batch < batches; batch++) {
      const from = first + batch * BATCH
      test(`hold: ${BATCH} from ${from} on`, { timeout: DEADLINE_MS }, () => {
        expect(failures(Array.from({ length: BATCH }, (_, index) => from + index))).toEqual([])
      })
    }
  })
}
