/** Replies, edits, deletions and reactions between peers: told once, the same to all, and only by those who may. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Amendment } from '../../../src/protocol/content.ts'
import { encodeContent } from '../../../src/protocol/content.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { encodeFrame } from '../../../src/protocol/frame.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { Change, RoomNotice } from '../../../src/room/events.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import type { Member } from '../../support/core-member.ts'
import { Network } from '../../support/core-network.ts'
import { Peer } from '../../support/core-peer.ts'
import { EPOCH, instant, logIdOf, seeded, shuffled, signerOf } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'

function pair(): { network: Network; ann: Member; ben: Member } {
  const network = new Network({ seed: SEED })
  const [ann, ben] = network.crowd(['ann', 'ben'])
  if (ann === undefined || ben === undefined) throw new Error('two were made')
  network.run(2_000)
  return { network, ann, ben }
}

function lastId(peer: Peer): MessageId {
  const told = peer.room.nth(1, () => true)
  if (told === undefined) throw new Error('nothing was said')
  return told.envelope.id
}

function change(peer: Peer, one: Change): void {
  peer.tell({ kind: 'amend', change: one })
}

/** What was told of changes, in short. */
function changesOf(notices: readonly RoomNotice[]): readonly string[] {
  return notices.flatMap(notice => (notice.kind === 'amended' ? changeOf(notice.amendment) : []))
}

function changeOf(amendment: Amendment): string {
  switch (amendment.kind) {
    case 'edit':
      return `${amendment.name} edited: ${amendment.newText}`
    case 'deletion':
      return `${amendment.name} deleted`
    case 'reaction':
      return `${amendment.name} ${amendment.isOn ? '+' : '-'}${amendment.emoji}`
  }
}

