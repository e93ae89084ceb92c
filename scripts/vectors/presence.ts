/** Beacons: bob is here and acknowledges what alice wrote; alice leaves. And frames, which carry them. */
import { multiaddr } from '@multiformats/multiaddr'
import type { Beacon } from '../../src/protocol/beacon.ts'
import { sealBeacon } from '../../src/protocol/beacon.ts'
import { SIGNATURE_BYTES } from '../../src/protocol/crypto.ts'
import { encodeFrame } from '../../src/protocol/frame.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { digest } from './frontiers.ts'
import { hello, second, wave } from './messages.ts'
import type { Speaker } from './world.ts'
import { ALICE, BOB, ROOM, START_MS } from './world.ts'

export const BEACON_DOMAIN = new TextEncoder().encode('parley/1/beacon\0')

/** As text; a beacon carries them in binary form. */
const ADDRESSES = ['/ip4/203.0.113.7/tcp/40001', '/dns4/chat.example.org/tcp/12345']

export function beaconOf(speaker: Speaker, fields: Partial<Beacon> = {}): Beacon {
  return {
    room: ROOM,
    author: speaker.signer.author,
    log: speaker.log,
    stamp: START_MS + 2_100,
    state: 'here',
    name: speaker.name,
    length: 1,
    links: 1,
    digest,
    acks: [],
    addresses: [],
    ...fields,
  }
}

const acks = [{ author: ALICE.signer.author, log: ALICE.log, seq: wave.seq }]
const addresses = ADDRESSES.map(text => toHex(multiaddr(text).bytes))
const here = beaconOf(BOB, { acks, addresses })
const leaving = beaconOf(ALICE, { stamp: START_MS + 9_000, state: 'leaving', length: 3 })

export const hereWire = sealBeacon(here, BOB.signer)
const leavingWire = sealBeacon(leaving, ALICE.signer)

export function describeBeacons() {
  return {
    addresses: ADDRESSES.map((text, at) => ({ text, bytes: addresses[at] })),
    here: describe(here, hereWire),
    leaving: describe(leaving, leavingWire),
  }
}

export function describeFrames() {
  return {
    two: {
      about: "alice's first two messages",
      payload: toHex(encodeFrame([hello.wire, second.wire])),
      records: [toHex(hello.wire), toHex(second.wire)],
    },
    beacon: {
      about: 'a beacon alone',
      payload: toHex(encodeFrame([hereWire])),
      records: [toHex(hereWire)],
    },
  }
}

function describe(fields: Beacon, wire: Uint8Array) {
  const core = wire.subarray(0, -SIGNATURE_BYTES)
  return {
    fields,
    core: toHex(core),
    signed: toHex(Buffer.concat([BEACON_DOMAIN, core])),
    signature: toHex(wire.subarray(-SIGNATURE_BYTES)),
    wire: toHex(wire),
  }
}
