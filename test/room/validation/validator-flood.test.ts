import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { encodeFrame } from '../../../src/protocol/frame.ts'
import { MAX_FRAME_RECORDS, MAX_FUTURE_MS } from '../../../src/protocol/limits.ts'
import {
  AUTHOR_RATE,
  LINK_RATE,
  NEWCOMER_RATE,
  PENDING_BYTES,
  PENDING_COUNT,
} from '../../../src/room/policy.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../../support/core-chain.ts'
import { EPOCH, instant, logIdOf, seeded, shuffled, signerOf } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'
import { beaconOf, Desk, frameOf } from './validator-kit.ts'

const KEYS = 2_000
const PER_KEY = 10

describe('a flood of 20,000 frames from 2,000 fresh keys', () => {
  const frames = Array.from({ length: KEYS }, (_, key) => chain(signerOf(`flood ${key}`), PER_KEY)).flat()
  const mixed = shuffled(frames, seeded(SEED)).map(one => ({
    payload: frameOf([one]),
    bytes: one.wire.length,
  }))

  /** Sends all frames within some seconds over some links. */
  function flood(links: number, seconds: number): Desk {
    const desk = new Desk()
    const keys = Array.from({ length: links }, (_, link) => signerOf(`link ${link}`).author)
    for (const [index, { payload }] of mixed.entries()) {
      const now = instant((index * seconds * 1_000) / mixed.length)
      desk.payload(payload, now, keys[index % links])
    }
    return desk
  }

  test('over one link costs no more signature checks than the link may bring frames', () => {
    const desk = flood(1, 2)
    expect(desk.crypto.verified).toBeLessThanOrEqual(LINK_RATE.burst + 2 * LINK_RATE.perSecond + 1)
  })

  test('over a hundred links costs no more than the few keys that it may introduce', () => {
    const desk = flood(100, 10)
    const keys = NEWCOMER_RATE.burst + 10 * NEWCOMER_RATE.perSecond + 1
    expect(desk.crypto.verified).toBeLessThanOrEqual(keys * PER_KEY)
    expect(desk.held.length).toBeLessThanOrEqual(keys * PER_KEY)
    expect(desk.waiting).toBeLessThanOrEqual(keys * PER_KEY)
  })

  test('leaves those who were here before their voice', () => {
    const desk = new Desk()
    const [first, ...rest] = chain(ALICE, 40)
    if (first === undefined) throw new Error('too short')
    desk.frame([first], instant(0), BOB.author)
    for (const [index, { payload }] of mixed.slice(0, 4_000).entries()) {
      const now = instant(index * 5)
      desk.payload(payload, now)
      const said = index % 100 === 0 ? rest[index / 100] : undefined
      if (said) expect(desk.frame([said], now, BOB.author).verdict).toBe('accept')
    }
  })
})

describe('one link', () => {
  test('has no more signatures checked than frames, however many it packs into one', () => {
    const desk = new Desk()
    const authors = Array.from({ length: MAX_FRAME_RECORDS }, (_, index) => signerOf(`author ${index}`))
    const firsts = authors.map(author => message(author))
    for (const [index, one] of firsts.entries())
      desk.frame([one], instant(0), signerOf(`link ${index}`).author)
    const before = desk.crypto.verified
    for (let round = 1; round <= 20; round++) {
      const frame = authors.map((author, index) =>
        message(author, { log: logIdOf(1 + round), text: `${index}` }),
      )
      desk.frame(frame)
    }
    expect(desk.crypto.verified - before).toBeLessThanOrEqual(LINK_RATE.burst)
  })

  test('has no more beacons checked than their author may send', () => {
    const desk = new Desk()
    for (let round = 0; round < 20; round++) {
      const stamps = Array.from({ length: 40 }, (_, index) => EPOCH + round * 40 + index)
      desk.payload(encodeFrame(stamps.map(stamp => beaconOf(ALICE, { stamp }))))
    }
    expect(desk.crypto.verified).toBeLessThanOrEqual(AUTHOR_RATE.burst)
  })
})

test('messages without predecessors are held in bounded number and bytes', () => {
  const desk = new Desk()
  const big = { kind: 9, body: new Uint8Array(8_000) }
  for (let count = 0; count < PENDING_COUNT * 1.2; count++) {
    const prev = count.toString(16).padStart(64, '0') as Envelope['id']
    const small = message(ALICE, { seq: 5, prev })
    desk.segment([count % 4 === 0 ? message(ALICE, { seq: 5, prev, ...big }) : small])
    expect(desk.waiting).toBeLessThanOrEqual(PENDING_COUNT)
  }
  expect(desk.waiting * 2_000).toBeLessThanOrEqual(PENDING_BYTES * 1.1)
  expect(desk.held).toEqual([])
})

describe('the law of verdicts', () => {
  const first = message(ALICE)
  const bad = unsigned(next(first, ALICE, { text: 'bad' }))
  const fork = chain(ALICE, 3, { parent: first, text: 'fork' })
  const ahead = message(BOB, { ts: EPOCH + MAX_FUTURE_MS })
  const hidden = unsigned(next(ahead, BOB))
  const records: readonly Uint8Array[] = [
    ...[first, bad, next(bad, ALICE), ...fork, ahead, hidden, next(hidden, BOB), unsigned(first)],
    ...[
      next(first, ALICE, { seq: 2 }),
      next(first, ALICE, { ts: EPOCH }),
      next(first, BOB),
      next(fork[0] ?? first, BOB),
    ],
    ...[
      message(BOB, { log: logIdOf(4) }),
      message(signerOf('carol')),
      message(signerOf('carol'), { log: logIdOf(5) }),
    ],
  ]
    .map(one => one.wire)
    .concat([EPOCH, EPOCH + 1, EPOCH - 3_600_000].map(stamp => beaconOf(ALICE, { stamp })))
    .concat([new Uint8Array(beaconOf(ALICE)).fill(9, -64)])
  const frame = fc.array(fc.nat(records.length - 1), { minLength: 1, maxLength: 5 })
  const life = fc.record({
    before: fc.array(frame, { maxLength: 8 }),
    clock: fc.integer({ min: -3, max: 3 }),
  })

  function live({ before, clock }: { before: number[][]; clock: number }, last: number[]): string {
    const desk = new Desk()
    for (const some of [...before, last]) {
      const payload = encodeFrame(some.flatMap(index => records[index] ?? []))
      const taken = desk.payload(payload, instant(clock))
      for (const beacon of taken.beacons) desk.people.onBeacon(beacon, instant(clock))
      if (some === last) return taken.verdict
    }
    return 'nothing'
  }

  test('what one honest peer accepts no other rejects, whatever it has seen and whatever its clock says', () => {
    fc.assert(
      fc.property(life, life, frame, (one, other, last) => {
        if (live(one, last) === 'accept') expect(live(other, last)).not.toBe('reject')
      }),
      { seed: SEED, numRuns: 150 },
    )
  })
})
