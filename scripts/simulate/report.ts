/** What is to be read about a seed that fails: how, by what shortest plan, and what happened there. */
import type { Plan } from '../../test/simulation/plan.ts'
import { describePlan } from '../../test/simulation/plan.ts'
import { planOf } from '../../test/simulation/planner.ts'
import { shrink } from '../../test/simulation/shrink.ts'
import { simulate } from '../../test/simulation/simulate.ts'

export interface ReportOptions {
  /** How long a shorter plan is looked for, milliseconds. */
  readonly shrinkMs: number
  readonly crypto: 'ideal' | 'real'
  readonly trace: 'whole' | 'end'
}

/** Lines of a trace that are shown of its end. */
const END_LINES = 60

export function reportOf(seed: number, { shrinkMs, crypto, trace }: ReportOptions): string {
  const plan = planOf(seed)
  const first = simulate(plan, { crypto })
  if (first.kind === 'held') return `seed ${seed} holds now: does it depend on anything but its seed?`
  const isSame = (shorter: Plan): boolean => {
    const outcome = simulate(shorter, { crypto })
    return outcome.kind === 'broken' && outcome.invariant === first.invariant
  }
  const until = performance.now() + shrinkMs
  const shortest = shrink(plan, isSame, () => performance.now() > until)
  const last = simulate(shortest, { crypto, tracing: 'kept' })
  const lines = last.kind === 'broken' ? last.trace : []
  return [
    `seed ${seed} breaks "${first.invariant}" after ${Math.round(first.at)} ms: ${first.detail}`,
    `the shortest plan found, ${shortest.steps.length} of ${plan.steps.length} steps:`,
    ...describePlan(shortest),
    `and what happens there${trace === 'end' ? ', its end' : ''}:`,
    ...(trace === 'end' ? lines.slice(-END_LINES) : lines),
    `${last.kind === 'broken' ? last.detail : ''}`,
    `To see it again: npm run sim -- --seed ${seed}`,
  ].join('\n')
}
