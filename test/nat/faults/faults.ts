/** The fault matrix: every fault that a room has to survive. */
import type { Crowd } from '../crowd.ts'
import type { Fault } from './fault.ts'
import { helperFaults, punchFaults } from './helper-faults.ts'
import { clockFaults, peerFaults } from './peer-faults.ts'

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

export const FAULTS: readonly Fault[] = [
  ...helperFaults,
  ...peerFaults,
  ...networkFaults,
  ...punchFaults,
  ...clockFaults,
]
