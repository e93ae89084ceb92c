/** What is planned to be done to messages, by users and by villains: see planner.ts. */
import { MAX_REACTIONS_PER_AUTHOR } from '../../src/protocol/limits.ts'
import type { Dice } from './dice.ts'
import type { Action, Plan, Step } from './plan.ts'

export interface AmendmentScene {
  readonly dice: Dice
  readonly machines: number
  readonly villains: number
  readonly calmAt: number
}

/** How many changes of messages a world has at most, and how many reactions: more of one author don't count. */
const MOST_AMENDMENTS = 40
const MOST_REACTIONS = MAX_REACTIONS_PER_AUTHOR
const ACTS = ['reply', 'edit', 'edit', 'delete', 'react', 'react'] as const

/**
 * What is done to messages, in most worlds. It has dice of its own, so that the rest of a world is as it is without. It
 * comes in bursts at times, so that several change the same message before they hear of each other.
 */
export function amendmentsOf(scene: AmendmentScene): Step[] {
  const { dice, calmAt } = scene
  if (dice.chance(0.3)) return []
  const meddling = scene.villains > 0 ? dice.pick([0, 0.1, 0.3]) : 0
  const acts = dice.pick([ACTS, ACTS, ['edit', 'delete'], ['react', 'edit']] as const)
  const farthest = dice.pick([1, 3, 12])
  const together = dice.pick([0, 0.5, 0.9])
  let at = 0
  let reactions = 0
  return Array.from({ length: dice.whole(1, MOST_AMENDMENTS) }, (): Step => {
    at = dice.chance(together) ? Math.min(calmAt - 1, at + dice.skewed(0, 300)) : dice.next() * calmAt
    if (dice.chance(meddling)) return { at, ...meddle(scene) }
    const drawn = dice.pick(acts)
    const act = drawn === 'react' && ++reactions > MOST_REACTIONS ? 'reply' : drawn
    return {
      at,
      kind: 'amend',
      who: dice.whole(0, scene.machines - 1),
      act,
      nth: dice.whole(1, farthest),
      emoji: dice.whole(0, 2),
    }
  })
}

function meddle({ dice, machines, villains }: AmendmentScene): Action {
  const all = Array.from({ length: machines }, (_, who) => who)
  return {
    kind: 'deed',
    villain: dice.whole(0, villains - 1),
    deed: 'meddle',
    victims: dice.some(all),
  }
}

/** The same plan without what users and villains do to messages: what it was before they did. */
export function withoutAmendments(plan: Plan): Plan {
  const steps = plan.steps.filter(
    step => step.kind !== 'amend' && !(step.kind === 'deed' && step.deed === 'meddle'),
  )
  return { ...plan, steps }
}
