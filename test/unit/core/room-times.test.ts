import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../../src/core/frame.ts'
import type { Member } from '../../support/core-member.ts'
import { Network } from '../../support/core-network.ts'
import { EPOCH, SEED } from '../../support/core-world.ts'

/** Two who are connected and know each other. */
function pair(): { network: Network; ann: Member; ben: Member } {
  const network = new Network({ seed: SEED })
  const [ann, ben] = network.crowd(['ann', 'ben'])
  if (ann === undefined || ben === undefined) throw new Error('two were made')
  network.run(2_000)
  return { network, ann, ben }
}

describe('times', () => {
  const times = (member: Member) => member.log.latest(1_000).map(entry => entry.envelope.ts)

  test('of one author always grow, whatever the clock does', () => {
    const { network, ann } = pair()
    for (let count = 0; count < 20; count++) ann.say(`${count}`)
    network.run(1)
    ann.say('later')
    expect(new Set(times(ann)).size).toBe(21)
    const texts = ann.log.latest(100).map(entry => entry.envelope.seq)
    expect(texts).toEqual(texts.toSorted((a, b) => a - b))
  })

  test("of an answer come after what it answers, even if its author's clock is behind", () => {
    const network = new Network({ seed: SEED })
    const [ann, ben] = [network.join('ann'), network.join('ben', -90_000)]
    network.link(ann, ben)
    network.run(1_000)
    ann.say('question')
    network.run(1_000)
    ben.say('answer')
    network.run(1_000)
    expect([ann.texts, ben.texts]).toEqual([
      ['question', 'answer'],
      ['question', 'answer'],
    ])
    expect(
      ann.shown.filter(notice => notice.kind === 'message').every(notice => notice.place === 'newest'),
    ).toBe(true)
  })

  test('of a far clock hold a message back until its time, and lose it not', () => {
    const network = new Network({ seed: SEED })
    const [ann, ben] = [network.join('ann'), network.join('ben', 150_000)]
    network.link(ann, ben)
    network.run(1_000)
    ben.say('from tomorrow')
    network.run(20_000)
    expect(ann.texts).toEqual([])
    network.run(15_000)
    expect(ann.texts).toEqual(['from tomorrow'])
    expect(ann.log.latest(1)[0]?.envelope.ts).toBeGreaterThan(EPOCH + 150_000)
  })
})

describe('what others replay', () => {
  test('makes nobody meet themselves', () => {
    const { network, ann, ben } = pair()
    ann.say('hello')
    network.run(2_000)
    const own = ann.room.greeting(ann.now()).beacon
    ann.tell({ kind: 'frame', from: ben.key, payload: encodeFrame([own]) })
    network.run(2_000)
    expect([ann.comings, ann.receipts]).toEqual([['ben joined'], ['ben has it, 1 of 1']])
    expect(ann.room.people.length).toBe(1)
  })

  test('shows no message again, in whatever frame it comes', () => {
    const { network, ann, ben } = pair()
    for (const text of ['one', 'two']) ann.say(text)
    network.run(1_000)
    const wires = ann.log.latest(2).map(entry => entry.envelope.wire)
    for (const some of [wires, wires.slice(1), wires.toReversed(), [...wires, ...wires]]) {
      ben.tell({ kind: 'frame', from: ann.key, payload: encodeFrame(some) })
      ben.tell({ kind: 'segment', exchange: 0, from: ann.key, wires: some })
    }
    network.run(1_000)
    expect(ben.texts).toEqual(['one', 'two'])
  })

  test('brings nobody back who left', () => {
    const { network, ann, ben } = pair()
    const before = ann.room.greeting(ann.now()).beacon
    ann.leave()
    network.run(1_000)
    ben.tell({ kind: 'frame', from: ann.key, payload: encodeFrame([before]) })
    ben.tell({ kind: 'greeted', from: ann.key, beacon: before })
    network.run(1_000)
    expect(ben.comings).toEqual(['ann joined', 'ann left, quit'])
  })
})
