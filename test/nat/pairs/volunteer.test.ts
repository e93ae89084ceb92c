/**
 * Two people whom no helper relays and who can't dial each other talk all the same, by way of a third one whom both
 * reach; and each is told so.
 */
import { expect, test, vi } from 'vitest'
import { expectSameLogs } from '../../support/kept-log.ts'
import { Stage } from '../../support/process-stage.ts'
import { Diary } from '../diary.ts'
import { Laboratory } from '../lab/laboratory.ts'
import { Member } from '../member.ts'
import { settle } from './side.ts'

const DEADLINE_MS = 120_000
const DELAY_MS = 10
const MESSAGES = 20
const PACE_MS = 50
/** What is told follows what happens by a moment. */
const SOON = { timeout: 20_000, interval: 250 }

test('no relay, both symmetric, a third member with a public address', { timeout: DEADLINE_MS }, async () => {
  await using laboratory = await Laboratory.open({ delayMs: DELAY_MS })
  await using stage = await Stage.open()
  const diary = new Diary()
  const place = await laboratory.host('helper')
  const helpers = [await stage.helper({ place, config: { limits: { relayReservations: 0 } } })]
  const member = (name: string, host: Member['host']) => new Member({ name, host, stage, diary, helpers })
  const ann = member('ann', await settle(laboratory, 'symmetric', 'ann'))
  const ben = member('ben', await settle(laboratory, 'symmetric', 'ben'))
  const cat = member('cat', await settle(laboratory, 'public', 'cat'))
  const all = [ann, ben, cat]
  await Promise.all(all.map(one => one.start()))
  for (const one of all)
    for (const other of all) if (other !== one) await one.program.next({ type: 'joined', name: other.name })

  for (const one of [ann, ben]) one.talk(PACE_MS)
  await vi.waitFor(() => expect(Math.min(ann.texts.length, ben.texts.length)).toBeGreaterThan(MESSAGES), SOON)
  for (const one of [ann, ben]) one.hush()
  await Promise.all([ann.program.heard(ben.texts), ben.program.heard(ann.texts)])
  for (const [one, other] of [
    [ann, ben],
    [ben, ann],
  ] as const)
    await expectTold(one, other, cat)

  await Promise.all(all.map(one => one.bequeath(2)))
  await Promise.all(all.map(one => one.leave()))
  await expectSameLogs(stage, all)
})

/** Nobody says that they are connected with each other, and each is told by whom they are. */
async function expectTold({ program }: Member, other: Member, between: Member): Promise<void> {
  const { peer } = await program.next({ type: 'joined', name: other.name })
  expect(program.all({ type: 'path', peer })).toEqual([])
  expect(await answer(program, '/peers', 'peers')).toContain(`${other.name}: not directly, by way of others`)
  const why = await answer(program, `/why ${other.name}`, 'why')
  expect(why).toContain(`messages travel by way of others (you are connected with ${between.name})`)
  expect(why).toContain('no helper relays to you')
  expect(why).toContain('A second helper (--helper) may relay')
  expect(why).toContain('switch on UPnP or NAT-PMP')
}

async function answer(program: Member['program'], command: string, code: string): Promise<string> {
  const { length } = program.events
  program.command(command)
  return (await program.next({ type: 'notice', code }, length)).text
}
