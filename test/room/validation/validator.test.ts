import { describe, expect, test } from 'vitest'
import { encodeCbor } from '../../../src/protocol/cbor.ts'
import { inDomain } from '../../../src/protocol/crypto.ts'
import { encodeFrame } from '../../../src/protocol/frame.ts'
import { FORK_TAIL, MAX_FRAME_RECORDS, MAX_HEADS } from '../../../src/protocol/limits.ts'
import {
  AUTHOR_QUOTA_BYTES,
  AUTHOR_RATE,
  FLOOD_RATE,
  LINK_RATE,
  NEWCOMER_RATE,
} from '../../../src/room/policy.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next, unsigned } from '../../support/core-chain.ts'
import { EPOCH, instant, OTHER_ROOM, signerOf } from '../../support/core-world.ts'
import { beaconOf, Desk, LINK, said } from './validator-kit.ts'

describe('a frame is accepted', () => {
  test('with a message, which is then in the log', () => {
    const desk = new Desk()
    const one = message(ALICE)
    const taken = desk.frame([one])
    expect(said(taken)).toBe('accept')
    expect(taken.messages).toEqual([one])
    expect(desk.held).toEqual([one.id])
  })

  test('with a run, for one signature', () => {
    const desk = new Desk()
    const run = chain(ALICE, MAX_FRAME_RECORDS)
    expect(said(desk.frame(run))).toBe('accept')
    expect([desk.held.length, desk.crypto.verified]).toEqual([MAX_FRAME_RECORDS, 1])
    expect(run.map(one => desk.log.get(one.id)?.proof).slice(-2)).toEqual(['successor', 'signature'])
  })

  test('with a run of which only the last signature is one', () => {
    const desk = new Desk()
    const bad = unsigned(message(ALICE))
    const good = next(bad, ALICE)
    expect(said(desk.frame([bad, good]))).toBe('accept')
    expect(desk.held.length).toBe(2)
  })

  test('with a run of which the first part is known', () => {
    const desk = new Desk()
    const run = chain(ALICE, 5)
    desk.frame(run.slice(0, 3))
    expect(said(desk.frame(run))).toBe('accept')
    expect(desk.held.length).toBe(5)
  })

  test('with several authors, and with the other messages of a fork', () => {
    const desk = new Desk()
    const first = message(ALICE)
    const branches = [next(first, ALICE, { text: 'a' }), next(first, ALICE, { text: 'b' })]
    expect(said(desk.frame([first, ...branches, message(BOB)]))).toBe('accept')
    expect(desk.held.length).toBe(4)
  })

  test('with a beacon', () => {
    const desk = new Desk()
    const taken = desk.payload(encodeFrame([beaconOf(ALICE)]))
    expect([said(taken), taken.beacons[0]?.author]).toEqual(['accept', ALICE.author])
  })

  test('with a message of a kind that is not known yet', () => {
    expect(said(new Desk().frame([message(ALICE, { kind: 77, body: [1, 'x'] })]))).toBe('accept')
  })
})

