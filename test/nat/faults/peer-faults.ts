/** What may happen to one member: its program, its link, its address, its clock. */
import type { Crowd } from '../crowd.ts'
import { setClock } from './clock.ts'
import type { Fault } from './fault.ts'
import { clockOf, VICTIM } from './fault.ts'

const victim = (crowd: Crowd) => crowd.member(VICTIM)
const signal = (name: NodeJS.Signals) => async (crowd: Crowd) => victim(crowd).program.signal(name)
const link = (state: 'up' | 'down') => (crowd: Crowd) => victim(crowd).host.link(state)
const revive = async (crowd: Crowd): Promise<void> => {
  await victim(crowd).start()
  victim(crowd).talk()
}

export const peerFaults: readonly Fault[] = [
  {
    title: 'peer killed, back after 15 s',
    length: 'short',
    setting: 'office',
    noticed: 'left',
    breaks: crowd => victim(crowd).kill(),
    lastsMs: 15_000,
    mends: revive,
  },
  {
    title: 'peer stopped for 8 s',
    length: 'short',
    setting: 'office',
    breaks: signal('SIGSTOP'),
    lastsMs: 8_000,
    mends: signal('SIGCONT'),
  },
  {
    title: 'peer stopped for 30 s',
    length: 'long',
    setting: 'office',
    noticed: 'left',
    breaks: signal('SIGSTOP'),
    lastsMs: 30_000,
    mends: signal('SIGCONT'),
  },
  {
    title: "peer's link down for 5 s",
    length: 'short',
    setting: 'office',
    breaks: link('down'),
    lastsMs: 5_000,
    mends: link('up'),
  },
  {
    title: "peer's link down for 60 s",
    length: 'long',
    setting: 'office',
    noticed: 'left',
    breaks: link('down'),
    lastsMs: 60_000,
    mends: link('up'),
  },
  {
    title: 'peer gets another address',
    length: 'short',
    setting: 'office',
    breaks: crowd => victim(crowd).host.move(crowd.laboratory.nextAddress()),
    lastsMs: 0,
  },
]

const HOUR_S = 3_600
const clock = (seconds: number) => (crowd: Crowd) => setClock(clockOf(crowd.stage, VICTIM), seconds)

/** An hour goes by for everybody, and what had to wait for that is shown. */
const anHourLater = async (crowd: Crowd): Promise<void> => {
  const texts = [...victim(crowd).texts]
  await Promise.all(crowd.members.map(({ name }) => setClock(clockOf(crowd.stage, name), HOUR_S)))
  await Promise.all(crowd.others(VICTIM).map(({ program }) => program.heard(texts)))
}

/** Jumps of one member's clock, which comes back, as it does when a time server is asked. */
export const clockFaults: readonly Fault[] = [
  {
    title: 'clock an hour ahead for 10 s',
    length: 'short',
    setting: 'office',
    clocks: 'settable',
    breaks: clock(HOUR_S),
    lastsMs: 10_000,
    mends: clock(0),
    // what was written ahead is held back until then; what comes after is a chain of its own
    passes: anHourLater,
    chains: 6,
  },
  {
    title: 'clock an hour behind for 10 s',
    length: 'short',
    setting: 'office',
    clocks: 'settable',
    breaks: clock(-HOUR_S),
    lastsMs: 10_000,
    mends: clock(0),
  },
]
