/** The main job: a helper and four peers, from nothing to everyone having heard everyone. */
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import { Stage } from '../support/process-stage.ts'
import type { Person } from './room-story.ts'
import { allHeard, connected, expectHeard, meet, part } from './room-story.ts'

const NAMES = ['Client_01', 'Client_02', 'Client_03', 'Client_04']
const ROUNDS = 5

const textOf = (name: string, round: number): string => `${name} says ${round}`
const textsFor = (listener: Person): string[] =>
  NAMES.filter(name => name !== listener.name).flatMap(name => saidBy(name))
const saidBy = (name: string): string[] => Array.from({ length: ROUNDS }, (_, round) => textOf(name, round))

test('four peers that only know a helper find each other, and everyone hears everyone once', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const people = await meet(stage, NAMES, { helpers: [helper] })
  await connected(people)
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, peer } of people) peer.say(textOf(name, round))
  }
  await allHeard(people, textsFor)

  await Promise.all(people.map(({ peer }) => eachIsDelivered(peer)))
  const histories = await Promise.all(people.map(({ peer }) => historyOf(peer)))
  for (const history of histories) expect(history).toEqual(histories[0])
  expect(histories[0]).toHaveLength(NAMES.length * ROUNDS)

  await part(people)
  expectHeard(people, textsFor)
  expectTrueSenders(people)
})

/** All three others confirm each own message. */
async function eachIsDelivered(peer: JsonProgram): Promise<void> {
  const others = NAMES.length - 1
  for (const { id } of peer.all({ type: 'sent' })) {
    await peer.next({ type: 'delivered', id, count: others, of: others })
  }
  expect(peer.all({ type: 'sent' })).toHaveLength(ROUNDS)
}

/** The room's messages in their order, as this peer has them. */
async function historyOf(peer: JsonProgram): Promise<unknown> {
  peer.command('/history')
  const { messages } = await peer.next({ type: 'notice', code: 'history' })
  expect(messages).toEqual([...(messages ?? [])].sort(inOrder))
  return messages?.map(({ own, ...message }) => message)
}

interface Told {
  readonly sentAt: number
  readonly id: string
}

function inOrder(a: Told, b: Told): number {
  return a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1)
}

/** What is shown names whom it is from, and was shown at a place that is right or marked as late. */
function expectTrueSenders(people: readonly Person[]): void {
  const idOf = new Map(people.map(({ name, peer }) => [name, peer.all({ type: 'ready' })[0]?.peer]))
  for (const { peer } of people) {
    let newest = { sentAt: 0, id: '' }
    for (const message of peer.all({ type: 'message' })) {
      expect(message.text.startsWith(message.name)).toBe(true)
      expect(message.peer).toBe(idOf.get(message.name))
      expect(message.late).toBe(inOrder(message, newest) < 0)
      if (!message.late) newest = message
    }
  }
}
