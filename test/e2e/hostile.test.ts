/**
 * A hostile peer in the room. Whatever it sends, those who chat lose no message of each other and are shown nothing
 * that isn't signed by who it says it is from; and whoever sends what no honest peer sends is cut off.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src/protocol/frame.ts'
import type { PeerKey, RoomId } from '../../src/protocol/ids.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { DEADLINE_MS } from '../support/process-journal.ts'
import type { JsonProgram } from '../support/process-peer.ts'
import { Stage } from '../support/process-stage.ts'
import { Conversation } from './conversation.ts'
import { HostilePeer } from './hostile-peer.ts'
import { beaconOf, messageOf, nonsense, stranger } from './hostile-words.ts'
import type { Person } from './room-story.ts'
import { meet } from './room-story.ts'
import { UNSAFE } from './unsafe-output.ts'

const NAMES = ['ann', 'ben', 'cat']

async function keyOf({ peer }: Person): Promise<PeerKey> {
  const id = peerIdFromString((await peer.next({ type: 'ready' })).peer)
  if (id.type !== 'Ed25519') throw new Error('not an Ed25519 key')
  return toHex(id.publicKey.raw) as PeerKey
}

/** Everyone says that this peer is cut off, it is, and it isn't let in again. */
async function expectExpelled(hostile: HostilePeer, people: readonly Person[]): Promise<void> {
  await Promise.all(
    people.map(({ peer }) => peer.next({ type: 'notice', code: 'expelled', peer: hostile.peerId })),
  )
  await hostile.cutOff()
  await hostile.redial()
  await hostile.cutOff()
}

const textsShown = (peer: JsonProgram): string[] => peer.messages.map(({ text }) => text)

test('forged authors, wrong rooms and nonsense are never shown, and who sends them is cut off', async () => {
  await using stage = await Stage.open()
  const people = await meet(stage, NAMES, { helpers: [await stage.helper()] })
  const conversation = new Conversation(people)
  const victims = people.map(({ peer }) => peer)
  const authors = await Promise.all(people.map(keyOf))
  await using forger = await HostilePeer.join(stage.room, victims)
  await using stray = await HostilePeer.join(stage.room, victims)
  await using babbler = await HostilePeer.join(stage.room, victims)
  const attacks = [
    insist(forger, () => authors.flatMap(author => forgeries(forger, author))),
    insist(stray, () => strays(stray)),
    insist(babbler, nonsense),
  ]
  await conversation.during(Promise.all(attacks))
  for (const hostile of [forger, stray, babbler]) await expectExpelled(hostile, people)

  await conversation.end()
  for (const { peer } of people) {
    expect(JSON.stringify(peer.events)).not.toContain('FORGED')
    expect(peer.all({ type: 'renamed' })).toEqual([])
  }
})

/** Sends such things again and again until nobody listens any more, or somebody should have hung up long ago. */
async function insist(hostile: HostilePeer, payloads: () => readonly Uint8Array[]): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  while (hostile.connections > 0 && !deadline.aborted) {
    // at once, before gossip itself gets too tired of it to look at it
    await hostile.shout([...payloads(), ...payloads()])
    await turn()
  }
}

/** Words and presence of an honest author, signed by somebody else. */
function forgeries({ signer, room }: HostilePeer, author: PeerKey): Uint8Array[] {
  return [
    encodeFrame([messageOf({ room, signer, author, text: 'FORGED author', name: 'ann' })]),
    encodeFrame([beaconOf({ room, signer, author, name: 'FORGED name' }, 'here')]),
    encodeFrame([beaconOf({ room, signer, author, name: 'FORGED goodbye' }, 'leaving')]),
  ]
}

/** Well-signed, but said elsewhere. */
function strays({ signer }: HostilePeer): Uint8Array[] {
  const room = 'ee'.repeat(16) as RoomId
  return Array.from({ length: 5 }, () => [
    encodeFrame([messageOf({ room, signer, text: 'FORGED room' })]),
    encodeFrame([beaconOf({ room, signer }, 'here')]),
  ]).flat()
}

