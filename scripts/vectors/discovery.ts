/** The messages between a peer and a helper: `/rendezvous/1.0.0`, and the same on `/parley/watch/1`. */

import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { toHex } from '../../src/protocol/ids.ts'
import type { Message } from '../../src/protocol/rendezvous.ts'
import { encode, roomNamespace } from '../../src/protocol/rendezvous.ts'
import { ALICE, ROOM, START_MS } from './world.ts'

const TTL_SECONDS = 7_200
const ADDRESS = '/ip4/203.0.113.7/tcp/40001'

const payload = new PeerRecord({
  peerId: peerIdFromPrivateKey(ALICE.privateKey),
  multiaddrs: [multiaddr(ADDRESS)],
  seqNumber: BigInt(START_MS),
})
const record = (await RecordEnvelope.seal(payload, ALICE.privateKey)).marshal()

const namespace = roomNamespace(ROOM)
/** Whatever the helper likes: opaque to others. */
const cookie = Uint8Array.of(1, 2, 3, 4)

const MESSAGES: Readonly<Record<string, Message>> = {
  register: { kind: 'register', namespace, record, ttlSeconds: TTL_SECONDS },
  registerResponse: { kind: 'register-response', status: 'OK', ttlSeconds: TTL_SECONDS },
  registerRefused: { kind: 'register-response', status: 'E_UNAVAILABLE', statusText: 'peer-full' },
  unregister: { kind: 'unregister', namespace },
  discover: { kind: 'discover', namespace },
  discoverOn: { kind: 'discover', namespace, limit: 100, cookie },
  discoverResponse: {
    kind: 'discover-response',
    status: 'OK',
    registrations: [{ namespace, record, ttlSeconds: TTL_SECONDS }],
    cookie,
  },
}

export function describeRendezvous() {
  const messages = Object.entries(MESSAGES).map(([name, message]) => [name, toHex(encode(message))] as const)
  return {
    peerRecord: {
      about: "alice's signed envelope (libp2p RFC 0002) with a peer record (RFC 0003) of one address",
      address: ADDRESS,
      seq: START_MS,
      payload: toHex(payload.marshal()),
      envelope: toHex(record),
    },
    cookie: toHex(cookie),
    messages: Object.fromEntries(messages),
  }
}
