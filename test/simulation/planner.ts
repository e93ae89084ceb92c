/**
 * Makes the plan of a seed. Not every world has every trouble: each draws some kinds of trouble and how often they
 * come ("swarm testing": Groce et al., ISSTA 2012), since troubles that always come together hide each other.
 */
import { amendmentsOf } from './amendment-plan.ts'
import { Dice } from './dice.ts'
import type { Action, Deed, MachinePlan, Plan, Step, Weather, Who } from './plan.ts'

const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']

/** Longest time of trouble, and its steps: a world takes about a tenth of a second to run. */
const LONGEST_MS = 45_000
const MOST_STEPS = 60

/** How long it is watched whether all is at rest; and in some worlds. */
export const WATCH_MS = 90_000
const LONG_WATCH_MS = 1_800_000

const MOMENTS = ['now', 'before commit', 'after commit', 'amid effects'] as const
const DEEDS: readonly Deed[] = [
  'speak',
  'replay',
  'fork',
  'fork',
  'unprove',
  'unprove',
  'trap',
  'misdate',
  'forge',
  'invent',
  'wrong room',
  'garbage',
  'flood',
  'strangers',
  'orphans',
  'contradict',
  'contradict',
  'segment',
  'segment',
  'exchange',
  'exchange',
]

/** What a kind of trouble does once. */
type Trouble = (scene: Scene) => Action

interface Scene {
  readonly dice: Dice
  readonly machines: number
  readonly villains: number
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  cut: scene => ({ kind: 'cut', ...pair(scene), how: scene.dice.pick(['clean', 'silent']) }),
  link: scene => ({ kind: 'link', ...pair(scene) }),
  flap: scene => ({
    kind: 'flap',
    ...pair(scene),
    times: scene.dice.whole(2, 12),
    everyMs: scene.dice.skewed(5, 2_000),
  }),
  split: scene => ({
    kind: 'split',
    group: scene.dice.some(all(scene)),
    how: scene.dice.pick(['clean', 'silent']),
  }),
  heal: () => ({ kind: 'heal' }),
  deaf: scene => {
    const { a, b } = pair(scene)
    return { kind: 'deaf', from: a, to: b, forMs: scene.dice.skewed(100, 20_000) }
  },
  weather: ({ dice }) => ({ kind: 'weather', weather: weatherOf(dice) }),
  power: scene => ({ kind: 'power', who: one(scene), moment: scene.dice.pick(MOMENTS), downMs: down(scene) }),
  restart: scene => ({ kind: 'restart', who: one(scene), downMs: down(scene) }),
  quit: scene => ({ kind: 'quit', who: one(scene), how: scene.dice.pick(['goodbye', 'power']) }),
  backup: scene => restore(scene, 'backup'),
  machine: scene => restore(scene, 'machine'),
  disk: scene => ({
    kind: 'disk',
    who: one(scene),
    refuses: scene.dice.pick(['commit', 'write']),
    forMs: scene.dice.skewed(1, 10_000),
  }),
  clock: scene => ({ kind: 'clock', who: one(scene), skewMs: skew(scene.dice) }),
  stall: scene => ({ kind: 'stall', who: one(scene), forMs: scene.dice.skewed(50, 30_000) }),
  slow: scene => ({
    kind: 'slow',
    who: one(scene),
    stepMs: scene.dice.skewed(200, 12_000),
    forMs: scene.dice.skewed(1_000, 30_000),
  }),
  'cut sync': scene => ({ kind: 'cut sync', who: one(scene), after: scene.dice.whole(0, 8) }),
  prune: scene => ({ kind: 'prune', who: one(scene), keepBytes: Math.round(scene.dice.skewed(300, 20_000)) }),
  deed: scene => ({
    kind: 'deed',
    villain: scene.dice.whole(0, scene.villains - 1),
    deed: scene.dice.pick(DEEDS),
    victims: scene.dice.some(all(scene)),
  }),
}

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const dice = new Dice(seed, 'plan')
  const count = dice.pick([2, 3, 3, 4, 4, 5, 6])
  const villains = dice.chance(0.35) ? dice.whole(1, 2) : 0
  const machines = NAMES.slice(0, count).map((name, who) => machineOf(dice, name, who))
  const scene = { dice, machines: count, villains }
  const calmAt = dice.whole(4_000, LONGEST_MS)
  const steps = stepsOf(scene, calmAt)
  const amendments = amendmentsOf({ dice: new Dice(seed, 'amendments'), machines: count, villains, calmAt })
  const starts = machines.flatMap((machine, who): Step[] =>
    machine.begins === 'late' ? [{ at: dice.next() * calmAt, kind: 'start', who }] : [],
  )
  return {
    seed,
    machines,
    villains,
    weather: dice.chance(0.5) ? weatherOf(dice) : { loss: 0, duplicates: 0, delayMs: 10, jitterMs: 10 },
    links: linksOf(dice, count),
    steps: [...steps, ...starts, ...amendments].sort((a, b) => a.at - b.at),
    calmAt,
    watchMs: dice.chance(0.02) ? LONG_WATCH_MS : WATCH_MS,
  }
}

