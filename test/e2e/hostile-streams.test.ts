/** A hostile peer on the program's own streams: sync partners and helpers outlive any bytes, and serve others meanwhile. */
import type { Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import { Conversation } from './conversation.ts'
import { HostilePeer } from './hostile-peer.ts'
import { type Attack, GARBAGE, inventedHeads, liar, syncAttacks } from './hostile-streams.ts'
import { gathered, meet, part } from './room-story.ts'

const SYNC = '/parley/sync/1'
const RENDEZVOUS = ['/rendezvous/1.0.0', '/parley/watch/1']
const NAMES = ['ann', 'ben', 'cat']
/** Each attack is tried so often. */
const ROUNDS = 3

test('garbage and lies on the sync cost nobody a message, and a newcomer gets the whole history', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const people = await meet(stage, NAMES, { helpers })
  const conversation = new Conversation(people)
  const victims = people.map(({ peer }) => peer)
  await using mallory = await HostilePeer.join(stage.room, victims)
  await conversation.round()
  const lies = inventedHeads(mallory)
  expect(lies).toHaveLength(NAMES.length)
  await mallory.answer(SYNC, forgiving(liar(mallory, lies)))
  const attacks = { ...GARBAGE, ...syncAttacks(mallory, lies) }
  await conversation.during(tryAll(mallory, SYNC, attacks))

  const dan = { name: 'dan', peer: await stage.peer('dan', { helpers }) }
  await using falseFriend = await HostilePeer.join(stage.room, [dan.peer])
  await falseFriend.answer(SYNC, forgiving(liar(falseFriend, lies)))
  await conversation.during(tryAll(falseFriend, SYNC, syncAttacks(falseFriend, lies)))
  await dan.peer.heard(conversation.texts)
  await gathered([...people, dan])
  expect(dan.peer.messages.map(({ text }) => text).toSorted()).toEqual(conversation.texts.toSorted())

  await part([dan])
  await conversation.end()
  for (const { peer } of [...people, dan]) expect(JSON.stringify(peer.events)).not.toContain('FORGED')
})

test('garbage at the helper keeps nobody from being found', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const ann = { name: 'ann', peer: await stage.peer('ann', { helpers: [helper] }) }
  await ann.peer.next({ type: 'helper', state: 'connected' })
  await using mallory = await HostilePeer.meet(helper.program)
  for (const protocol of RENDEZVOUS) await tryAll(mallory, protocol, GARBAGE)

  const ben = { name: 'ben', peer: await stage.peer('ben', { helpers: [helper] }) }
  await gathered([ann, ben])
  await part([ann, ben])
  expect(ann.peer.all({ type: 'helper' }).map(({ state }) => state)).toEqual(['connected'])
  expect(helper.program.stderr).not.toMatch(/ error /)
})

/** Each attack, one after the other and over again, until done or cut off. */
async function tryAll(
  hostile: HostilePeer,
  protocol: string,
  attacks: Readonly<Record<string, Attack>>,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const attack of Object.values(attacks)) {
      const streams = await hostile.open(protocol).catch(() => [])
      await Promise.all(streams.map(forgiving(attack)))
    }
  }
}

/** A stream that is closed in the middle of an attack is the victim's good right. */
function forgiving(attack: Attack): (stream: Stream) => Promise<void> {
  return stream => attack(stream).catch(() => {})
}
