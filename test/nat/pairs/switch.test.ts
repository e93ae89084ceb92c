/** From relayed to direct in the middle of a conversation: nothing is lost, nothing is shown twice. */
import { setTimeout as pass } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Member } from '../member.ts'
import { Meeting } from './meeting.ts'
import { PAIRS } from './pairs.ts'

const DEADLINE_MS = 120_000
/** Each of both says 20 messages a second. */
const PACE_MS = 50
/** Talk that goes on over the direct path. */
const AFTERWARDS_MS = 3_000
/** Enough for the relayed path to be used for a while. */
const DELAY_MS = 40

const BOTH_BEHIND_NAT = [
  'NAT, drops the uninvited – NAT, drops the uninvited',
  "NAT behind a carrier's NAT – NAT behind a carrier's NAT",
]
const CASES = BOTH_BEHIND_NAT.flatMap(title => [0, 2].map(lossPercent => ({ title, lossPercent })))

test.concurrent.each(CASES)(
  '$title, $lossPercent % loss',
  { timeout: DEADLINE_MS },
  async ({ title, lossPercent }) => {
    const pair = PAIRS.find(one => one.title === title)
    if (pair === undefined) throw new Error(`there is no pair ${title}`)
    await using meeting = await Meeting.open({ pair, delayMs: DELAY_MS, lossPercent })
    const { members } = meeting
    await meeting.meet(member => member.talk(PACE_MS))
    await meeting.settle()
    expect(meeting.path).toBe('direct')
    await pass(AFTERWARDS_MS)
    const count = await meeting.end()
    for (const [at, member] of members.entries()) expectEachOnce(member, members[1 - at] as Member)
    expect(count).toBe(members[0].texts.length + members[1].texts.length)
  },
)

/** What the other one said was shown to this one, each message once. Both have left. */
function expectEachOnce(member: Member, other: Member): void {
  const shown = member.program.messages.map(({ text }) => text)
  expect(shown.toSorted()).toEqual(other.texts.toSorted())
  expect(member.program.all({ type: 'error' })).toEqual([])
}
