import { describe, expect, test } from 'vitest'
import { encodeCbor } from '../../../src/protocol/cbor.ts'
import { inDomain } from '../../../src/protocol/crypto.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { decodeEnvelope } from '../../../src/protocol/envelope.ts'
import { encodeFrame } from '../../../src/protocol/frame.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import { MAX_FRAME_BYTES, MAX_FUTURE_MS } from '../../../src/protocol/limits.ts'
import { FUTURE_COUNT } from '../../../src/room/policy.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../../support/core-chain.ts'
import { CountingCrypto, EPOCH, instant, logIdOf, OTHER_ROOM } from '../../support/core-world.ts'
import { beaconOf, Desk, frameOf, said } from './validator-kit.ts'

const crypto = new CountingCrypto()
const HERS = chainId(ALICE.author, logIdOf(1))

/** The same bytes under another author's name. */
function forged(envelope: Envelope, author = BOB.author): Envelope {
  const wire = Buffer.from(envelope.wire)
  wire.set(Buffer.from(author, 'hex'), wire.indexOf(Buffer.from(envelope.author, 'hex')))
  const read = decodeEnvelope(new Uint8Array(wire), crypto)
  if (read === undefined) throw new Error('not an envelope')
  return read
}

describe('a frame is rejected', () => {
  test.each<[string, string, () => Uint8Array]>([
    ['no frame', 'not a frame', () => new Uint8Array([1, 2, 3])],
    ['an empty frame', 'not a frame', () => encodeFrame([])],
    ['an oversized frame', 'not a frame', () => encodeFrame([new Uint8Array(MAX_FRAME_BYTES)])],
    ['a record that is none', 'a record is not of its form', () => encodeFrame([new Uint8Array([1, 2, 3])])],
    ['an empty record', 'a record is not of its form', () => encodeFrame([new Uint8Array()])],
    ['half a message', 'a message is not of its form', () => encodeFrame([message(ALICE).wire.slice(0, 90)])],
    [
      'an oversized message',
      'a message is not of its form',
      () => encodeFrame([inDomain(encodeCbor([1, new Uint8Array(9_300)]), new Uint8Array(64))]),
    ],
    [
      'a message of another room',
      'a message is of another room',
      () => frameOf([message(ALICE, { room: OTHER_ROOM })]),
    ],
    [
      'a body of another form',
      'a body is not of its form',
      () => frameOf([message(ALICE, { body: [1, 2] })]),
    ],
    [
      'a beacon of another room',
      'a beacon is of another room',
      () => encodeFrame([beaconOf(ALICE, { room: OTHER_ROOM })]),
    ],
    ['half a beacon', 'a beacon is not of its form', () => encodeFrame([beaconOf(ALICE).slice(0, 90)])],
    [
      'a beacon without a signature',
      'bad signature',
      () => encodeFrame([new Uint8Array(beaconOf(ALICE)).fill(1, -64)]),
    ],
    ['a message without a signature', 'bad signature', () => frameOf([unsigned(message(ALICE))])],
    ['a forged author', 'bad signature', () => frameOf([forged(message(ALICE))])],
    [
      'a run with a bad last signature',
      'bad signature',
      () => frameOf([message(ALICE), unsigned(next(message(ALICE), ALICE))]),
    ],
    [
      'a run in the wrong order',
      'bad signature',
      () => frameOf([next(unsigned(message(ALICE)), ALICE), unsigned(message(ALICE))]),
    ],
    [
      'one bad message among good ones',
      'bad signature',
      () => frameOf([message(ALICE), unsigned(message(BOB))]),
    ],
    [
      'a place that does not follow',
      'its place does not follow its predecessor',
      () => frameOf([message(ALICE), next(message(ALICE), ALICE, { seq: 2 })]),
    ],
    [
      'a time that does not follow',
      'its time does not follow its predecessor',
      () => frameOf([message(ALICE), next(message(ALICE), ALICE, { ts: EPOCH })]),
    ],
    [
      'a predecessor of another author',
      'its predecessor is of another chain',
      () => frameOf([message(ALICE), next(message(ALICE), BOB)]),
    ],
  ])('with %s', (_, reason, payload) => {
    expect(said(new Desk().payload(payload()))).toBe(`reject: ${reason}`)
  })

  test('and what was good in it before is kept', () => {
    const desk = new Desk()
    const good = message(ALICE)
    expect(desk.frame([good, unsigned(message(BOB))]).messages).toEqual([good])
    expect(desk.held).toEqual([good.id])
  })
})