describe(`two people (SEED=${SEED})`, () => {
  test('see what the other changes, once', () => {
    const { network, ann, ben } = pair()
    ann.say('helo')
    network.run(2_000)
    const ref = lastId(ben)
    change(ann, { kind: 'edit', ref, newText: 'hello' })
    change(ben, { kind: 'reaction', ref, emoji: '👍', isOn: true })
    network.run(60_000)
    for (const peer of [ann, ben]) {
      expect(changesOf(peer.shown).toSorted()).toEqual(['ann edited: hello', 'ben +👍'])
      expect(peer.texts).toEqual(['helo'])
      expect(peer.room.find(ref)?.state.said).toMatchObject({ text: 'hello' })
      expect(peer.room.find(ref)?.state.reactions.map(one => one.emoji)).toEqual(['👍'])
    }
    change(ben, { kind: 'reaction', ref, emoji: '👍', isOn: false })
    change(ann, { kind: 'deletion', ref })
    network.run(60_000)
    for (const peer of [ann, ben]) {
      expect(changesOf(peer.shown)).toContain('ann deleted')
      expect(peer.room.find(ref)?.state).toMatchObject({ said: { text: '' }, reactions: [] })
    }
    expect(ann.digest).toBe(ben.digest)
  })

  test('see what an answer answers', () => {
    const { network, ann, ben } = pair()
    ann.say('tea?')
    network.run(2_000)
    const ref = lastId(ben)
    ben.tell({ kind: 'say', act: 'text', text: 'yes', replyTo: ref })
    network.run(2_000)
    const shown = ann.shown.filter(notice => notice.kind === 'message').at(-1)
    expect(shown).toMatchObject({
      content: { kind: 'reply', name: 'ben', text: 'yes', ref },
      replied: { state: { said: { text: 'tea?' } } },
    })
  })

  test('who are apart come to the same when they meet again', () => {
    const { network, ann, ben } = pair()
    ann.say('one')
    network.run(2_000)
    const ref = lastId(ben)
    network.cut(ann, ben)
    change(ann, { kind: 'edit', ref, newText: 'two' })
    change(ben, { kind: 'reaction', ref, emoji: '🎉', isOn: true })
    ann.say('three')
    change(ann, { kind: 'edit', ref: lastId(ann), newText: 'four' })
    network.link(ann, ben)
    network.run(60_000)
    expect(ann.room.find(ref)?.state).toEqual(ben.room.find(ref)?.state)
    // what ben never saw otherwise is shown to him as it is now, without a word of how it was
    expect(ben.texts).toEqual(['one', 'four'])
    expect(changesOf(ben.shown).toSorted()).toEqual(['ann edited: two', 'ben +🎉'])
  })

  test('see the same after a restart', () => {
    const { network, ann, ben } = pair()
    ann.say('one')
    ann.say('two')
    network.run(2_000)
    const ref = lastId(ben)
    change(ann, { kind: 'edit', ref, newText: 'three' })
    for (let count = 0; count < 80; count++) {
      change(ben, { kind: 'reaction', ref, emoji: '🎉', isOn: count % 2 === 0 })
    }
    network.run(10_000)
    const again = new Peer('ben', { log: ben.log, now: () => instant(network.now) })
    again.tell({ kind: 'opened', backlog: 2 })
    const texts = again.shown.flatMap(notice => (notice.kind === 'message' ? notice.content.text : []))
    expect(texts).toEqual(['one', 'three'])
    expect(changesOf(again.shown)).toEqual([])
  })

  test('count messages back, without those that only change others', () => {
    const { network, ann, ben } = pair()
    for (const text of ['one', 'two', 'three']) {
      ann.say(text)
      for (let count = 0; count < 50; count++) {
        change(ann, { kind: 'reaction', ref: lastId(ann), emoji: '👀', isOn: count % 2 === 0 })
      }
    }
    network.run(10_000)
    const nth = (n: number) => ben.room.nth(n, () => true)?.state.said.text
    expect([nth(1), nth(2), nth(3), nth(4)]).toEqual(['three', 'two', 'one', undefined])
    expect(ann.room.whoGot(2)?.entry.envelope.id).toBe(ben.room.nth(2, () => true)?.envelope.id)
    change(ann, { kind: 'deletion', ref: lastId(ann) })
    network.run(10_000)
    expect(nth(1)).toBe('two')
  })
})

describe('the newest messages, which come before those that they stand on', () => {
  const all = chain(signerOf('alice'), 6) as [Envelope, ...Envelope[]]
  const [early = all[0], late = all[0]] = all.slice(4)
  const deletion = next(
    late,
    signerOf('alice'),
    encodeContent({ kind: 'deletion', name: 'alice', ref: early.id }),
  )
  const edit = encodeContent({ kind: 'edit', name: 'alice', newText: 'edited', ref: late.id })
  const edited = next(deletion, signerOf('alice'), edit)
  const wires = [early, late, deletion, edited].map(({ wire }) => wire)
  const shown = (peer: Peer) =>
    peer.shown.flatMap(notice => (notice.kind === 'message' ? notice.content.text : changesOf([notice])))

  test('are shown as they stand, and nothing more is told when the others have come', () => {
    const peer = new Peer('carol')
    peer.tell({ kind: 'tail', from: early.author, exchange: 0, wires })
    expect(shown(peer)).toEqual(['', 'edited'])
    expect(peer.room.find(late.id)?.state.said.text).toBe('edited')
    peer.give(all.slice(0, 4))
    settle(peer)
    expect(shown(peer).slice(2)).toEqual(['message 0', 'message 1', 'message 2', 'message 3'])
    expect(peer.room.latest(100).length).toBe(8)
    expect(peer.room.find(early.id)?.state.said.text).toBe('')
  })
})

