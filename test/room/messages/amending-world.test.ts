/**
 * Five people who say and change things over links that lose, break and come back: in the end everybody has the same of
 * every message, and whoever only listened to notices does, too.
 */
import { describe, expect, test } from 'vitest'
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { Change, MessageWithState, RoomNotice } from '../../../src/room/events.ts'
import type { MessageState } from '../../../src/room/messages/amendments.ts'
import type { Member } from '../../support/core-member.ts'
import { Network } from '../../support/core-network.ts'
import { pick, seeded } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'

const ROUNDS = 120
const EMOJI = ['👍', '🎉', '❤️'] as const

/** One thing that somebody says, or does to a message that he sees. */
function act(member: Member, random: () => number): void {
  const told = member.room.nth(1 + Math.floor(random() * 8), () => true)
  const word = Math.floor(random() * 1_000)
  if (told === undefined || random() < 0.3) member.say(`word ${word}`)
  else member.tell({ kind: 'amend', change: changeOf(member, told, word, random) })
}

function changeOf(
  member: Member,
  { envelope }: MessageWithState,
  word: number,
  random: () => number,
): Change {
  const ref = envelope.id
  const isOwn = envelope.author === member.key
  if (isOwn && random() < 0.1) return { kind: 'deletion', ref }
  if (isOwn && random() < 0.6) return { kind: 'edit', ref, newText: `edit ${word}` }
  return { kind: 'reaction', ref, emoji: pick(EMOJI, random), isOn: random() < 0.6 }
}

interface Shown {
  readonly text: string
  readonly reactions: ReadonlySet<string>
}

/** What somebody shows who keeps what notices tell him. */
function screenOf(notices: readonly RoomNotice[]): Record<string, string> {
  const screen = new Map<string, Shown>()
  for (const notice of notices) {
    if (notice.kind === 'message') screen.set(notice.envelope.id, shownOf(notice.state))
    if (notice.kind !== 'amended') continue
    const was = screen.get(notice.amendment.ref)
    if (was !== undefined) screen.set(notice.amendment.ref, amended(was, notice))
  }
  return Object.fromEntries([...screen].map(([id, shown]) => [id, lineOf(shown)]))
}

function shownOf({ said, reactions }: MessageState): Shown {
  return { text: said.text, reactions: new Set(reactions.map(({ author, emoji }) => `${author} ${emoji}`)) }
}

function amended(was: Shown, { amendment, by }: Extract<RoomNotice, { kind: 'amended' }>): Shown {
  if (amendment.kind === 'deletion') return { text: '', reactions: new Set() }
  if (amendment.kind === 'edit') return { ...was, text: amendment.newText }
  const one = new Set([`${by.author} ${amendment.emoji}`])
  const reactions = amendment.isOn ? was.reactions.union(one) : was.reactions.difference(one)
  return { ...was, reactions }
}

function lineOf({ text, reactions }: Shown): string {
  return [text, ...[...reactions].sort()].join(' | ')
}

function standingIn(member: Member, ids: readonly string[]): Record<string, string> {
  const lines = ids.map(id => {
    const told = member.room.find(id as MessageId)
    return [id, told === undefined ? 'nothing' : lineOf(shownOf(told.state))]
  })
  return Object.fromEntries(lines)
}

/** Links that break and come back while everybody talks, and at last all of them. */
function storm(network: Network, members: readonly Member[], random: () => number): void {
  for (let round = 0; round < ROUNDS; round++) {
    act(pick(members, random), random)
    const [a, b] = [pick(members, random), pick(members, random)]
    if (a !== b && random() < 0.15) network.cut(a, b)
    else if (a !== b && random() < 0.2) network.link(a, b)
    network.run(random() * 400)
  }
  network.loss = 0
  for (const a of members) for (const b of members) if (a !== b) network.link(a, b)
  network.run(120_000)
}

describe.each([1, 2, 3])(`a stormy room (SEED=${SEED}, story %i)`, story => {
  test('ends the same for everybody', () => {
    const seed = SEED + story
    const random = seeded(seed)
    const network = new Network({ seed, loss: 0.3, latencyMs: 40 })
    const members = network.crowd(['ann', 'ben', 'cat', 'dan', 'eve'])
    network.run(2_000)
    storm(network, members, random)
    const [first, ...others] = members as [Member, ...Member[]]
    const ids = first.room.latest(1_000).map(({ envelope }) => envelope.id)
    expect(ids.length).toBeGreaterThan(ROUNDS / 2)
    for (const other of others) {
      expect(other.digest).toBe(first.digest)
      expect(standingIn(other, ids)).toEqual(standingIn(first, ids))
    }
    for (const member of members) {
      const screen = screenOf(member.shown)
      expect(screen).toEqual(standingIn(member, Object.keys(screen)))
    }
  })
})