describe('a message from the future', () => {
  const ahead = EPOCH + MAX_FUTURE_MS

  test('waits for its time', () => {
    const desk = new Desk()
    const one = message(ALICE, { ts: ahead + 500 })
    expect(said(desk.frame([one]))).toBe('ignore: future')
    expect([desk.held, desk.waiting, desk.placing.pending.dueAt()]).toEqual([[], 1, EPOCH + 500])
    expect(desk.placing.appendDue(instant(499))).toEqual([])
    expect(desk.placing.appendDue(instant(500))).toEqual([one])
    expect([desk.held, desk.waiting, desk.placing.pending.dueAt()]).toEqual([[one.id], 0, undefined])
  })

  test('is none at the very tolerance', () => {
    expect(said(new Desk().frame([message(ALICE, { ts: ahead })]))).toBe('accept')
  })

  test('does not hold up what was written before it', () => {
    const desk = new Desk()
    const run = chain(ALICE, 4, { ts: ahead - 1 })
    const taken = desk.frame(run)
    expect([said(taken), taken.messages.map(one => one.seq)]).toEqual(['ignore: future', [0, 1]])
    expect(desk.placing.appendDue(instant(10)).map(one => one.seq)).toEqual([2, 3])
    expect(desk.log.range(HERS, 0, { count: 9, bytes: 99_999 }).length).toBe(4)
  })

  test('is no reason to reject what a faster clock accepts', () => {
    const [slow, fast] = [new Desk(), new Desk()]
    const bad = unsigned(message(ALICE, { ts: ahead }))
    const run = [bad, next(bad, ALICE)]
    expect(said(fast.frame(run, instant(1)))).toBe('accept')
    expect([said(slow.frame(run, instant(0))), slow.held]).toEqual(['ignore: future', []])
    expect(said(slow.frame(run, instant(1)))).toBe('accept')
  })

  test('is proved by what waits with it', () => {
    const desk = new Desk()
    const bad = unsigned(message(ALICE, { ts: ahead + 1 }))
    const run = [bad, next(bad, ALICE)]
    expect(said(desk.frame(run, instant(0)))).toBe('ignore: future')
    expect(desk.placing.appendDue(instant(2))).toEqual(run)
  })

  test('waits for its time also when the clock was ahead while it waited for its predecessor', () => {
    const desk = new Desk()
    const first = message(ALICE)
    const second = next(first, ALICE, { ts: ahead + 500 })
    expect(said(desk.frame([second], instant(1_000)))).toBe('ignore: gap')
    desk.frame([first], instant(10))
    expect([desk.held, desk.waiting]).toEqual([[first.id], 1])
    expect(desk.placing.appendDue(instant(500))).toEqual([second])
  })

  test('is held in bounded number', () => {
    const desk = new Desk()
    for (let log = 0; log < 3 * FUTURE_COUNT; log++) {
      const now = instant(log * 100)
      desk.frame([message(ALICE, { log: logIdOf(log), ts: ahead * 2 })], now)
      expect(desk.waiting).toBeLessThanOrEqual(FUTURE_COUNT)
    }
    expect(desk.waiting).toBe(FUTURE_COUNT)
  })
})

describe('whoever passes something on', () => {
  test('is not blamed for what waited for its message', () => {
    const desk = new Desk()
    const honest = message(ALICE)
    const trap = next(honest, BOB)
    expect(said(desk.frame([trap]))).toBe('ignore: gap')
    const taken = desk.frame([honest])
    expect([said(taken), taken.messages]).toEqual(['accept', [honest]])
  })

  test('passes on nothing that it could not check itself', () => {
    const old = beaconOf(ALICE, { stamp: EPOCH - 1 })
    const fake = new Uint8Array(old).fill(3, -64)
    const one = message(BOB)
    const desk = new Desk()
    const [news] = desk.payload(encodeFrame([beaconOf(ALICE)])).beacons
    if (news) desk.people.onBeacon(news, instant(0))
    const taken = desk.payload(encodeFrame([one.wire, fake]))
    expect([said(taken), taken.messages]).toEqual(['ignore: old beacon', [one]])
    expect(said(new Desk().payload(encodeFrame([one.wire, fake])))).toBe('reject: bad signature')
  })

  test('passes on nothing that only another message proved to it', () => {
    const desk = new Desk()
    const bad = unsigned(message(ALICE))
    desk.frame([bad, next(bad, ALICE)])
    expect(said(desk.frame([message(BOB), bad]))).toBe('ignore: unproved')
    expect(said(new Desk().frame([message(BOB), bad]))).toBe('reject: bad signature')
  })

  test('is not blamed for what stands unsigned before a message that is held, after it was let go', () => {
    const bad = unsigned(message(ALICE))
    const proof = next(bad, ALICE)
    const desk = new Desk()
    desk.roots.set(HERS, 1)
    expect(said(desk.segment([proof]))).toBe('accept')
    expect(said(desk.frame([bad, proof]))).toBe('ignore: surplus')
    expect(said(new Desk().frame([bad, proof]))).toBe('accept')
    expect(desk.held).toEqual([proof.id])
  })
})