/** Alice's talk, and what she and mallory do to it, honest and not. */
const ALICE = signerOf('alice')
const MALLORY = signerOf('mallory')
const [one, two, three] = chain(ALICE, 3) as [Envelope, Envelope, Envelope]
const nothing = 'ab'.repeat(32) as MessageId
const byAlice = [
  { kind: 'edit', newText: 'edited once', ref: one.id },
  { kind: 'edit', newText: 'edited twice', ref: one.id },
  { kind: 'deletion', ref: two.id },
  { kind: 'reaction', emoji: '👍', isOn: true, ref: three.id },
  { kind: 'edit', newText: 'of nothing', ref: nothing },
] as const
const byMallory = [
  { kind: 'edit', newText: 'forged', ref: one.id },
  { kind: 'deletion', ref: three.id },
  { kind: 'reaction', emoji: 'no emoji', isOn: true, ref: three.id },
  { kind: 'reaction', emoji: '🎉', isOn: true, ref: three.id },
  { kind: 'deletion', ref: nothing },
] as const

function written(): readonly Envelope[] {
  const all = [one, two, three]
  for (const content of byAlice) {
    all.push(next(all.at(-1) ?? three, ALICE, encodeContent({ ...content, name: 'alice' })))
  }
  let hers: Envelope | undefined
  for (const content of byMallory) {
    const words = encodeContent({ ...content, name: 'mallory' })
    hers =
      hers === undefined
        ? message(MALLORY, { ...words, log: logIdOf(7), ts: EPOCH + 50 })
        : next(hers, MALLORY, words)
    all.push(hers)
  }
  return all
}

const ALL = written()

describe('whatever order it comes in', () => {
  test('is told so that who listens knows what stands', () => {
    fc.assert(
      fc.property(fc.integer(), order => {
        const random = seeded(order)
        const peer = new Peer('carol')
        for (const envelope of shuffled([...ALL, ...ALL.slice(0, 5)], random)) arrive(peer, envelope, random)
        settle(peer)
        expect(peer.room.latest(100).length).toBe(ALL.length)
        expect(heard(peer.shown)).toEqual({
          [one.id]: 'edited twice',
          [two.id]: '',
          [three.id]: 'message 2 🎉👍',
        })
      }),
      { seed: SEED, numRuns: 200 },
    )
  })
})

/** By gossip or by a sync, which ends now and then. */
function arrive(peer: Peer, { author, wire }: Envelope, random: () => number): void {
  if (random() < 0.5) peer.tell({ kind: 'frame', from: author, payload: encodeFrame([wire]) })
  else peer.tell({ kind: 'segment', from: author, exchange: 0, wires: [wire] })
  if (random() < 0.3) settle(peer)
}

function settle(peer: Peer): void {
  const outcome = { kind: 'complete', received: 1, sent: 0, unfulfilled: [] } as const
  peer.tell({ kind: 'synced', from: ALICE.author, exchange: 0, outcome })
}

/** What somebody has on the screen who only listens to notices. */
function heard(notices: readonly RoomNotice[]): Record<string, string> {
  const texts = new Map<string, string>()
  const reactions = new Map<string, Set<string>>()
  const seen = (id: string) => reactions.get(id) ?? reactions.set(id, new Set()).get(id) ?? new Set()
  for (const notice of notices) {
    if (notice.kind === 'message') {
      texts.set(notice.envelope.id, notice.content.text)
      for (const { emoji } of notice.state.reactions) seen(notice.envelope.id).add(emoji)
    }
    if (notice.kind !== 'amended') continue
    const { amendment } = notice
    if (amendment.kind === 'edit') texts.set(amendment.ref, amendment.newText)
    if (amendment.kind === 'deletion') texts.set(amendment.ref, '')
    if (amendment.kind === 'reaction') noteReaction(seen(amendment.ref), amendment)
  }
  return Object.fromEntries(
    [...texts].map(([id, text]) => [id, `${text} ${[...seen(id)].sort().join('')}`.trim()]),
  )
}

function noteReaction(emojis: Set<string>, { emoji, isOn }: { emoji: string; isOn: boolean }): void {
  if (isOn) emojis.add(emoji)
  else emojis.delete(emoji)
}
