/** What is kept when programs end, however they end; and what becomes of words that nobody was there to hear. */
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import type { PeerOptions } from '../support/process-stage.ts'
import { Stage } from '../support/process-stage.ts'
import { meet, part } from './room-story.ts'

/** Says these texts; resolves when somebody else holds the last one. */
async function sayHeard(peer: JsonProgram, texts: readonly string[]): Promise<void> {
  for (const text of texts) peer.say(text)
  const { id } = await peer.next({ type: 'sent', text: texts.at(-1) ?? '' })
  await peer.next({ type: 'delivered', id })
}

/** Starts somebody who is alone, and who would not be told of others. */
const alone = (stage: Stage, name: string, options: PeerOptions = {}) =>
  stage.peer(name, { data: name, ...options })

test.concurrent('a restart keeps messages, their order, and who holds them, even after a kill', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const [ann, ben] = await Promise.all(['ann', 'ben'].map(name => alone(stage, name, { helpers })))
  if (ann === undefined || ben === undefined) throw new Error('nobody came')
  await ann.next({ type: 'joined', name: 'ben' })
  await sayHeard(ann, ['one', 'two'])
  await ben.heard(['one', 'two'])
  await sayHeard(ben, ['three'])
  await ann.heard(['three'])
  await ann.next({ type: 'delivered' })
  await part([{ name: 'ben', peer: ben }])
  ann.say('nobody hears this')
  await ann.next({ type: 'sent', text: 'nobody hears this' })
  ann.signal('SIGKILL')
  await ann.end()

  const again = await alone(stage, 'ann')
  again.command('/history')
  again.command('/search THREE')
  again.command('/who-got 2')
  again.command('/who-got 1')
  const history = await again.next({ type: 'notice', code: 'history' })
  const texts = ['one', 'two', 'three', 'nobody hears this']
  expect(history.messages?.map(({ text, own }) => ({ text, own }))).toEqual(
    texts.map(text => ({ text, own: text !== 'three' })),
  )
  const found = await again.next({ type: 'notice', code: 'search' })
  expect(found.messages?.map(({ name, text }) => ({ name, text }))).toEqual([{ name: 'ben', text: 'three' }])
  const got = await again.next({ type: 'notice', code: 'who-got' })
  expect(got.text).toBe('"two" is held by ben')
  await again.next({ type: 'notice', code: 'who-got', text: 'nobody else holds "nobody hears this" yet' })
  await part([{ name: 'ann', peer: again }])
  const shown = again.all({ type: 'message' })
  expect(shown.map(({ text, via, late }) => ({ text, via, late }))).toEqual(
    texts.map(text => ({ text, via: 'history', late: false })),
  )
  expect(again.events.at(-1)).toEqual({ type: 'bye', undelivered: 1 })
})

test.concurrent('words that nobody heard wait in the log, which is said, and go out at the next start', async () => {
  await using stage = await Stage.open()
  const words = ['to whom', 'it may', 'concern']
  const lonely = await stage.plainPeer('ann', { data: 'ann', input: `${words.join('\n')}\n/quit\n` })
  await lonely.exits(0)
  expect(lonely.output).toMatch(/ !! 3 messages wait in your log; they go out when someone is here\n$/)

  const helpers = [await stage.helper()]
  const ben = await stage.peer('ben', { helpers })
  const ann = await alone(stage, 'ann', { helpers })
  await ben.heard(words)
  const { id } = await ann.next({ type: 'message', text: 'concern' })
  await ann.next({ type: 'delivered', id, count: 1 })
  ann.command('/who-got 3')
  await ann.next({ type: 'notice', code: 'who-got', text: '"to whom" is held by ben' })
  await part([{ name: 'ann', peer: ann }])
  expect(ann.events.at(-1)).toEqual({ type: 'bye', undelivered: 0 })
  await part([{ name: 'ben', peer: ben }])
  expect(ben.messages.map(({ text }) => text)).toEqual(words)
})

test.concurrent('what was let go still comes to a newcomer from somebody who kept it', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const people = await meet(stage, ['keeper', 'author'], { helpers })
  const pruner = await alone(stage, 'pruner', { helpers })
  // together more than the megabyte that is kept
  const texts = Array.from({ length: 160 }, (_, index) => `${index} `.padEnd(8_000, 'x'))
  const [keeper, author] = people.map(({ peer }) => peer)
  await author?.next({ type: 'joined', name: 'pruner' })
  for (const text of texts) author?.say(text)
  await Promise.all([keeper?.heard(texts), pruner.heard(texts)])
  await part([{ name: 'pruner', peer: pruner }])

  const sparing = await alone(stage, 'pruner', { helpers, args: ['--keep-mb', '1'] })
  await sparing.next({ type: 'joined', name: 'keeper' })
  sparing.command('/history 1000')
  const { messages } = await sparing.next({ type: 'notice', code: 'history' })
  expect(messages?.length).toBeGreaterThan(100)
  expect(messages?.length).toBeLessThan(130)
  if (author !== undefined) await part([{ name: 'author', peer: author }])
  const newcomer = await stage.peer('newcomer', { helpers })
  await newcomer.heard(texts)
  await part([{ name: 'newcomer', peer: newcomer }])
  expect(newcomer.messages).toHaveLength(texts.length)
})
