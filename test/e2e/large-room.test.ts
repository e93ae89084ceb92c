/** In a room too large for links between all pairs each keeps a few, and gossip does the rest. */
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import type { Person } from './room-story.ts'
import { allHeard, expectHeard, gathered, part } from './room-story.ts'

const PEERS = 7
const PAIRS = (PEERS * (PEERS - 1)) / 2
const config = { network: { fullMeshUpTo: 3 } }

test('not every pair is connected, and everyone hears everything once', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const people: Person[] = []
  // one after the other: who comes knows how large the room is already
  for (let number = 1; number <= PEERS; number++) {
    const name = `peer ${number}`
    people.push({ name, peer: await stage.peer(name, { helpers, config }) })
    await gathered(people)
  }
  const texts = (listener: Person): string[] =>
    people
      .filter(person => person !== listener)
      .flatMap(({ name }) => [`first of ${name}`, `second of ${name}`])
  for (const { name, peer } of people) peer.say(`first of ${name}`)
  for (const { name, peer } of people) peer.say(`second of ${name}`)
  await allHeard(people, texts)

  const links = await Promise.all(people.map(directLinks))
  expect(links.every(count => count > 0)).toBe(true)
  // each link is seen from both its ends
  expect(links.reduce((sum, count) => sum + count, 0)).toBeLessThan(2 * PAIRS)

  await part(people)
  expectHeard(people, texts)
})

async function directLinks({ peer }: Person): Promise<number> {
  peer.command('/peers')
  const notice = await peer.next({ type: 'notice', code: 'peers' })
  return (notice['peers'] as { path: string }[]).filter(({ path }) => path === 'direct').length
}
