/** What may happen to the helper, also while it helps two to a direct connection. */
import type { Crowd } from '../crowd.ts'
import type { Fault } from './fault.ts'

export const helperFaults: readonly Fault[] = [
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

export const punchFaults: readonly Fault[] = [
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
