/** A plan that fails is made shorter, whatever its steps are. */
import { expect, test } from 'vitest'
import { withoutAmendments } from './amendment-plan.ts'
import type { Plan, Step } from './plan.ts'
import { planOf } from './planner.ts'
import { shrink } from './shrink.ts'

const PLAN: Plan = {
  ...withoutAmendments(planOf(1)),
  machines: ['ann', 'ben', 'cat', 'dan'].map(name => ({ name, skewMs: 50, begins: 'at once' })),
  villains: 2,
  links: [],
  steps: [
    ...Array.from({ length: 20 }, (_, at): Step => ({ at, kind: 'say', who: at % 4, count: 3, size: 9 })),
    { at: 21, kind: 'amend', who: 3, act: 'edit', nth: 7, emoji: 2 },
    { at: 22, kind: 'amend', who: 1, act: 'delete', nth: 2, emoji: 1 },
    { at: 23, kind: 'deed', villain: 0, deed: 'meddle', victims: [0, 1, 3] },
  ],
}

/** Somebody edits while a villain meddles with the same machine. */
function fails({ steps }: Plan): boolean {
  const edits = steps.flatMap(step => (step.kind === 'amend' && step.act === 'edit' ? step.who : []))
  const meddled = steps.flatMap(step => (step.kind === 'deed' && step.deed === 'meddle' ? step.victims : []))
  return edits.some(who => meddled.includes(who))
}

test('what is done to messages is taken out, or made simpler, as far as it fails without', () => {
  const { machines, villains, steps } = shrink(PLAN, fails, () => false)
  expect([machines.length, villains]).toEqual([2, 1])
  const edit = { at: 21, kind: 'amend', who: 1, act: 'edit', nth: 1, emoji: 0 }
  expect(steps).toMatchObject([edit, { at: 23, kind: 'deed', villain: 0, deed: 'meddle' }])
})

test('a world without what is done to messages is the one that there was before', () => {
  const kinds = new Set(withoutAmendments(planOf(26)).steps.map(step => step.kind))
  expect(kinds.has('amend')).toBe(false)
  expect(planOf(26).steps.some(step => step.kind === 'amend')).toBe(true)
})
