/** What people are told about their way to each other is what the laboratory has built. */
import { expect, test, vi } from 'vitest'
import type { Member } from '../member.ts'
import { Meeting } from './meeting.ts'
import { PAIRS } from './pairs.ts'
import type { Side } from './side.ts'

const DEADLINE_MS = 120_000
const DELAY_MS = 10
/** A helper takes a moment to try. */
const SOON = { timeout: 20_000, interval: 250 }

async function met(left: Side, right: Side): Promise<Meeting> {
  const pair = PAIRS.find(({ sides }) => sides[0] === left && sides[1] === right)
  if (pair === undefined) throw new Error(`there is no pair ${left}, ${right}`)
  await using stack = new AsyncDisposableStack()
  const meeting = stack.use(await Meeting.open({ pair, delayMs: DELAY_MS, lossPercent: 0 }))
  await meeting.meet()
  await meeting.settle()
  stack.move()
  return meeting
}

/** The answer to `/why`. */
async function why({ program }: Member, name: string): Promise<string> {
  const { length } = program.events
  program.command(`/why ${name}`)
  return (await program.next({ type: 'notice', code: 'why' }, length)).text
}

/** The path, once it is told why it stays as it is. */
function staying({ name }: Member, { diary }: Meeting) {
  const look = () =>
    diary.since('path', 0).find(({ by, event }) => by === name && event.because !== undefined)?.event
  return diary.until(look, () => `${name} is not told why it stays relayed`, DEADLINE_MS)
}

test.concurrent.each<[Side, Side, string, string]>([
  ['symmetric', 'symmetric', 'your router does not keep ports', 'your router does not keep ports'],
  ['drop', 'symmetric', 'your router keeps ports, but theirs', 'your router does not keep ports'],
])(
  '%s, %s: both are told why they stay relayed, and what would help',
  { timeout: DEADLINE_MS },
  async (left, right, ...reasons) => {
    await using meeting = await met(left, right)
    const [ann, ben] = meeting.members
    for (const [at, member] of meeting.members.entries()) {
      const { path, because } = await staying(member, meeting)
      expect(path).toBe('relayed')
      expect(because).toContain(reasons[at])
      const text = await why(member, member === ann ? ben.name : ann.name)
      expect(text).toContain(`it stays relayed because ${because}`)
      expect(text).toContain('switch on UPnP or NAT-PMP')
    }
  },
)

test.concurrent('where IPv6 lets everybody in, that is confirmed and told', {
  timeout: DEADLINE_MS,
}, async () => {
  await using meeting = await met('symmetric-ip6', 'symmetric-ip6-open')
  expect(meeting.path).toBe('direct')
  const [closed, open] = meeting.members
  const tells = (member: Member, other: Member, words: RegExp): Promise<void> =>
    vi.waitFor(async () => expect(await why(member, other.name)).toMatch(words), SOON)
  await tells(open, closed, /you can be reached directly by IPv6 \(seen .*2fff:44:/)
  await tells(closed, open, /you are behind a router .*2fff:44:/)
})