test('replays change nothing, and what is of the future waits for it', async () => {
  await using stage = await Stage.open()
  const people = await meet(stage, NAMES, { helpers: [await stage.helper()] })
  const conversation = new Conversation(people)
  const victims = people.map(({ peer }) => peer)
  await using mallory = await HostilePeer.join(stage.room, victims)
  const { signer, room } = mallory
  const future = Date.now() + 3_600_000
  await mallory.shout([encodeFrame([messageOf({ room, signer, text: 'FROM THE FUTURE', ts: future })])])
  await conversation.round()
  await conversation.round()

  // what was heard comes back in other frames: the same ones would not get past gossipsub
  const records = mallory.heard.flatMap(payload => decodeFrame(payload) ?? [])
  expect(records.length).toBeGreaterThan(NAMES.length)
  const replays = records.map(record => encodeFrame([record, record]))
  await conversation.during(mallory.shout([...replays, encodeFrame(records.slice(0, 64).toReversed())]))

  // the link still works, so silence about the future is not silence about everything
  await mallory.shout([encodeFrame([messageOf({ room, signer, text: 'from the present' })])])
  await Promise.all(victims.map(peer => peer.heard(['from the present'])))

  const marks = victims.map(peer => peer.events.length)
  await conversation.end()
  victims.forEach((peer, at) => {
    expect(textsShown(peer)).not.toContain('FROM THE FUTURE')
    const early = peer.events.slice(0, marks[at])
    expect(early.filter(({ type }) => type === 'left' || type === 'renamed')).toEqual([])
    expect(peer.all({ type: 'joined' })).toHaveLength(NAMES.length - 1)
  })
})

test('a name made of control codes is shown to people as harmless text', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const reader = await stage.plainPeer('reader', { helpers })
  await ann.next({ type: 'joined', name: 'reader' })
  await using mallory = await HostilePeer.join(stage.room, [ann])
  const { signer, room } = mallory
  const name = '\x1b]0;owned\x07\x9b2J> yes\n<ann\u202e'
  const records = [
    beaconOf({ room, signer, name }, 'here'),
    messageOf({ room, signer, name, text: 'look at me' }),
  ]
  await mallory.shout([encodeFrame(records)])
  await reader.lines.find(line => line.endsWith('> look at me'), 'line of the message')
  expect(await ann.next({ type: 'joined', name })).toMatchObject({ peer: mallory.peerId })

  expect(reader.output).not.toMatch(UNSAFE)
  expect(reader.output).toMatch(/^\d\d:\d\d:\d\d -- <.+> joined \(/m)
  expect(reader.output).not.toMatch(/<ann> look at me/)
})

const FLOOD = 20_000
const FLOOD_KEYS = 2_000
/** Strangers' messages that may be shown: the newcomers' allowance of each peer, and what it grows by meanwhile. */
const MAX_SHOWN_OF_FLOOD = 600

test('a flood of 20,000 messages from 2,000 fresh keys drowns nobody', async () => {
  await using stage = await Stage.open()
  const people = await meet(stage, NAMES, { helpers: [await stage.helper()] })
  const conversation = new Conversation(people)
  const victims = people.map(({ peer }) => peer)
  await using flooder = await HostilePeer.join(stage.room, victims)
  await conversation.during(flooder.shout(flood(flooder)))
  await expectExpelled(flooder, people)

  await conversation.end()
  for (const peer of victims) {
    const shown = textsShown(peer).filter(text => text.startsWith('FLOOD'))
    expect(shown.length).toBeLessThan(MAX_SHOWN_OF_FLOOD)
    expect(new Set(shown).size).toBe(shown.length)
  }
})

function flood({ room }: HostilePeer): Uint8Array[] {
  const signers = Array.from({ length: FLOOD_KEYS }, stranger)
  return Array.from({ length: FLOOD / FLOOD_KEYS }, (_, wave) =>
    signers.map((signer, at) => encodeFrame([messageOf({ room, signer, text: `FLOOD ${wave} of ${at}` })])),
  ).flat()
}