function machineOf(dice: Dice, name: string, who: Who): MachinePlan {
  const isLate = who > 1 && dice.chance(0.2)
  return { name, skewMs: dice.chance(0.3) ? skew(dice) : 0, begins: isLate ? 'late' : 'at once' }
}

function stepsOf(scene: Scene, calmAt: number): Step[] {
  const { dice } = scene
  const possible = Object.keys(TROUBLES).filter(name => name !== 'deed' || scene.villains > 0)
  const share = dice.pick([0.1, 0.3, 0.6])
  const troubles = possible.filter(name => (name === 'deed' ? dice.chance(0.9) : dice.chance(share)))
  const trouble = troubles.length === 0 ? 0 : dice.pick([0.1, 0.3, 0.5, 0.7])
  return Array.from({ length: dice.whole(5, MOST_STEPS) }, () => {
    const action = dice.chance(trouble) ? TROUBLES[dice.pick(troubles)]?.(scene) : undefined
    return { at: dice.next() * calmAt, ...(action ?? word(scene)) }
  })
}

/** What there mostly is: somebody says something. */
function word(scene: Scene): Action {
  const { dice } = scene
  if (dice.chance(0.04)) return { kind: 'rename', who: one(scene) }
  const count = dice.chance(0.9) ? dice.whole(1, 3) : dice.whole(4, 120)
  return {
    kind: 'say',
    who: one(scene),
    count,
    size: dice.chance(0.95) ? dice.whole(1, 80) : dice.whole(1_000, 8_000),
  }
}

function weatherOf(dice: Dice): Weather {
  return {
    loss: dice.pick([0, 0.05, 0.2, 0.5]),
    duplicates: dice.pick([0, 0, 0.1]),
    delayMs: dice.skewed(1, 400),
    jitterMs: dice.skewed(1, 2_000),
  }
}

function restore(scene: Scene, of: 'backup' | 'machine'): Action {
  const commits = Math.round(scene.dice.skewed(0, 60))
  return { kind: 'restore', who: one(scene), of, commits, downMs: down(scene) }
}

/** Mostly seconds, at times minutes, either way. */
function skew(dice: Dice): number {
  return Math.round(dice.skewed(100, 600_000) * dice.pick([1, -1]))
}

function down({ dice }: Scene): number {
  return dice.skewed(0, 20_000)
}

function one({ dice, machines }: Scene): Who {
  return dice.whole(0, machines - 1)
}

function pair(scene: Scene): { readonly a: Who; readonly b: Who } {
  const a = one(scene)
  return { a, b: (a + scene.dice.whole(1, scene.machines - 1)) % scene.machines }
}

function all({ machines }: Scene): Who[] {
  return Array.from({ length: machines }, (_, who) => who)
}

/** All pairs, or a ring and a few more. */
function linksOf(dice: Dice, count: number): (readonly [Who, Who])[] {
  const isFull = dice.chance(0.6)
  const pairs: (readonly [Who, Who])[] = []
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const isRing = b === a + 1 || (a === 0 && b === count - 1)
      if (isFull || isRing || dice.chance(0.2)) pairs.push([a, b])
    }
  }
  return pairs
}
