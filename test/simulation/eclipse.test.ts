/**
 * Worlds in which somebody comes, or comes back, while he can reach only one who let most of it go: what he begins late
 * then must be whole in the end, since others have it.
 */
import { expect, test } from 'vitest'
import { SEED } from '../support/seed.ts'
import { Dice } from './dice.ts'
import type { Plan, Step, Who } from './plan.ts'
import { simulate } from './simulate.ts'

const WORLDS = 24
const DEADLINE_MS = 240_000

const [ANN, BEN, CAT, DAN] = [0, 1, 2, 3] as const
const NAMES = ['ann', 'ben', 'cat', 'dan'] as const
/** Until then everybody talks; then cat lets go what is old, and is alone with dan. */
const PARTED_AT = 15_000

/** Words of these, somewhere between two times. */
function words(dice: Dice, count: number, who: readonly Who[], from: number, to: number): readonly Step[] {
  return Array.from({ length: count }, () => ({
    at: from + dice.next() * (to - from),
    kind: 'say',
    who: dice.pick(who),
    count: dice.pick([1, 1, 3, 40]),
    size: dice.whole(1, 80),
  }))
}

function planOf(seed: number): Plan {
  const dice = new Dice(seed, 'eclipse')
  const healedAt = PARTED_AT + 1_500 + dice.skewed(10_000, 30_000)
  const isBack = dice.chance(0.5)
  const dan: readonly Step[] = isBack
    ? [{ at: dice.next() * 8_000, kind: 'power', who: DAN, moment: 'now', downMs: PARTED_AT }]
    : [{ at: PARTED_AT + 1_000, kind: 'start', who: DAN }]
  const steps: readonly Step[] = [
    ...words(dice, 15, [ANN, BEN, CAT], 0, PARTED_AT - 2_000),
    { at: PARTED_AT - 500, kind: 'prune', who: CAT, keepBytes: Math.round(dice.skewed(300, 9_000)) },
    { at: PARTED_AT, kind: 'split', group: [CAT, DAN], how: 'clean' },
    ...dan,
    ...words(dice, 10, [ANN, BEN, CAT], PARTED_AT, healedAt + 5_000),
    { at: healedAt, kind: 'heal' },
    ...(dice.chance(0.3) ? [{ at: healedAt + 3_000, kind: 'cut sync', who: DAN, after: 9 } as const] : []),
  ]
  const villains = dice.chance(0.3) ? 1 : 0
  const deeds = Array.from({ length: villains * 5 }, (): Step => {
    const at = dice.next() * healedAt
    return { at, kind: 'deed', villain: 0, deed: 'exchange', victims: [DAN] }
  })
  return {
    seed,
    machines: NAMES.map((name, who) => ({
      name,
      skewMs: 0,
      begins: who === DAN && !isBack ? 'late' : 'at once',
    })),
    villains,
    weather: { loss: 0, duplicates: 0, delayMs: dice.skewed(1, 200), jitterMs: dice.skewed(1, 500) },
    links: NAMES.flatMap((_, a) => NAMES.slice(0, a).map((_, b) => [b, a] as const)),
    steps: [...steps, ...deeds].sort((a, b) => a.at - b.at),
    calmAt: healedAt + 6_000,
    watchMs: 90_000,
  }
}

test(`who was alone with one who had let it go has everything in the end (SEED=${SEED})`, {
  timeout: DEADLINE_MS,
}, () => {
  const broken = Array.from({ length: WORLDS }, (_, index) => SEED + index).flatMap(seed => {
    const outcome = simulate(planOf(seed))
    return outcome.kind === 'broken' ? `${seed}: ${outcome.invariant}: ${outcome.detail}` : []
  })
  expect(broken).toEqual([])
})
