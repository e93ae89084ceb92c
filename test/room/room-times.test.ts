import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../src/protocol/frame.ts'
import { chainId } from '../../src/protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import { message } from '../support/core-chain.ts'
import type { Member } from '../support/core-member.ts'
import { Network } from '../support/core-network.ts'
import { EPOCH, logIdOf, signerOf } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

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

describe('a clock that was an hour ahead and is right again', () => {
  const HOUR = 3_600_000

  function hourAhead(): ReturnType<typeof pair> {
    const three = pair()
    const { network, ann } = three
    ann.say('before')
    network.run(1_000)
    ann.setClock(HOUR)
    ann.say('from the future')
    network.run(10_000)
    ann.setClock(0)
    return three
  }

  test('holds back only what was written meanwhile, and everybody gets that in its time', () => {
    const { network, ann, ben } = hourAhead()
    ann.say('now')
    network.run(5_000)
    ben.say('answer')
    network.run(5_000)
    ann.say('and on')
    network.run(5_000)
    expect(ben.texts).toEqual(['before', 'now', 'answer', 'and on'])
    expect(ann.texts).toEqual(['before', 'from the future', 'now', 'answer', 'and on'])
    const latest = Math.max(...ben.log.latest(9).map(entry => entry.envelope.ts))
    expect(latest).toBeLessThan(ann.now().wall)
    expect(ann.room.undelivered).toBe(1)
    network.run(HOUR)
    expect(ben.texts.at(-1)).toBe('from the future')
    expect([ann.room.undelivered, ben.digest]).toEqual([0, ann.digest])
  })

  test('is told once, and the next chain is kept', () => {
    const { ann } = hourAhead()
    const before = ann.log.logId
    for (const text of ['one', 'two', 'three']) ann.say(text)
    const notices = ann.shown.filter(notice => notice.kind === 'clock')
    expect(notices).toEqual([{ kind: 'clock', aheadMs: HOUR - 10_000 }])
    expect(ann.log.logId).not.toBe(before)
  })
})

describe('a clock that is set back by mistake', () => {
  const DAY = 86_400_000
  const texts = ({ log }: Member) => log.latest(9).map(({ envelope }) => (envelope.body as string[])[1])

  test('makes nobody answer before the question', () => {
    const { network, ann, ben } = pair()
    ann.say('what time is it?')
    network.run(1_000)
    ben.say('late')
    network.run(1_000)
    const { logId } = ann.log
    ann.setClock(-DAY)
    ann.say('thanks')
    network.run(1_000)
    expect([texts(ann), texts(ben)]).toEqual(Array(2).fill(['what time is it?', 'late', 'thanks']))
    expect(ann.log.logId).toBe(logId)
  })

  test('lets a chain go on that somebody holds', () => {
    const { network, ann, ben } = pair()
    ann.say('one')
    network.run(1_000)
    ann.setClock(-DAY)
    for (const text of ['two', 'three']) ann.say(text)
    network.run(1_000)
    expect(ben.texts).toEqual(['one', 'two', 'three'])
    expect(ann.shown.some(notice => notice.kind === 'clock')).toBe(false)
  })
})

test('somebody just within the tolerance makes nobody begin another chain, and delays nobody', () => {
  const { network, ann, ben } = pair()
  const eve = signerOf('eve')
  const { logId } = ann.log
  for (let round = 0; round < 5; round++) {
    const ahead = message(eve, { log: logIdOf(round), ts: ann.now().wall + MAX_FUTURE_MS })
    for (const one of [ann, ben])
      one.tell({ kind: 'segment', from: eve.author, exchange: 0, wires: [ahead.wire] })
    for (let count = 0; count < 200; count++) ann.say(`${round} ${count}`)
    ben.setClock(-2_000)
    network.run(1_000)
    expect(ben.log.length(chainId(ann.key, logId))).toBe(200 * (round + 1))
  }
  expect(ann.log.logId).toBe(logId)
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
    expect(ann.room.members.length).toBe(1)
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
