/** The fault matrix: every fault that a room has to survive. */
import type { Crowd } from '../crowd.ts'
import { setClock } from './clock.ts'
import { clockOf, type Fault, VICTIM } from './fault.ts'

const victim = (crowd: Crowd) => crowd.member(VICTIM)
const signal = (name: NodeJS.Signals) => async (crowd: Crowd) => victim(crowd).program.signal(name)
const link = (state: 'up' | 'down') => (crowd: Crowd) => victim(crowd).host.link(state)
const revive = async (crowd: Crowd): Promise<void> => {
  await victim(crowd).start()
  victim(crowd).talk()
}
const lose = (lossPercent: number) => (crowd: Crowd) => crowd.laboratory.street.set({ lossPercent })
const cut = (crowd: Crowd) =>
  crowd.laboratory.street.set({
    cuts: [
      [
        ['ann', 'ben', 'helper'],
        ['cat', 'dan', 'eve'],
      ],
    ],
  })
const heal = (crowd: Crowd) => crowd.laboratory.street.set({ cuts: [] })

const helperFaults: readonly Fault[] = [
  {
    title: 'helper killed, back after 5 s',
    length: 'short',
    setting: 'office',
    noticed: 'helper',
    breaks: crowd => crowd.killHelper(),
    lastsMs: 5_000,
    mends: crowd => crowd.startHelper(),
  },
  {
    title: 'helper killed, back after 60 s',
    length: 'long',
    setting: 'office',
    noticed: 'helper',
    breaks: crowd => crowd.killHelper(),
    lastsMs: 60_000,
    mends: crowd => crowd.startHelper(),
  },
  {
    title: 'helper unplugged for 20 s',
    length: 'short',
    setting: 'office',
    noticed: 'helper',
    breaks: crowd => crowd.helperHost.link('down'),
    lastsMs: 20_000,
    mends: crowd => crowd.helperHost.link('up'),
  },
  {
    title: 'helper killed, back after 5 s with another address',
    length: 'short',
    setting: 'office',
    noticed: 'helper',
    breaks: crowd => crowd.killHelper(),
    lastsMs: 5_000,
    mends: async crowd => {
      await crowd.moveHelper()
      await crowd.startHelper()
    },
  },
]

const peerFaults: readonly Fault[] = [
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

const networkFaults: readonly Fault[] = [
  {
    title: 'split in 2 and 3 for 20 s',
    length: 'short',
    setting: 'office',
    noticed: 'left',
    breaks: cut,
    lastsMs: 20_000,
    mends: heal,
  },
  {
    title: 'split in 2 and 3 for 60 s',
    length: 'long',
    setting: 'office',
    noticed: 'left',
    breaks: cut,
    lastsMs: 60_000,
    mends: heal,
  },
  {
    title: '30 % loss for 10 s',
    length: 'short',
    setting: 'office',
    breaks: lose(30),
    lastsMs: 10_000,
    mends: lose(0),
  },
  {
    title: '30 % loss for 60 s',
    length: 'long',
    setting: 'office',
    breaks: lose(30),
    lastsMs: 60_000,
    mends: lose(0),
  },
  {
    title: 'all routers dark for 5 s, back with other addresses',
    length: 'short',
    setting: 'homes',
    breaks: async crowd => {
      await Promise.all(crowd.routers.map(router => router.powerOff()))
    },
    lastsMs: 5_000,
    mends: async crowd => {
      await Promise.all(crowd.routers.map(router => router.powerOn(crowd.laboratory.nextAddress())))
    },
  },
]

/** Who comes late, from behind a router, and is on the way to a direct path when the helper dies. */
const LATE = 'eve'
const PUNCH_MS = 60_000

/** Starts the late one; resolves when it is told of such a path to somebody behind another router. */
const lateUntil = (path: 'relayed' | 'direct') => async (crowd: Crowd) => {
  const late = crowd.member(LATE)
  await late.start()
  late.talk()
  const { peer: publicPeer } = await crowd.member('ann').program.next({ type: 'ready' })
  const look = () => {
    const told = crowd.diary
      .since('path', 0)
      .filter(({ by, event }) => by === LATE && event.peer !== publicPeer)
    return told.find(({ event }) => event.path === path)
  }
  await crowd.diary.until(look, () => `${path} path`, PUNCH_MS)
}

const punchFaults: readonly Fault[] = [
  {
    title: 'helper killed in the middle of a punch, back after 5 s',
    length: 'short',
    setting: 'homes',
    absent: LATE,
    noticed: 'helper',
    prepares: lateUntil('relayed'),
    breaks: crowd => crowd.killHelper(),
    lastsMs: 5_000,
    mends: crowd => crowd.startHelper(),
  },
  {
    title: 'helper killed right after a punch, back after 5 s',
    length: 'short',
    setting: 'homes',
    absent: LATE,
    noticed: 'helper',
    prepares: lateUntil('direct'),
    breaks: crowd => crowd.killHelper(),
    lastsMs: 5_000,
    mends: crowd => crowd.startHelper(),
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
const clockFaults: readonly Fault[] = [
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

export const FAULTS: readonly Fault[] = [
  ...helperFaults,
  ...peerFaults,
  ...networkFaults,
  ...punchFaults,
  ...clockFaults,
]
