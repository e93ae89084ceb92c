/** A room doesn't need its helper: it can die, come back, be one of several or be missing from the start. */
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import type { Helper } from '../support/process-stage.ts'
import { Stage } from '../support/process-stage.ts'
import type { Person } from './room-story.ts'
import { allHeard, connected, expectHeard, gathered, meet, part } from './room-story.ts'

async function kill({ program }: Helper): Promise<void> {
  program.signal('SIGKILL')
  await program.end()
}

/** Each says one thing, and all others hear it. */
async function talk(people: readonly Person[], subject: string): Promise<void> {
  for (const { name, peer } of people) peer.say(`${name} on ${subject}`)
  await allHeard(people, listener => saidOf([subject], people, listener))
}

function saidOf(subjects: readonly string[], people: readonly Person[], listener: Person): string[] {
  const others = people.filter(({ name }) => name !== listener.name)
  return subjects.flatMap(subject => others.map(({ name }) => `${name} on ${subject}`))
}

const statesOf = (peer: JsonProgram): string[] => peer.all({ type: 'helper' }).map(event => event.state)

test('the helper is killed and the chat goes on; it comes back and a fifth peer gets in', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper({ data: 'helper' })
  const four = await meet(stage, ['ann', 'ben', 'cat', 'dan'], { helpers: [helper] })
  await connected(four)
  await talk(four, 'peace')

  await kill(helper)
  await Promise.all(four.map(({ peer }) => peer.next({ type: 'helper', state: 'lost' })))
  await talk(four, 'loss')

  const marks = four.map(({ peer }) => peer.events.length)
  const again = await stage.helper({ data: 'helper', port: helper.port })
  await Promise.all(four.map(({ peer }, at) => peer.next({ type: 'helper', state: 'connected' }, marks[at])))
  const five = [...four, { name: 'eve', peer: await stage.peer('eve', { helpers: [again] }) }]
  await gathered(five)
  await connected(five)
  await talk(five, 'return')

  await part(five)
  for (const { peer } of four) expect(statesOf(peer)).toEqual(['connected', 'lost', 'connected'])
  // eve reads what was said before she came, too
  expectHeard(five, listener => [
    ...saidOf(['peace', 'loss'], four, listener),
    ...saidOf(['return'], five, listener),
  ])
  expect(five.flatMap(({ peer }) => peer.all({ type: 'left', reason: 'lost' }))).toEqual([])
})

test('a helper that is down at the start is told once, and used when it appears', async () => {
  await using stage = await Stage.open()
  const before = await stage.helper({ data: 'helper' })
  await kill(before)

  const ann = await stage.peer('ann', { helpers: [before] })
  const ben = await stage.peer('ben', { helpers: [before] })
  await Promise.all([ann, ben].map(peer => peer.next({ type: 'error', code: 'helper-unreachable' })))

  await stage.helper({ data: 'helper', port: before.port })
  await Promise.all([ann, ben].map(peer => peer.next({ type: 'helper', state: 'connected' })))
  const people = [
    { name: 'ann', peer: ann },
    { name: 'ben', peer: ben },
  ]
  await gathered(people)
  await part(people)
  for (const { peer } of people) {
    expect(peer.all({ type: 'error' }).map(error => error.code)).toEqual(['helper-unreachable'])
    expect(statesOf(peer)).toEqual(['connected'])
  }
})

test('of several helpers any one is enough', async () => {
  await using stage = await Stage.open()
  const [first, second] = await Promise.all([stage.helper(), stage.helper()])
  await kill(first)
  const people = await meet(stage, ['ann', 'ben'], { helpers: [first, second] })
  // cat knows only the one that lives
  const cat = { name: 'cat', peer: await stage.peer('cat', { helpers: [second] }) }
  await gathered([...people, cat])
  await talk([...people, cat], 'helpers')
  for (const { peer } of people) await peer.next({ type: 'error', code: 'helper-unreachable' })
})

test('a peer that restarts while every helper is down finds its room again', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const stayers = await meet(stage, ['ann', 'ben'], { helpers: [helper] })
  const cat = { name: 'cat', peer: await stage.peer('cat', { helpers: [helper], data: 'cat' }) }
  await gathered([...stayers, cat])
  await kill(helper)
  await part([cat])
  for (const { peer } of stayers) await peer.next({ type: 'left', name: 'cat', reason: 'quit' })

  const marks = stayers.map(({ peer }) => peer.events.length)
  const back = { name: 'cat', peer: await stage.peer('cat', { helpers: [helper], data: 'cat' }) }
  await Promise.all(stayers.map(({ peer }, at) => peer.next({ type: 'joined', name: 'cat' }, marks[at])))
  const people = [...stayers, back]
  await gathered(people)
  await connected(people)
  await talk(people, 'coming back')

  await part(people)
  for (const { peer } of stayers) {
    const idOfCat = (await back.peer.next({ type: 'ready' })).peer
    expect(peer.all({ type: 'joined', name: 'cat' }).map(event => event.peer)).toEqual([idOfCat, idOfCat])
  }
})