describe('a frame is ignored', () => {
  test('with nothing but what is known, without another signature check', () => {
    const desk = new Desk()
    const run = chain(ALICE, 3)
    desk.frame(run)
    expect([said(desk.frame(run)), said(desk.frame(run.slice(2)))]).toEqual([
      'ignore: known',
      'ignore: known',
    ])
    expect(desk.crypto.verified).toBe(1)
  })

  test('without the predecessor, and taken in when that comes', () => {
    const desk = new Desk()
    const [one, two, three, four] = chain(ALICE, 4)
    if (!one || !two || !three || !four) throw new Error('too short')
    const early = desk.frame([three, four])
    expect([said(early), early.missing]).toEqual(['ignore: gap', [two.id]])
    expect(desk.waiting).toBe(2)
    const late = desk.frame([one, two])
    expect([said(late), late.messages.map(taken => taken.seq)]).toEqual(['accept', [0, 1, 2, 3]])
    expect([desk.waiting, desk.crypto.verified]).toEqual([0, 2])
  })

  test('with an old beacon, and with one of a far clock', () => {
    const desk = new Desk()
    const beacon = (stamp: number) => encodeFrame([beaconOf(ALICE, { stamp })])
    const [taken] = desk.payload(beacon(EPOCH + 5)).beacons
    if (taken === undefined) throw new Error('no beacon')
    desk.people.onBeacon(taken, instant(0))
    expect([EPOCH + 5, EPOCH + 4].map(stamp => said(desk.payload(beacon(stamp))))).toEqual([
      'ignore: old beacon',
      'ignore: old beacon',
    ])
    expect(said(desk.payload(encodeFrame([beaconOf(BOB, { stamp: EPOCH - 3_600_000 })])))).toBe(
      'ignore: old beacon',
    )
    expect(desk.crypto.verified).toBe(1)
  })

  test('with a record of a later version', () => {
    const later = inDomain(encodeCbor([3, 'whatever']), new Uint8Array(64))
    expect(said(new Desk().payload(encodeFrame([later])))).toBe('ignore: of a later version')
  })

  test('over the rate of its link, before anything is read', () => {
    const desk = new Desk()
    const broken = new Uint8Array([0])
    for (let count = 0; count < LINK_RATE.burst; count++) desk.payload(broken)
    expect(said(desk.payload(broken))).toBe('ignore: link-rate')
    expect(said(desk.payload(broken, instant(0), BOB.author))).toBe('reject: not a frame')
    expect(said(desk.payload(broken, instant(1_000 / LINK_RATE.perSecond)))).toBe('reject: not a frame')
  })

  test('of a flood, which is more than a relay between honest peers brings', () => {
    const desk = new Desk()
    const broken = new Uint8Array([0])
    for (let count = 0; count < FLOOD_RATE.burst; count++) desk.payload(broken)
    expect(said(desk.payload(broken))).toBe('ignore: flood')
    expect(said(desk.payload(broken, instant(1_000 / FLOOD_RATE.perSecond)))).toBe('ignore: link-rate')
  })

  test('over the rate of its author, over whichever links it comes', () => {
    const desk = new Desk()
    const run = chain(ALICE, AUTHOR_RATE.burst + 1)
    const words = run.map((one, index) =>
      said(desk.frame([one], instant(0), signerOf(`link ${index}`).author)),
    )
    expect(words.slice(0, -1).every(word => word === 'accept')).toBe(true)
    expect(words.at(-1)).toBe('ignore: author-rate')
    expect(desk.crypto.verified).toBe(AUTHOR_RATE.burst)
  })

  test('of strangers over their common rate, but not of people who are here or were heard before', () => {
    const desk = new Desk()
    const known = message(ALICE)
    desk.frame([known])
    const [bob] = desk.payload(encodeFrame([beaconOf(BOB)])).beacons
    if (bob) desk.people.onBeacon(bob, instant(0))
    const strangers = Array.from({ length: NEWCOMER_RATE.burst }, (_, index) => signerOf(`stranger ${index}`))
    const words = strangers.map(signer => said(desk.frame([message(signer)])))
    // two of the allowance were taken by alice and bob
    expect(words.filter(word => word === 'accept').length).toBe(NEWCOMER_RATE.burst - 2)
    expect(words.at(-1)).toBe('ignore: newcomer-rate')
    expect(said(desk.frame([next(known, ALICE)]))).toBe('accept')
    expect(said(desk.frame([message(BOB)]))).toBe('accept')
  })

  test('of an author who has filled its share', () => {
    const desk = new Desk()
    const body = new Uint8Array(8_900)
    const needed = Math.ceil(AUTHOR_QUOTA_BYTES / 9_000)
    const all = chain(ALICE, needed + 60, { kind: 9, body })
    let step = 0
    while (!desk.intake.isQuotaReached(ALICE.author)) {
      desk.segment(all.slice(step, step + 14))
      step += 14
    }
    expect(said(desk.segment(all.slice(step, step + 1)))).toBe('ignore: quota')
    expect(said(desk.frame([message(BOB)]))).toBe('accept')
    expect(desk.log.bytesOf(ALICE.author)).toBeLessThan(AUTHOR_QUOTA_BYTES + 14 * 9_216)
  })
})

describe('a part of a sync', () => {
  test('is not held to the rates of gossip', () => {
    const desk = new Desk()
    const run = chain(ALICE, AUTHOR_RATE.burst + LINK_RATE.burst)
    for (const one of run) expect(said(desk.segment([one]))).toBe('accept')
  })

  test('is of one chain, with no more branches than are kept', () => {
    const desk = new Desk()
    expect(said(desk.segment([message(ALICE), message(BOB)]))).toBe('reject: more than one chain')
    const branches = Array.from({ length: MAX_HEADS + 1 }, (_, index) => message(ALICE, { text: `${index}` }))
    expect(said(desk.segment(branches))).toBe('reject: more branches than are kept')
    expect(desk.crypto.verified).toBe(0)
  })

  test('proves its branches by their ends', () => {
    const desk = new Desk()
    const first = message(ALICE)
    const left = chain(ALICE, FORK_TAIL, { parent: first, text: 'left' })
    const right = chain(ALICE, FORK_TAIL, { parent: first, text: 'right' })
    const places = left.flatMap((one, index) => [one, right[index] ?? one])
    expect(said(desk.segment([first, ...places]))).toBe('accept')
    expect([desk.held.length, desk.crypto.verified]).toEqual([1 + 2 * FORK_TAIL, 2])
  })

  test('tells where a chain is forked below what was asked for', () => {
    const desk = new Desk()
    const all = chain(ALICE, 5)
    desk.segment(all)
    const other = chain(ALICE, 6, { text: 'other' })
    const parted = desk.segment(other.slice(4))
    expect([said(parted), parted.forkedBelow.length]).toEqual(['ignore: gap', 1])
    const unknown = new Desk().segment(other.slice(4))
    expect([said(unknown), unknown.forkedBelow.length]).toEqual(['ignore: gap', 0])
  })

  test('brings no beacons', () => {
    const desk = new Desk()
    const taken = desk.intake.segment([beaconOf(ALICE)], instant(0))
    expect([taken.beacons, desk.crypto.verified]).toEqual([[], 0])
  })
})

describe('a beacon that is handed over', () => {
  test("counts only from its author's own hand", () => {
    const { intake } = new Desk()
    const wire = beaconOf(ALICE)
    expect(intake.beaconFrom(wire, ALICE.author)?.name).toBe('someone')
    expect(intake.beaconFrom(wire, LINK)).toBeUndefined()
    expect(intake.beaconFrom(new Uint8Array(wire).fill(1, -64), ALICE.author)).toBeUndefined()
    expect(intake.beaconFrom(beaconOf(ALICE, { room: OTHER_ROOM }), ALICE.author)).toBeUndefined()
    expect(intake.beaconFrom(new Uint8Array(3), ALICE.author)).toBeUndefined()
  })
})
