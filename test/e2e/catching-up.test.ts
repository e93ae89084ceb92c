/** Who comes late reads at once, and gets the rest behind it; what is missing is said, and what comes late is marked. */
import { expect, test } from 'vitest'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { encodeFrame } from '../../src/protocol/frame.ts'
import { chain } from '../support/core-chain.ts'
import { CountingProxy } from '../support/process-proxy.ts'
import { portOf, Stage } from '../support/process-stage.ts'
import { HostilePeer } from './hostile-peer.ts'
import { part } from './room-story.ts'

const HISTORY = 2_500
const NEWEST = 50
/** Bytes a second at which the rest takes some seconds. */
const SLOW_LINK = 350_000
/** Lines given to a program at once. */
const CHUNK = 500

const textOf = (index: number): string => `number ${index} of many`
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => textOf(from + index))

test.concurrent('a newcomer reads the newest first, is told how far the rest is, and has all in the end', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const port = await writeHistory(stage)
  await using link = await CountingProxy.open(port, { bytesPerSecond: SLOW_LINK })
  const behind = ['--listen', `/ip4/127.0.0.1/tcp/${port}`, '--announce', `/ip4/127.0.0.1/tcp/${link.port}`]
  const elder = await stage.peer('elder', { helpers, data: 'elder', args: behind })
  await elder.next({ type: 'helper', state: 'connected' })
  const newcomer = await stage.peer('newcomer', { helpers, data: 'newcomer' })
  await newcomer.heard(texts(0, HISTORY))
  await newcomer.next({ type: 'synced', received: HISTORY })
  const progress = await newcomer.next({ type: 'notice', code: 'sync-progress' })
  expect(progress).toMatchObject({ room: stage.room, expected: HISTORY })
  expect(progress.text).toMatch(/^history: [\d,]+ of 2,500 messages$/)
  await part([
    { name: 'newcomer', peer: newcomer },
    { name: 'elder', peer: elder },
  ])

  const shown = newcomer.messages
  expect(shown).toHaveLength(HISTORY)
  const [first, rest] = [shown.slice(0, NEWEST), shown.slice(NEWEST)]
  expect(first.map(({ text }) => text)).toEqual(texts(HISTORY - NEWEST, HISTORY))
  expect(first.map(({ late }) => late)).toEqual(first.map(() => false))
  expect(rest.every(({ late, via }) => late && via === 'history')).toBe(true)

  const exported = await history(stage, ['--json'])
  const kept = exported.map(line => JSON.parse(line))
  expect(kept.map(({ text }) => text)).toEqual(texts(0, HISTORY))
  expect(kept[0]).toMatchObject({
    type: 'message',
    room: stage.room,
    name: 'elder',
    own: false,
    via: 'history',
  })
  const found = await history(stage, ['--search', '77 number', '--limit', '2'])
  expect(found.map(line => line.replace(/^[\d-]+ [\d:]+ /, ''))).toEqual([
    `<elder> ${textOf(778)}`,
    `<elder> ${textOf(779)}`,
  ])
})

/** Somebody writes for himself. Resolves with the port on which he listened. */
async function writeHistory(stage: Stage): Promise<number> {
  const elder = await stage.peer('elder', { data: 'elder' })
  const { addresses } = await elder.next({ type: 'ready' })
  for (let said = 0; said < HISTORY; said += CHUNK) {
    for (const text of texts(said, said + CHUNK)) elder.say(text)
    await elder.next({ type: 'sent', text: textOf(said + CHUNK - 1) })
  }
  await part([{ name: 'elder', peer: elder }])
  return portOf(addresses)
}

/** What is printed of the newcomer's log. */
async function history(stage: Stage, options: readonly string[]): Promise<readonly string[]> {
  const program = stage.run(['history', stage.room, '--data', stage.path('newcomer'), ...options])
  await program.exits(0)
  expect(program.stderr).toBe('')
  return program.lines.items
}

test.concurrent('a reader of an export that goes away ends it quietly', async () => {
  await using stage = await Stage.open()
  const ann = await stage.peer('ann', { data: 'ann' })
  for (let said = 0; said < 40; said++) ann.say(`${said} `.padEnd(8_000, 'x'))
  await ann.next({ type: 'sent', text: `39 `.padEnd(8_000, 'x') })
  await part([{ name: 'ann', peer: ann }])
  const program = stage.run(['history', stage.room, '--json', '--data', stage.path('ann')])
  program.closeOutput()
  await program.exits(0)
  expect(program.stderr).toBe('')
})

test.concurrent('what is missing is said, what came without it is shown, and what comes after all is late', async () => {
  await using stage = await Stage.open()
  const ann = await stage.peer('ann')
  await using mallory = await HostilePeer.join(stage.room, [ann])
  const { room, signer } = mallory
  const [first, second, third] = chain(signer, 3, { room, ts: Date.now() - 60_000, text: 'number' })
  const frame = (...envelopes: (Envelope | undefined)[]) =>
    encodeFrame(envelopes.flatMap(envelope => envelope?.wire ?? []))

  // a second later it isn't waited for any more: nobody who is asked has it
  await mallory.shout([frame(third)])
  const notice = await ann.next({ type: 'notice', code: 'missing' })
  expect(notice).toMatchObject({ room: stage.room, peer: mallory.peerId, count: 2 })
  expect(notice.text).toMatch(/^2 messages from [A-Z2-7-]+ missing, fetching$/)
  await ann.heard(['number 2'])
  await mallory.shout([frame(first, second)])
  await ann.heard(['number 0', 'number 1'])
  ann.command('/history')
  const { messages } = await ann.next({ type: 'notice', code: 'history' })
  expect(messages?.map(({ text }) => text)).toEqual(['number 0', 'number 1', 'number 2'])
  await part([{ name: 'ann', peer: ann }])
  expect(ann.messages.map(({ text, late }) => ({ text, late }))).toEqual([
    { text: 'number 2', late: false },
    { text: 'number 0', late: true },
    { text: 'number 1', late: true },
  ])
})
