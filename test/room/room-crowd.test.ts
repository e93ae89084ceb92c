import { describe, expect, test } from 'vitest'
import { BEACON_IDLE_MS, BEACONS_MISSED, GAP_PATIENCE_MS, TAIL_COUNT } from '../../src/room/policy.ts'
import { exchangesWithin, five, NAMES, talk } from '../support/core-crowd.ts'
import type { Member } from '../support/core-member.ts'
import { Network } from '../support/core-network.ts'
import { SEED } from '../support/seed.ts'

/** Everyone shows everything, each once, and holds it in one order. */
function expectAll(members: readonly Member[], said: readonly string[]): void {
  for (const member of members) {
    expect(member.texts.toSorted(), member.name).toEqual(said.toSorted())
    expect(member.held, member.name).toEqual(members[0]?.held)
    expect([member.rejected, member.expelled], member.name).toEqual([[], []])
  }
}

describe(`five people (SEED=${SEED})`, () => {
  test('all read everything, once and in one order', () => {
    const { network, members } = five()
    const said = talk(network, members, 100, 30)
    network.run(10_000)
    expectAll(members, said)
    for (const member of members) expect(member.comings.toSorted()).toEqual(joins(member))
  })

  test('see when a message has reached everyone', () => {
    const { network, members } = five()
    members[0]?.say('hello')
    network.run(5_000)
    const receipts = members[0]?.receipts ?? []
    expect(receipts.map(one => one.split(', ')[1])).toEqual(['1 of 4', '2 of 4', '3 of 4', '4 of 4'])
    expect(receipts.map(one => one.split(' ')[0]).toSorted()).toEqual(NAMES.slice(1))
  })

  test('lose nothing on links that lose a third of all frames', () => {
    const { network, members } = five({ loss: 0.33 })
    const said = talk(network, members, 60, 50)
    network.run(60_000)
    expectAll(members, said)
    const mine = (member: Member) => said.filter(text => text.startsWith(member.name)).length
    for (const member of members) expect(member.receipts.length, member.name).toBe(4 * mine(member))
  })

  test('lose nothing when gossip carries nothing at all', () => {
    const { network, members } = five({ loss: 1 })
    const said = talk(network, members, 10, 50)
    network.run(60_000)
    for (const member of members) member.tell({ kind: 'linked', peer: other(members, member).key })
    network.run(20_000)
    expectAll(members, said)
  })

  test('find together again after a split, in which both sides went on', () => {
    const { network, members } = five()
    const [left, right] = [members.slice(0, 2), members.slice(2)]
    for (const one of left) for (const other of right) network.cut(one, other)
    const said = [...talk(network, left, 20, 100), ...talk(network, right, 20, 100)]
    network.run(30_000)
    expect(left[0]?.comings.filter(one => one.includes('lost')).length).toBe(3)
    for (const one of left) for (const other of right) network.link(one, other)
    network.run(10_000)
    expectAll(members, said)
    for (const member of members) expect(member.room.members.length).toBe(4)
  })

  test('bring a newcomer up to date, once, the newest first and each part in order', () => {
    const { network, members } = five()
    const said = talk(network, members, 100, 10)
    network.run(5_000)
    const late = network.join('late')
    for (const member of members) network.link(late, member)
    network.run(5_000)
    expectAll([...members, late], said)
    const shown = late.shown.filter(notice => notice.kind === 'message')
    expect(shown.every(notice => notice.via === 'history')).toBe(true)
    const order = late.room.latest(said.length).map(entry => entry.envelope.id)
    const ids = shown.map(notice => notice.envelope.id)
    expect(ids).toEqual([...order.slice(-TAIL_COUNT), ...order.slice(0, -TAIL_COUNT)])
    expect(shown.filter(notice => notice.place === 'late').length).toBe(said.length - TAIL_COUNT)
    expect(late.room.members.length).toBe(5)
  })

  test('hear from someone who reaches only one of them', () => {
    const { network, members } = five()
    const [first] = members
    const far = network.join('far')
    if (first) network.link(far, first)
    network.run(5_000)
    far.say('can you hear me?')
    members[4]?.say('we can')
    network.run(5_000)
    expectAll([...members, far], ['can you hear me?', 'we can'])
    expect(far.room.members.map(person => person.link).toSorted()).toEqual([
      'direct',
      ...Array(4).fill('indirect'),
    ])
    expect(far.receipts.length).toBe(5)
    far.leave()
    network.run(1_000)
    for (const member of members) expect(member.comings.at(-1), member.name).toBe('far left, quit')
  })

  test('miss someone who reached only one of them, after a while', () => {
    const { network, members } = five()
    const [first] = members
    const far = network.join('far')
    if (first) network.link(far, first)
    network.run(5_000)
    far.kill()
    network.run(BEACON_IDLE_MS * (BEACONS_MISSED + 1))
    for (const member of members)
      expect(member.comings.slice(-2), member.name).toEqual(['far joined', 'far left, lost'])
  })

  test('speak through each other when they stand in a line', () => {
    const network = new Network({ seed: SEED })
    const members = NAMES.map(name => network.join(name))
    for (const [index, member] of members.entries()) {
      const before = members[index - 1]
      if (before) network.link(before, member)
    }
    network.run(60_000)
    const said = talk(network, members, 30, 200)
    network.run(60_000)
    expectAll(members, said)
    for (const member of members) expect(member.room.members.length, member.name).toBe(4)
  })

  test('notice from what others build on that something is missing', () => {
    const { network, members } = five()
    const [ann, ben, cat] = members
    if (!ann || !ben || !cat) throw new Error('five were made')
    for (const member of members) if (member !== ben) network.cut(ann, member)
    ann.say('only ben hears this')
    network.run(60)
    const before = network.exchanged.length
    ben.say('an answer')
    network.run(60 + GAP_PATIENCE_MS)
    expect(network.exchanged.length).toBeGreaterThan(before)
    network.run(500)
    expect(cat.texts.toSorted()).toEqual(['an answer', 'only ben hears this'])
  })

  test('come to rest, and stay there', () => {
    const { network, members } = five({ loss: 0.2 })
    const said = talk(network, members, 60, 50)
    network.run(60_000)
    expectAll(members, said)
    network.loss = 0
    network.run(60_000)
    const frames = network.published.length
    expect(exchangesWithin(network, 600_000)).toBe(0)
    expect(network.published.length - frames).toBeLessThan((5 * 600_000) / (0.75 * BEACON_IDLE_MS) + 5)
  })

  test('do not speak of presence more than a few times a second, however much is said', () => {
    const { network, members } = five()
    const before = network.published.length
    for (let count = 0; count < 200; count++) {
      members[0]?.say(`message ${count}`)
      network.run(50)
    }
    const beacons = network.published.slice(before).filter(one => one.by !== members[0])
    // one for each person and 250 ms among all: four a second, and a third more with the random part
    expect(beacons.length).toBeLessThan(10 * 4 * 1.35)
  })
})

function joins(member: Member): string[] {
  return NAMES.filter(name => name !== member.name).map(name => `${name} joined`)
}

function other(members: readonly Member[], member: Member): Member {
  return members[(members.indexOf(member) + 1) % members.length] ?? member
}
