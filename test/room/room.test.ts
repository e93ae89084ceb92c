import { describe, expect, test } from 'vitest'
import type { Member } from '../support/core-member.ts'
import { Network } from '../support/core-network.ts'
import { LOST_AFTER_MS } from '../support/core-peer.ts'
import { SEED } from '../support/seed.ts'

/** Two who are connected and know each other. */
function pair(): { network: Network; ann: Member; ben: Member } {
  const network = new Network({ seed: SEED })
  const [ann, ben] = network.crowd(['ann', 'ben'])
  if (ann === undefined || ben === undefined) throw new Error('two were made')
  network.run(2_000)
  return { network, ann, ben }
}

describe(`two people (SEED=${SEED})`, () => {
  test('see each other join, once', () => {
    const { network, ann, ben } = pair()
    network.run(60_000)
    expect([ann.comings, ben.comings]).toEqual([['ben joined'], ['ann joined']])
    expect(ann.room.members.map(person => [person.beacon.name, person.link])).toEqual([['ben', 'direct']])
  })

  test('read what the other says, once and live', () => {
    const { network, ann, ben } = pair()
    ann.say('hello')
    network.run(30_000)
    expect([ann.texts, ben.texts]).toEqual([['hello'], ['hello']])
    const [shown] = ben.shown.filter(notice => notice.kind === 'message')
    expect(shown).toMatchObject({
      via: 'live',
      place: 'newest',
      content: { kind: 'text', name: 'ann', text: 'hello' },
    })
    const [sent] = ann.shown.filter(notice => notice.kind === 'sent')
    expect(sent).toEqual({
      kind: 'sent',
      id: shown?.kind === 'message' ? shown.envelope.id : '',
      text: 'hello',
    })
  })

  test('do, too, what any text says', () => {
    const { network, ann, ben } = pair()
    ann.tell({ kind: 'say', act: 'action', text: 'waves' })
    for (const text of ['\uFEFFmark', 'half \ud800', '\u0000', 'x'.repeat(8_192)]) ann.say(text)
    network.run(5_000)
    expect(ben.texts).toEqual(['waves', '\uFEFFmark', 'half \uFFFD', '\u0000', 'x'.repeat(8_192)])
    expect(ben.shown.find(notice => notice.kind === 'message')).toMatchObject({ content: { kind: 'action' } })
    expect(() => ann.say('')).toThrow(RangeError)
    expect(() => ann.say('x'.repeat(8_193))).toThrow(RangeError)
  })

  test('get a receipt for each message', () => {
    const { network, ann, ben } = pair()
    ann.say('one')
    ben.say('two')
    network.run(5_000)
    expect([ann.receipts, ben.receipts]).toEqual([['ben has it, 1 of 1'], ['ann has it, 1 of 1']])
    expect([ann.room.undelivered, ann.room.whoGot(1)?.holders, ann.room.whoGot(2)]).toEqual([
      0,
      [ben.key],
      undefined,
    ])
  })

  test('get it within a moment', () => {
    const { network, ann } = pair()
    ann.say('one')
    network.run(1_000)
    expect(ann.receipts.length).toBe(1)
  })

  test('see a new name, and what was said under the old one keeps it', () => {
    const { network, ann, ben } = pair()
    ann.say('before')
    ann.tell({ kind: 'rename', name: 'anna' })
    ann.say('after')
    network.run(5_000)
    expect(ben.comings).toEqual(['ann joined', 'ann is now anna'])
    const names = ben.shown.flatMap(notice => (notice.kind === 'message' ? notice.content.name : []))
    expect(names).toEqual(['ann', 'anna'])
  })

  test('see a goodbye as one, and not as a loss', () => {
    const { network, ann, ben } = pair()
    ann.leave()
    network.run(100_000)
    expect(ben.comings).toEqual(['ann joined', 'ann left, quit'])
    expect(ben.room.members).toEqual([])
  })

  test('read the last words before a goodbye', () => {
    const { network, ann, ben } = pair()
    ann.say('first')
    network.run(1)
    ann.say('last')
    ann.leave()
    network.run(5_000)
    expect([ben.texts, ben.comings]).toEqual([
      ['first', 'last'],
      ['ann joined', 'ann left, quit'],
    ])
  })

  test('do not come back with what they say while they leave', () => {
    const { network, ann, ben } = pair()
    ben.say('one more thing')
    ann.tell({ kind: 'leave' })
    network.run(30_000)
    expect([ben.comings, ann.texts]).toEqual([['ann joined', 'ann left, quit'], ['one more thing']])
  })

  test('lose each other when a connection stays broken', () => {
    const { network, ann, ben } = pair()
    ann.kill()
    network.run(LOST_AFTER_MS - 1)
    expect(ben.comings).toEqual(['ann joined'])
    network.run(2)
    expect(ben.comings).toEqual(['ann joined', 'ann left, lost'])
  })

  test('show nothing of a short break, and read what was said meanwhile', () => {
    const { network, ann, ben } = pair()
    network.cut(ann, ben)
    ann.say('are you there?')
    ben.say('hello?')
    network.run(LOST_AFTER_MS / 2)
    expect([ann.texts, ben.texts]).toEqual([['are you there?'], ['hello?']])
    network.link(ann, ben)
    network.run(5_000)
    expect([ann.comings, ben.comings]).toEqual([['ben joined'], ['ann joined']])
    expect([[...ann.texts].sort(), [...ben.texts].sort()]).toEqual([
      ann.texts.toSorted(),
      ann.texts.toSorted(),
    ])
    expect([ann.receipts, ben.receipts]).toEqual([['ben has it, 1 of 1'], ['ann has it, 1 of 1']])
  })

  test('come back after a long break as people who join', () => {
    const { network, ann, ben } = pair()
    network.cut(ann, ben)
    network.run(3 * LOST_AFTER_MS)
    network.link(ann, ben)
    network.run(2_000)
    expect(ben.comings).toEqual(['ann joined', 'ann left, lost', 'ann joined'])
  })

  test('read what was said before there was any link, in order', () => {
    const network = new Network({ seed: SEED })
    const [ann, ben] = [network.join('ann'), network.join('ben')]
    for (const text of ['one', 'two', 'three']) ann.say(text)
    network.run(5_000)
    network.link(ann, ben)
    network.run(1_000)
    expect(ben.texts).toEqual(['one', 'two', 'three'])
    const shown = ben.shown.filter(notice => notice.kind === 'message')
    expect(shown.every(notice => notice.via === 'history' && notice.place === 'newest')).toBe(true)
    expect(ann.receipts.length).toBe(3)
  })

  test('lose nothing of what is said while they find each other', () => {
    for (let wait = 0; wait < 100; wait += 5) {
      const network = new Network({ seed: SEED + wait })
      const [ann, ben] = [network.join('ann'), network.join('ben')]
      network.link(ann, ben)
      network.run(wait)
      ann.say('first')
      network.run(3_000)
      expect(ben.texts, `said after ${wait} ms`).toEqual(['first'])
    }
  })

  test('notice a lost message soon, though nobody says more', () => {
    const { network, ann, ben } = pair()
    network.loss = 1
    ann.say('lost')
    network.run(40)
    network.loss = 0
    network.run(1_500)
    expect(ben.texts).toEqual(['lost'])
  })

  test('come to rest', () => {
    const { network, ann, ben } = pair()
    for (let count = 0; count < 10; count++) {
      ann.say(`message ${count}`)
      ben.say(`answer ${count}`)
      network.run(300)
    }
    network.run(30_000)
    const [exchanges, frames] = [network.exchanged.length, network.published.length]
    network.run(600_000)
    expect(network.exchanged.length).toBe(exchanges)
    // an idle beacon of each, every 11 to 15 seconds
    expect(network.published.length - frames).toBeLessThan((2 * 600) / 11)
    expect([ann.rejected, ben.rejected, ann.expelled, ben.expelled]).toEqual([[], [], [], []])
  })
})
