/** Runs a plan from its beginning to its verdict. */
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import { EPOCH } from '../support/core-world.ts'
import { keysOf } from './keys.ts'
import type { Plan } from './plan.ts'
import { Broken } from './trace.ts'
import { check, cutChains, difference } from './verdict.ts'
import { World } from './world.ts'

export type Outcome =
  | {
      readonly kind: 'held'
      readonly virtualMs: number
      readonly messages: number
      readonly exchanges: number
    }
  | {
      readonly kind: 'broken'
      readonly invariant: string
      readonly detail: string
      readonly at: number
      readonly trace: readonly string[]
    }

/** How long it may take until all is well again, once no message is ahead of anybody's clock. */
const CONVERGE_MS = 240_000
/** How often it is looked. */
const LOOK_MS = 2_000
/** How long after all hold the same the last receipts and beacons may take. */
const SETTLE_MS = 40_000
/** How long after that exchanges may still be going on, for what never can be resolved. */
const REST_MS = 30_000
/**
 * What exchanges each may have when all is at rest: hardly any, but whoever doesn't answer is asked now and then, as is
 * whoever can't come to hold the same (see cutChains). Each villain is one who doesn't answer, and may begin with that
 * anew while it is watched: whoever was expelled comes back. What is asked for in vain comes on top (see asksInVain).
 */
const EXCHANGES_AN_HOUR = { 'among friends': 30, 'with a villain': 240, apart: 720 } as const
/** What is further ahead than this is never taken in. */
const FOR_EVER_MS = 3_600_000

export function simulate(
  plan: Plan,
  options: {
    readonly tracing?: 'kept' | 'off'
    readonly crypto?: 'ideal' | 'real'
    /** Is given the world before it begins. */
    readonly onWorld?: (world: World) => void
  } = {},
): Outcome {
  const world = new World(plan, keysOf(options.crypto ?? 'ideal'), options.tracing ?? 'off')
  options.onWorld?.(world)
  try {
    world.run(plan.calmAt)
    world.calm()
    converge(world)
    check(world)
    rest(world)
    check(world)
    const messages = world.witness.written.size
    return { kind: 'held', virtualMs: world.now, messages, exchanges: world.exchanges.begun.length }
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    const { invariant, message } = error
    return { kind: 'broken', invariant, detail: message, at: world.now, trace: world.trace.lines }
  }
}

/** Until everybody holds the same, and some more. */
function converge(world: World): void {
  world.run(Math.max(world.now, ripeAt(world)))
  const deadline = world.now + CONVERGE_MS
  let last: string | undefined
  do {
    if (world.now >= deadline) throw new Broken('converges', last ?? '')
    world.run(world.now + LOOK_MS)
    last = difference(world)
  } while (last !== undefined)
  world.run(world.now + SETTLE_MS)
  const parted = difference(world)
  if (parted !== undefined) throw new Broken('stays converged', parted)
}

/** When no message is held back by anybody any more for being ahead of its clock; but for those that are for ever. */
function ripeAt(world: World): number {
  const behind = Math.min(0, ...world.alive.map(machine => machine.skewMs))
  const written = [...world.witness.written.values(), ...world.villains.flatMap(villain => villain.own)]
  const times = [...written.map(({ ts }) => ts), ...world.villains.flatMap(villain => villain.times)]
  const ahead = times.map(ts => ts - EPOCH).filter(ms => ms < FOR_EVER_MS)
  return Math.max(0, ...ahead) - MAX_FUTURE_MS - behind
}

/** Nobody asks anybody any more, or hardly ever. */
function rest(world: World): void {
  world.run(world.now + REST_MS)
  const before = world.exchanges.begun.length
  const { watchMs } = world.plan
  world.run(world.now + watchMs)
  const begun = world.exchanges.begun.slice(before)
  const isApart = cutChains(world).size > 0
  for (const kind of ['among friends', 'with a villain'] as const) {
    const some = begun.filter(one => one.kind === kind)
    const anHour = EXCHANGES_AN_HOUR[isApart ? 'apart' : kind]
    const pairs = world.alive.length * (kind === 'with a villain' ? world.villains.length : 1)
    const most = Math.ceil((anHour * pairs * watchMs) / 3_600_000)
    const allowed = most + asksInVain(world, kind)
    if (some.length <= allowed) continue
    const between = [...new Set(some.map(one => one.between))].join(', ')
    throw new Broken('comes to rest', `${some.length} exchanges in ${watchMs} ms: ${between}`)
  }
}

/**
 * How often those who lack the beginning of a chain may ask for it while they are watched: each of them everybody for
 * each such chain, after waits that double. They began before all held the same.
 */
function asksInVain({ alive, villains, plan }: World, kind: 'among friends' | 'with a villain'): number {
  const lacks = alive.flatMap(({ disk }) => [...disk.chains()].filter(chain => chain.lacksFrom !== undefined))
  const partners = kind === 'among friends' ? alive.length - 1 : villains.length
  const sinceMs = SETTLE_MS + REST_MS
  return lacks.length * partners * (1 + Math.ceil(Math.log2((sinceMs + plan.watchMs) / sinceMs)))
}
