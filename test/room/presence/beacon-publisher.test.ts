import { expect, test } from 'vitest'
import { decodeBeacon } from '../../../src/protocol/beacon.ts'
import { decodeFrame } from '../../../src/protocol/frame.ts'
import { BEACON_IDLE_MS } from '../../../src/room/policy.ts'
import { ALICE } from '../../support/core-arbitraries.ts'
import { message } from '../../support/core-chain.ts'
import { Peer } from '../../support/core-peer.ts'
import { instant } from '../../support/core-world.ts'

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
