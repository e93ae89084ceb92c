/**
 * A plan: everything that is going to happen in one simulated world, as data. Who takes part, what the network is
 * like, and a list of steps at fixed virtual times. A plan can be printed, kept and shortened: a step that is taken
 * out leaves the others where they are. All times are milliseconds.
 */

/** Number of a machine or a villain in the plan. */
export type Who = number

export interface MachinePlan {
  readonly name: string
  /** By how much its wall clock is ahead. */
  readonly skewMs: number
  /** `late`: off until a `start` step. */
  readonly begins: 'at once' | 'late'
}

export interface Weather {
  /** How likely a gossip frame is lost on a link, 0 to 1. */
  readonly loss: number
  /** How likely it comes twice, the second time much later. */
  readonly duplicates: number
  /** A frame or a step of an exchange takes from this… */
  readonly delayMs: number
  /** …to this much more: frames overtake each other. */
  readonly jitterMs: number
}

/** When exactly the power fails. */
export type Moment = 'now' | 'before commit' | 'after commit' | 'amid effects'

export type Deed =
  | 'speak'
  | 'replay'
  | 'fork'
  | 'unprove'
  | 'trap'
  | 'misdate'
  | 'forge'
  | 'invent'
  | 'wrong room'
  | 'garbage'
  | 'flood'
  | 'strangers'
  | 'orphans'
  | 'contradict'
  | 'segment'
  | 'exchange'
  | 'meddle'

export type Action =
  | { readonly kind: 'say'; readonly who: Who; readonly count: number; readonly size: number }
  | { readonly kind: 'rename'; readonly who: Who }
  /** Somebody answers, changes, or reacts to, the nth newest message that he sees (of his own, for changes). */
  | {
      readonly kind: 'amend'
      readonly who: Who
      readonly act: 'reply' | 'edit' | 'delete' | 'react'
      readonly nth: number
      readonly emoji: number
    }
  | { readonly kind: 'start'; readonly who: Who }
  /** The link breaks; `silent`: neither side notices for a while. */
  | { readonly kind: 'cut'; readonly a: Who; readonly b: Who; readonly how: 'clean' | 'silent' }
  | { readonly kind: 'link'; readonly a: Who; readonly b: Who }
  | {
      readonly kind: 'flap'
      readonly a: Who
      readonly b: Who
      readonly times: number
      readonly everyMs: number
    }
  /** These on one side, all others on the other one. */
  | { readonly kind: 'split'; readonly group: readonly Who[]; readonly how: 'clean' | 'silent' }
  | { readonly kind: 'heal' }
  /** Nothing that `from` sends reaches `to`, but the other way all is well. */
  | { readonly kind: 'deaf'; readonly from: Who; readonly to: Who; readonly forMs: number }
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'power'; readonly who: Who; readonly moment: Moment; readonly downMs: number }
  | { readonly kind: 'restart'; readonly who: Who; readonly downMs: number }
  | { readonly kind: 'quit'; readonly who: Who; readonly how: 'goodbye' | 'power' }
  /** The disk goes back to what it was `commits` commits ago. `backup`: the store notices; `machine`: nothing does. */
  | {
      readonly kind: 'restore'
      readonly who: Who
      readonly of: 'backup' | 'machine'
      readonly commits: number
      readonly downMs: number
    }
  | { readonly kind: 'disk'; readonly who: Who; readonly refuses: 'commit' | 'write'; readonly forMs: number }
  /** Its wall clock jumps to this much ahead. */
  | { readonly kind: 'clock'; readonly who: Who; readonly skewMs: number }
  /** The process stands still, and goes on. */
  | { readonly kind: 'stall'; readonly who: Who; readonly forMs: number }
  /** Exchanges with it take this long a step. */
  | { readonly kind: 'slow'; readonly who: Who; readonly stepMs: number; readonly forMs: number }
  /** The next exchange that it begins or is asked for breaks off after so many steps. */
  | { readonly kind: 'cut sync'; readonly who: Who; readonly after: number }
  /** Only the newest bytes are kept. */
  | { readonly kind: 'prune'; readonly who: Who; readonly keepBytes: number }
  | { readonly kind: 'deed'; readonly villain: Who; readonly deed: Deed; readonly victims: readonly Who[] }

export type Step = { readonly at: number } & Action

export interface Plan {
  readonly seed: number
  readonly machines: readonly MachinePlan[]
  /** How many villains there are. */
  readonly villains: number
  readonly weather: Weather
  /** Who can be connected: all pairs, or a ring and some more. */
  readonly links: readonly (readonly [Who, Who])[]
  readonly steps: readonly Step[]
  /** From then on nothing bad happens any more. */
  readonly calmAt: number
  /** How long it is watched, after all has converged, that it stays at rest. */
  readonly watchMs: number
}

/** One line for each step, as it can be read. */
export function describePlan(plan: Plan): string[] {
  const { machines, villains, weather, links, calmAt } = plan
  const names = machines.map(({ name, skewMs, begins }) => `${name} (${skewMs} ms, ${begins})`)
  return [
    `seed ${plan.seed}: ${names.join(', ')}; ${villains} villains; ${JSON.stringify(weather)}`,
    `links ${links.map(pair => pair.join('-')).join(' ')}; calm at ${Math.round(calmAt)}`,
    ...plan.steps.map(
      ({ at, kind, ...rest }) => `  ${String(Math.round(at)).padStart(6)} ${kind} ${JSON.stringify(rest)}`,
    ),
  ]
}
