/**
 * Makes a plan that fails shorter as long as it fails in the same way: delta debugging (Zeller and Hildebrandt, 2002)
 * over its steps, then everything else about it that can be simpler.
 */
import type { MachinePlan, Plan, Step, Who } from './plan.ts'
import { WATCH_MS } from './planner.ts'

/** True if a plan still fails as it did. */
export type StillFails = (plan: Plan) => boolean

/** The shortest plan found before `isTimeUp`. */
export function shrink(plan: Plan, stillFails: StillFails, isTimeUp: () => boolean): Plan {
  let best = plan
  for (;;) {
    const shorter = simplify(withFewerSteps(best, stillFails, isTimeUp), stillFails, isTimeUp)
    if (isTimeUp() || weightOf(shorter) >= weightOf(best)) return shorter
    best = shorter
  }
}

/** Takes out halves of the steps, then quarters, and so on down to single ones. */
function withFewerSteps(plan: Plan, stillFails: StillFails, isTimeUp: () => boolean): Plan {
  let best = plan
  let size = Math.ceil(plan.steps.length / 2)
  while (size >= 1 && !isTimeUp()) {
    let from = 0
    while (from < best.steps.length && !isTimeUp()) {
      const shorter = { ...best, steps: best.steps.toSpliced(from, size) }
      if (stillFails(shorter)) best = shorter
      else from += size
    }
    if (size === 1) break
    size = Math.ceil(size / 2)
  }
  return best
}

function simplify(plan: Plan, stillFails: StillFails, isTimeUp: () => boolean): Plan {
  let best = plan
  for (const candidate of candidates) {
    for (let index = 0; ; index++) {
      if (isTimeUp()) return best
      const simpler = candidate(best, index)
      if (simpler === 'none left') break
      if (simpler !== 'no use' && stillFails(simpler)) best = simpler
    }
  }
  return best
}

/** Something simpler about a plan, the one with this number; each kind has as many as there are things to simplify. */
type Candidate = (plan: Plan, index: number) => Plan | 'no use' | 'none left'

const KIND_WEATHER = { loss: 0, duplicates: 0, delayMs: 10, jitterMs: 0 }

const candidates: readonly Candidate[] = [
  (plan, index) => (index < plan.machines.length ? withoutMachine(plan, index) : 'none left'),
  (plan, index) => once(index, plan.villains > 0 && withoutVillain(plan)),
  (plan, index) => once(index, { ...plan, weather: KIND_WEATHER }),
  (plan, index) => onMachine(plan, index, machine => machine.skewMs !== 0 && { ...machine, skewMs: 0 }),
  (plan, index) =>
    onMachine(plan, index, machine => machine.begins === 'late' && { ...machine, begins: 'at once' }),
  (plan, index) => onStep(plan, index, simplerStep),
  (plan, index) => once(index, { ...plan, calmAt: Math.max(0, ...plan.steps.map(step => step.at)) + 1 }),
  (plan, index) => once(index, plan.watchMs > WATCH_MS && { ...plan, watchMs: WATCH_MS }),
]

function once(index: number, plan: Plan | false): ReturnType<Candidate> {
  if (index > 0) return 'none left'
  return plan === false ? 'no use' : plan
}

function onMachine(
  plan: Plan,
  index: number,
  change: (machine: MachinePlan) => MachinePlan | false,
): ReturnType<Candidate> {
  const machine = plan.machines[index]
  if (machine === undefined) return 'none left'
  const simpler = change(machine)
  return simpler === false ? 'no use' : { ...plan, machines: plan.machines.with(index, simpler) }
}

function onStep(plan: Plan, index: number, change: (step: Step) => Step | false): ReturnType<Candidate> {
  const step = plan.steps[index]
  if (step === undefined) return 'none left'
  const simpler = change(step)
  return simpler === false ? 'no use' : { ...plan, steps: plan.steps.with(index, simpler) }
}

function simplerStep(step: Step): Step | false {
  switch (step.kind) {
    case 'say':
      return step.count + step.size > 2 && { ...step, count: 1, size: 1 }
    case 'amend':
      return step.nth + step.emoji > 1 && { ...step, nth: 1, emoji: 0 }
    case 'cut':
    case 'split':
      return step.how === 'silent' && { ...step, how: 'clean' }
    case 'power':
      return step.moment !== 'now' && { ...step, moment: 'now' }
    case 'deed':
      return step.victims.length > 1 && { ...step, victims: step.victims.slice(0, 1) }
    default:
      return false
  }
}

/** Two are the least that a world has. */
function withoutMachine(plan: Plan, gone: Who): Plan | 'no use' {
  if (plan.machines.length <= 2) return 'no use'
  const number = (who: Who): Who => (who > gone ? who - 1 : who)
  const steps = plan.steps.flatMap(step => (concerns(step, gone) ? [] : renumber(step, gone, number)))
  const links = plan.links.flatMap(([a, b]) =>
    a === gone || b === gone ? [] : [[number(a), number(b)] as const],
  )
  return { ...plan, machines: plan.machines.toSpliced(gone, 1), steps, links }
}

function concerns(step: Step, who: Who): boolean {
  if ('who' in step) return step.who === who
  if ('a' in step) return step.a === who || step.b === who
  return 'from' in step && (step.from === who || step.to === who)
}

function renumber(step: Step, gone: Who, number: (who: Who) => Who): Step {
  const others = (group: readonly Who[]): Who[] => group.filter(who => who !== gone).map(number)
  if ('who' in step) return { ...step, who: number(step.who) }
  if ('a' in step) return { ...step, a: number(step.a), b: number(step.b) }
  if ('from' in step) return { ...step, from: number(step.from), to: number(step.to) }
  if ('group' in step) return { ...step, group: others(step.group) }
  return 'victims' in step ? { ...step, victims: others(step.victims) } : step
}

function withoutVillain(plan: Plan): Plan {
  const villains = plan.villains - 1
  return {
    ...plan,
    villains,
    steps: plan.steps.filter(step => step.kind !== 'deed' || step.villain < villains),
  }
}

function weightOf({ steps, machines, villains }: Plan): number {
  return steps.length + machines.length + villains
}
