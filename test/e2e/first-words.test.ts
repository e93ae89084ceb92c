/**
 * No first word is lost: what somebody says before there is any connection, and before gossip has formed, reaches
 * everyone who is in the room.
 */
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import { allHeard, expectHeard, gathered, meet, part } from './room-story.ts'

/** As a pipe into parley has it ready before parley runs. */
const line = (text: string): string => `${JSON.stringify({ text })}\n`

test('what a newcomer said before it was connected reaches a running room, and the newcomer reads on', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const room = await meet(stage, ['ann', 'ben', 'cat'], { helpers })
  room[0]?.peer.say('before dan came')
  await allHeard(room.slice(1), () => ['before dan came'])

  const dan = await stage.startPeer('dan', { helpers, input: line('hello from dan') + line('and once more') })
  const people = [...room, { name: 'dan', peer: dan }]
  await gathered(people)
  room[1]?.peer.say('welcome dan')
  const spoken: Record<string, readonly string[]> = {
    ann: ['before dan came'],
    ben: ['welcome dan'],
    dan: ['hello from dan', 'and once more'],
  }
  const texts = ({ name }: { name: string }) =>
    Object.entries(spoken).flatMap(([speaker, said]) => (speaker === name ? [] : said))
  await allHeard(people, texts)
  await dan.next({ type: 'delivered', count: 3, of: 3 })

  await part(people)
  expectHeard(people, texts)
})

test('peers that start at once and speak at once miss nothing of each other', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const names = ['eva', 'fay', 'gus', 'hal', 'ida']
  const people = await Promise.all(
    names.map(async name => ({
      name,
      peer: await stage.startPeer(name, { helpers, input: line(`${name} first`) + line(`${name} second`) }),
    })),
  )
  const texts = (listener: { name: string }) =>
    names.filter(name => name !== listener.name).flatMap(name => [`${name} first`, `${name} second`])
  await allHeard(people, texts)

  await gathered(people)
  await part(people)
  expectHeard(people, texts)
})

test('a peer whose input is over before anyone is there tells that nobody holds its words', async () => {
  await using stage = await Stage.open()
  const lonely = await stage.startPeer('lou', { input: line('is anybody there?') })
  lonely.endInput()
  await lonely.exits(0)
  expect(lonely.all({ type: 'sent' })).toHaveLength(1)
  expect(lonely.events.at(-1)).toEqual({ type: 'bye', undelivered: 1 })
})
