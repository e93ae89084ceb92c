/** What may break, how it is broken and mended, and who should notice. */
import { setTimeout as pass } from 'node:timers/promises'
import type { Stage } from '../../support/process-stage.ts'
import type { MemberName, Setting } from '../crowd.ts'
import { Crowd } from '../crowd.ts'
import { faked } from './clock.ts'

/** `short` ones are for every change, `long` ones for the page of figures. */
export type Length = 'short' | 'long'

export interface Fault {
  readonly title: string
  readonly length: Length
  readonly setting: Setting
  /** That clocks have to be set. */
  readonly clocks?: 'settable'
  /** What happens when all is well again, before everyone leaves. */
  readonly passes?: (crowd: Crowd) => Promise<void>
  /** Chains in the log in the end. @default one for each member */
  readonly chains?: number
  /** Who comes only when it is prepared. */
  readonly absent?: MemberName
  /** What others should be told of: the loss of a member, or of the helper. None: nobody needs to notice. */
  readonly noticed?: 'left' | 'helper'
  /** What has to happen just before. */
  readonly prepares?: (crowd: Crowd) => Promise<void>
  readonly breaks: (crowd: Crowd) => Promise<void>
  /** How long it stays broken. */
  readonly lastsMs: number
  readonly mends?: (crowd: Crowd) => Promise<void>
}

export interface Outcome {
  /** From the break until the first and the last of those who noticed were told. */
  readonly noticedMs: readonly [number, number] | undefined
  /** From the mending until everyone was shown something that everyone else said after it. */
  readonly recoveredMs: number
  /** The same for the helper, where that was broken. */
  readonly helperBackMs: number | undefined
  /** How often anybody was told that somebody is lost who wasn't. */
  readonly wronglyLost: number
  /** That each member has in the end. */
  readonly messages: number
}

/** How long everyone talks undisturbed before. */
const CALM_MS = 2_000

/** Whom it happens to, when it happens to one. */
export const VICTIM = 'cat'

/** The file by which a member's clock is set. */
export function clockOf(stage: Stage, name: string): string {
  return stage.path(`clock of ${name}`)
}

/** A crowd for it to happen to. */
export function crowdFor({ setting, clocks }: Fault): Promise<Crowd> {
  if (clocks === undefined) return Crowd.open({ setting })
  return Crowd.open({ setting, env: (name, stage) => faked(clockOf(stage, name)) })
}

/** Breaks and mends it in a talking crowd. Everything that must hold is checked; the figures are returned. */
export async function suffer(crowd: Crowd, fault: Fault): Promise<Outcome> {
  const present = crowd.members.filter(({ name }) => name !== fault.absent)
  await crowd.gather(present)
  for (const member of present) member.talk()
  // time with traffic is what is arranged here: nothing happens in it that one could wait for
  await pass(CALM_MS)
  await fault.prepares?.(crowd)
  const brokenMs = performance.now()
  await fault.breaks(crowd)
  await pass(fault.lastsMs)
  await fault.mends?.(crowd)
  const mendedMs = performance.now()
  const recoveredMs = await crowd.recovered(mendedMs)
  const helperBackMs = fault.noticed === 'helper' ? await crowd.helperBack(mendedMs) : undefined
  await fault.passes?.(crowd)
  const messages = await crowd.end(fault.chains)
  const noticedMs = noticedOf(crowd, fault, brokenMs, mendedMs)
  // who was really gone may be told to be until it is heard again
  const honestMs = fault.noticed === 'left' ? mendedMs + recoveredMs : brokenMs
  return { noticedMs, recoveredMs, helperBackMs, wronglyLost: lost(crowd, honestMs).length, messages }
}

/** Until the first and the last were told of it, while it was broken. */
function noticedOf(
  crowd: Crowd,
  { noticed }: Fault,
  brokenMs: number,
  mendedMs: number,
): Outcome['noticedMs'] {
  if (noticed === undefined) return undefined
  const entries = noticed === 'left' ? lost(crowd, brokenMs) : lostHelpers(crowd, brokenMs)
  const times = entries.filter(({ atMs }) => atMs < mendedMs).map(({ atMs }) => atMs - brokenMs)
  return times.length === 0 ? undefined : [Math.min(...times), Math.max(...times)]
}

function lost(crowd: Crowd, sinceMs: number) {
  return crowd.diary.since('left', sinceMs).filter(({ event }) => event.reason === 'lost')
}

function lostHelpers(crowd: Crowd, sinceMs: number) {
  return crowd.diary.since('helper', sinceMs).filter(({ event }) => event.state === 'lost')
}
