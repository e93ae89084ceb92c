/** On a local network peers find each other by multicast, without any helper. */
import { test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import { allHeard, connected, expectHeard, meet, part } from './room-story.ts'

const NAMES = ['ann', 'ben', 'cat']

test('three peers without a helper find each other and talk', async () => {
  await using stage = await Stage.open()
  const people = await meet(stage, NAMES, { lan: 'on' })
  await connected(people)
  for (const { name, peer } of people) peer.say(`${name} is here`)
  const texts = (listener: { name: string }) =>
    NAMES.filter(name => name !== listener.name).map(name => `${name} is here`)
  await allHeard(people, texts)
  await part(people)
  expectHeard(people, texts)
})
