/** How people go, and what those who stay are told: a goodbye, a loss, or nothing at all when a break heals. */
import { setTimeout as pass } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import { Stage } from '../support/process-stage.ts'
import { expectHeard, gathered, part, people } from './room-story.ts'

/** How long a stall is that nobody should notice: longer than the ping's patience, shorter than the loss's. */
const STALL_MS = 8_000
/** How long a witness is busy with something else: a goodbye waits for it. */
const BUSY_MS = 300

const WAYS: Readonly<Record<string, (peer: JsonProgram) => void>> = {
  'by /quit': peer => peer.command('/quit'),
  'by SIGTERM': peer => peer.signal('SIGTERM'),
  'by SIGINT': peer => peer.signal('SIGINT'),
  'by the end of its input': peer => peer.endInput(),
}

test.concurrent('a goodbye is told as one, whatever asked for it, to a witness that is busy', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const leavers = await Promise.all(
    Object.entries(WAYS).map(async ([name, leave]) => ({
      name,
      leave,
      peer: await stage.peer(name, { helpers }),
    })),
  )
  const witness = await stage.peer('witness', { helpers })
  await gathered([...leavers, { name: 'witness', peer: witness }])
  for (const { name, leave, peer } of leavers) {
    peer.say(`${name}: farewell`)
    await witness.heard([`${name}: farewell`])
    await peer.next({ type: 'delivered' })
    witness.signal('SIGSTOP')
    leave(peer)
    // the busy time itself is what is tested
    await pass(BUSY_MS)
    witness.signal('SIGCONT')
    await peer.exits(0)
    expect(peer.events.at(-1), name).toEqual({ type: 'bye', undelivered: 0 })
    expect(peer.stderr, name).toBe('')
    await witness.next({ type: 'left', name, reason: 'quit' })
  }
  await part([{ name: 'witness', peer: witness }])
  expect(witness.all({ type: 'left' }).map(({ name, reason }) => `${name}: ${reason}`)).toEqual(
    leavers.map(({ name }) => `${name}: quit`),
  )
})

test.concurrent('words said just before the end of the input arrive', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const stayers = await people(stage, ['ann', 'ben'], { helpers })
  const cat = await stage.peer('cat', { helpers })
  await gathered([...stayers, { name: 'cat', peer: cat }])
  for (let word = 0; word < 20; word++) cat.say(`last word ${word}`)
  cat.endInput()
  await cat.exits(0)
  for (const { peer } of stayers) {
    await peer.next({ type: 'left', name: 'cat', reason: 'quit' })
    expect(peer.messages.map(({ text }) => text)).toEqual(
      Array.from({ length: 20 }, (_, word) => `last word ${word}`),
    )
  }
})

test.concurrent('who is killed or silent for long is lost, and who stalls for a while is not', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const lasting = await people(stage, ['ann', 'ben', 'sleeper'], { helpers })
  const doomed = { name: 'doomed', peer: await stage.peer('doomed', { helpers }) }
  const frozen = { name: 'frozen', peer: await stage.peer('frozen', { helpers }) }
  await gathered([...lasting, doomed, frozen])
  const [ann, , sleeper] = lasting.map(({ peer }) => peer)

  doomed.peer.signal('SIGKILL')
  for (const peer of [sleeper, frozen.peer]) peer?.signal('SIGSTOP')
  ann?.say('said to sleepers')
  sleeper?.say('said while asleep')
  // the stall itself is what is tested: nothing happens during it that one could wait for
  await pass(STALL_MS)
  sleeper?.signal('SIGCONT')
  await sleeper?.heard(['said to sleepers'])
  await Promise.all(lasting.map(({ peer }) => peer.next({ type: 'left', name: 'doomed', reason: 'lost' })))
  // the sleeper itself hasn't waited for it long enough
  const awake = lasting.slice(0, 2)
  await Promise.all(awake.map(({ peer }) => peer.next({ type: 'left', name: 'frozen', reason: 'lost' })))

  const marks = awake.map(({ peer }) => peer.events.length)
  frozen.peer.signal('SIGCONT')
  await Promise.all(awake.map(({ peer }, at) => peer.next({ type: 'joined', name: 'frozen' }, marks[at])))
  await frozen.peer.heard(['said to sleepers', 'said while asleep'])

  for (const { name, peer } of awake) {
    expect(
      peer
        .all({ type: 'left' })
        .map(event => event.name)
        .toSorted(),
      name,
    ).toEqual(['doomed', 'frozen'])
    expect(peer.all({ type: 'joined', name: 'sleeper' }), name).toHaveLength(1)
  }
  await part([...lasting, frozen])
  const texts: Record<string, string[]> = {
    ann: ['said while asleep'],
    sleeper: ['said to sleepers'],
  }
  expectHeard([...lasting, frozen], ({ name }) => texts[name] ?? ['said to sleepers', 'said while asleep'])
})
