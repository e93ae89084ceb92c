/** Helpers that are broken or mean no good, against the peers that trust them with nothing. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, Stream } from '@libp2p/interface'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { writer } from 'protons-runtime'
import { afterEach, describe, expect, test } from 'vitest'
import type { WatchOptions } from '../../../src/network/discovery/namespace-watch.ts'
import { watch } from '../../../src/network/discovery/namespace-watch.ts'
import { sealPeerRecord } from '../../../src/network/discovery/peer-record.ts'
import { discover } from '../../../src/network/discovery/rendezvous-client.ts'
import type { Message, Register } from '../../../src/protocol/rendezvous.ts'
import { encode, RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL } from '../../../src/protocol/rendezvous.ts'
import type { TestPeer } from '../../helper/rendezvous/rendezvous-kit.ts'
import { ROOM, Stage } from '../../helper/rendezvous/rendezvous-kit.ts'

const stage = new Stage()
afterEach(() => stage.end())

/** A node that answers every stream by `talk`, and a peer connected to it. */
async function helperThat(talk: (stream: Stream) => void | Promise<void>): Promise<[Libp2p, TestPeer]> {
  const node = await stage.node(await generateKeyPair('Ed25519'))
  await node.handle([RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL], talk)
  return [node, await stage.peer({ node })]
}

function framed(message: Message): Uint8Array {
  const bytes = encode(message)
  return Buffer.concat([writer().uint32(bytes.length).finish(), bytes])
}

function listing(registrations: readonly Register[]): Uint8Array {
  return framed({ kind: 'discover-response', status: 'OK', registrations })
}

function watching(peer: TestPeer, signal?: AbortSignal): WatchOptions {
  const self = peer.node.peerId
  return { ask: peer.ask(ROOM, signal), self, ownRecord: () => new Uint8Array(), onMembers: () => {} }
}

async function stranger() {
  const key = await generateKeyPair('Ed25519')
  const peerId = (await stage.node(key)).peerId
  return { key, peerId }
}

describe('a helper that says nonsense', () => {
  test.each([
    ['bytes that are no message', new Uint8Array([3, 0xff, 0xff, 0xff])],
    ['a length beyond all bounds', new Uint8Array([0xff, 0xff, 0xff, 0x7f, 1, 2, 3])],
    ['an answer to another question', framed({ kind: 'register-response', status: 'OK' })],
  ])('%s is invalid to who asks and to who watches', async (_, bytes) => {
    const [, peer] = await helperThat(stream => void stream.send(bytes))
    expect(await discover(peer.ask())).toMatchObject({ kind: 'invalid' })
    expect(await watch(watching(peer))).toMatchObject({ kind: 'invalid' })
  })

  test('nothing at all ends by the deadline of who asked', async () => {
    const [, peer] = await helperThat(() => {})
    expect(await discover(peer.ask(ROOM, AbortSignal.timeout(50)))).toEqual({ kind: 'stopped' })
    expect(await watch(watching(peer, AbortSignal.timeout(50)))).toEqual({ kind: 'stopped' })
  })

  test('a stream closed at once, or reset, is lost', async () => {
    const [, closing] = await helperThat(stream => stream.close())
    expect(await discover(closing.ask())).toMatchObject({ kind: 'lost' })
    const [, resetting] = await helperThat(stream => stream.abort(new Error('no')))
    expect(await watch(watching(resetting))).toMatchObject({ kind: 'lost' })
  })
})

describe('a helper that forges', () => {
  test('of a list only what its subjects signed for this room is believed', async () => {
    const [honest, victim, forger] = [await stranger(), await stranger(), await stranger()]
    const address = multiaddr('/ip4/192.0.2.1/tcp/1')
    const record = await sealPeerRecord(honest.peerId, honest.key, [address])
    const forged = await sealPeerRecord(victim.peerId, forger.key, [address])
    const changed = Uint8Array.from(await sealPeerRecord(victim.peerId, victim.key, [address]))
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    const otherType = new PeerRecord({ peerId: victim.peerId, multiaddrs: [address] })
    otherType.codec = new Uint8Array([9])
    const mistyped = (await RecordEnvelope.seal(otherType, victim.key)).marshal()
    const list = [forged, changed, mistyped, new Uint8Array(5_000), record].map(bytes => ({
      namespace: ROOM,
      record: bytes,
    }))
    const elsewhere = {
      namespace: '/parley/1/other',
      record: await sealPeerRecord(victim.peerId, victim.key, []),
    }
    const [, peer] = await helperThat(stream => void stream.send(listing([...list, elsewhere])))
    const found = await discover(peer.ask())
    const members = found.kind === 'ok' ? found.value.members : []
    expect(members.map(({ peerId }) => peerId.toString())).toEqual([honest.peerId.toString()])
    expect(members[0]?.addresses.map(String)).toEqual([
      `/ip4/192.0.2.1/tcp/1/p2p/${honest.peerId.toString()}`,
    ])
  })

  test('addresses that lead to somebody else are left out, and there are never many', async () => {
    const [honest, other] = [await stranger(), await stranger()]
    const relayed = multiaddr(`/ip4/192.0.2.1/tcp/2/p2p/${other.peerId.toString()}/p2p-circuit`)
    const misled = multiaddr(`/ip4/192.0.2.1/tcp/3/p2p/${other.peerId.toString()}`)
    const many = Array.from({ length: 40 }, (_, i) => multiaddr(`/ip4/192.0.2.2/tcp/${i + 1}`))
    const record = await sealPeerRecord(honest.peerId, honest.key, [relayed, misled, ...many])
    const [, peer] = await helperThat(stream => void stream.send(listing([{ namespace: ROOM, record }])))
    const found = await discover(peer.ask())
    const [member] = found.kind === 'ok' ? found.value.members : []
    const addresses = member?.addresses.map(String) ?? []
    expect(addresses[0]).toBe(`${relayed.toString()}/p2p/${honest.peerId.toString()}`)
    expect(addresses).not.toContain(misled.toString())
    expect(addresses.length).toBeLessThanOrEqual(16)
    expect(addresses.every(address => address.endsWith(`/p2p/${honest.peerId.toString()}`))).toBe(true)
  })
})

test('a helper that floods its watchers is left', async () => {
  const list = listing(Array.from({ length: 1_000 }, () => ({ namespace: ROOM, record: new Uint8Array(1) })))
  const [, peer] = await helperThat(async stream => {
    for (let i = 0; i < 100 && stream.status === 'open'; i++) {
      if (!stream.send(list)) await stream.onDrain()
    }
  })
  const heard: unknown[] = []
  const end = await watch({ ...watching(peer), onMembers: members => heard.push(...members) })
  // too much to read, or more than is read in time: either way it is over
  expect(['invalid', 'lost']).toContain(end.kind)
  expect(heard).toEqual([])
})
