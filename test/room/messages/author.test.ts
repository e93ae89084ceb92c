/** What one peer says by itself: its messages in frames, its beacons, its questions. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBeacon } from '../../../src/protocol/beacon.ts'
import { decodeFrame } from '../../../src/protocol/frame.ts'
import {
  MAX_ADDRESS_BYTES,
  MAX_BEACON_ACKS,
  MAX_DEPS,
  MAX_FRAME_BYTES,
  MAX_FRAME_RECORDS,
} from '../../../src/protocol/limits.ts'
import { BEACON_GAP_PER_MEMBER_MS, FRAME_GAP_MS, PUBLISH_RATE } from '../../../src/room/policy.ts'
import { message } from '../../support/core-chain.ts'
import { logIdOf, signerOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'
import { SEED } from '../../support/seed.ts'
import { Speaker } from '../speaker.ts'

describe('messages', () => {
  test('of one turn leave in one frame, at once', () => {
    const peer = new Speaker()
    peer.until(0)
    for (const text of ['one', 'two', 'three']) peer.say(text)
    expect(peer.spoken).toEqual([])
    peer.until(0)
    expect(peer.spoken.map(frame => frame.length)).toEqual([3])
  })

  test('that follow closely share frames, which are some way apart', () => {
    const peer = new Speaker()
    for (let ms = 0; ms < 100; ms++) {
      peer.say(`at ${ms}`)
      peer.until(ms)
      peer.tell({ kind: 'tick' })
    }
    peer.until(200)
    expect(peer.spoken.flat().length).toBe(100)
    expect(peer.spoken.length).toBeLessThanOrEqual(100 / FRAME_GAP_MS + 1)
  })

  test('leave whole, in order and within the limits, at the pace that others accept', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 8_192 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(sizes, all => {
        const peer = new Speaker()
        for (const size of all) peer.say('x'.repeat(size))
        peer.until(60_000)
        expect(peer.spoken.flat().map(one => one.seq)).toEqual(all.map((_, seq) => seq))
        for (const frame of peer.spoken) expect(frame.length).toBeLessThanOrEqual(MAX_FRAME_RECORDS)
        for (const frame of peer.frames) expect(frame.length).toBeLessThanOrEqual(MAX_FRAME_BYTES)
      }),
      { seed: SEED, numRuns: 5 },
    )
  })

  test('that are too many wait for the pace, and leave before a goodbye only as far as it allows', () => {
    const peer = new Speaker()
    peer.until(0)
    const frames = PUBLISH_RATE.burst + 5
    for (let count = 0; count < frames * MAX_FRAME_RECORDS; count++) peer.say(`${count}`)
    peer.until(0)
    expect(peer.spoken.length).toBe(PUBLISH_RATE.burst)
    peer.until(1_000)
    expect(peer.spoken.length).toBe(frames)
  })

  test('said in the last moment leave before the goodbye', () => {
    const peer = new Speaker()
    peer.say('first')
    peer.until(0)
    peer.say('last')
    peer.tell({ kind: 'leave' })
    const kinds = peer.frames
      .slice(-2)
      .map(frame => (decodeFrame(frame) ?? []).map(wire => decodeBeacon(wire)?.state ?? 'message'))
    expect(kinds).toEqual([['message'], ['leaving']])
    peer.until(100_000)
    expect(peer.beacons.slice(-3).map(beacon => beacon.state)).toEqual(['leaving', 'leaving', 'leaving'])
  })

  test('build on the newest of what was seen since the last one', () => {
    const peer = new Speaker()
    const heard = Array.from({ length: 6 }, (_, index) =>
      message(signerOf(`author ${index}`), { ts: 1_000 + index }),
    )
    peer.give(heard)
    peer.say('one')
    peer.say('two')
    const [one, two] = peer.log.latest(2).map(entry => entry.envelope)
    expect(one?.deps).toEqual(
      heard
        .slice(-MAX_DEPS)
        .map(seen => seen.id)
        .toSorted(),
    )
    expect([two?.deps, two?.prev]).toEqual([[], one?.id])
  })

  test('continue the chain that the log holds', () => {
    const log = new MemoryLog(logIdOf(5))
    const before = new Speaker('same', log)
    before.say('before')
    const again = new Speaker('same', log)
    again.say('after')
    again.until(10)
    expect(log.latest(2).map(entry => entry.envelope.seq)).toEqual([0, 1])
    expect(again.spoken.flat().map(one => one.seq)).toEqual([1])
    expect(again.room.undelivered).toBe(2)
  })
})

describe('beacons', () => {
  test('say what is here: name, addresses that fit, and how long the chain is', () => {
    const peer = new Speaker()
    peer.say('hello')
    const long = 'ab'.repeat(MAX_ADDRESS_BYTES + 1)
    const addresses = [long, ...Array.from({ length: 12 }, (_, index) => `0${index.toString(16)}`)]
    peer.tell({ kind: 'addresses', addresses })
    peer.tell({ kind: 'rename', name: 'other' })
    peer.until(5_000)
    const last = peer.beacons.at(-1)
    expect([last?.name, last?.length, last?.state]).toEqual(['other', 1, 'here'])
    expect(last?.addresses).toEqual(addresses.slice(1, 9))
    expect(peer.beacons.length).toBe(peer.frames.length - peer.spoken.length)
  })

  test('have stamps that grow, even when several are made at one moment', () => {
    const peer = new Speaker()
    const stamps = Array.from(
      { length: 5 },
      () => decodeBeacon(peer.room.greeting(peer.now()).beacon)?.stamp ?? 0,
    )
    expect(stamps).toEqual(stamps.map((_, index) => (stamps[0] ?? 0) + index))
  })

  test('acknowledge everything, though one holds only so much', () => {
    const peer = new Speaker()
    const count = 3 * MAX_BEACON_ACKS
    peer.give(Array.from({ length: count }, (_, index) => message(signerOf(`author ${index}`))))
    peer.until(8 * BEACON_GAP_PER_MEMBER_MS)
    const acks = peer.beacons.flatMap(beacon => beacon.acks.map(ack => ack.author))
    expect(new Set(acks).size).toBe(count)
    expect(peer.beacons.every(beacon => beacon.acks.length <= MAX_BEACON_ACKS)).toBe(true)
  })
})
