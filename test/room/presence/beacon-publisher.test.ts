import { describe, expect, test } from 'vitest'
import type { Beacon } from '../../../src/protocol/beacon.ts'
import { decodeBeacon } from '../../../src/protocol/beacon.ts'
import { decodeFrame, encodeFrame } from '../../../src/protocol/frame.ts'
import { BEACON_FRESH_MS, BEACON_IDLE_MS } from '../../../src/room/policy.ts'
import { ALICE } from '../../support/core-arbitraries.ts'
import { message } from '../../support/core-chain.ts'
import { Peer } from '../../support/core-peer.ts'
import { EPOCH, instant, signerOf } from '../../support/core-world.ts'
import { beaconOf } from '../validation/validator-kit.ts'

describe('a beacon of its own that comes back', () => {
  const stranger = signerOf('stranger').author

  /** What a peer says when its turn ends, some time later, and what it says to a frame. */
  function speaking() {
    let at = 0
    const me = new Peer('me', { now: () => instant(at) })
    const said = (): readonly Beacon[] => {
      at += 10_000
      me.effects.length = 0
      me.tell({ kind: 'tick' })
      const payloads = me.effects.flatMap(effect => (effect.kind === 'publish' ? effect.payload : []))
      return payloads.flatMap(payload => decodeFrame(payload) ?? []).flatMap(wire => decodeBeacon(wire) ?? [])
    }
    const hear = (stamp: number) => {
      const payload = encodeFrame([beaconOf(me.signer, { stamp, state: 'leaving' })])
      return me.tell({ kind: 'frame', from: stranger, payload })
    }
    return { said, hear }
  }

  test('is displaced by a newer one at once where it is of an earlier run, whose clock was ahead', () => {
    const { said, hear } = speaking()
    said()
    expect(hear(EPOCH + 300_000)).toBe('keep')
    expect(said()).toMatchObject([{ stamp: EPOCH + 300_001, state: 'here' }])
  })

  test.each([
    ['is older than what it said', -300_000, 'keep'],
    ['is so new that nobody took it for news by gossip', BEACON_FRESH_MS + 1, 'ignore'],
  ])('changes nothing where it %s, and is not passed on', (_, ms, verdict) => {
    const { said, hear } = speaking()
    said()
    expect(hear(EPOCH + 10_000 + ms)).toBe(verdict)
    expect(said()).toEqual([])
  })
})

test('what a beacon of a refused turn acknowledged is acknowledged by the next one, and once', () => {
  let at = 0
  const me = new Peer('me', { now: () => instant(at) })
  const acked = (): number => {
    at += 2 * BEACON_IDLE_MS
    me.effects.length = 0
    me.tell({ kind: 'tick' })
    const payloads = me.effects.flatMap(effect => (effect.kind === 'publish' ? effect.payload : []))
    const wires = payloads.flatMap(payload => decodeFrame(payload) ?? [])
    return wires.flatMap(wire => decodeBeacon(wire)?.acks ?? []).length
  }
  me.give([message(ALICE)])
  me.log.commit()
  expect(acked()).toBe(1)
  me.room.reload()
  expect([acked(), acked()]).toEqual([1, 0])
})
