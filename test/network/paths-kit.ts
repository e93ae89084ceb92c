/** Peers' nodes as in a chat, in one process, with what moves between relayed and direct connections. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, vi } from 'vitest'
import { SILENT_LOGGER } from '../../src/common/logger.ts'
import { ConnectionGater } from '../../src/network/connections/connection-gater.ts'
import { ConnectionManager } from '../../src/network/connections/connection-manager.ts'
import { dialHelper } from '../../src/network/discovery/helper-connection.ts'
import { sealPeerRecord } from '../../src/network/discovery/peer-record.ts'
import { register } from '../../src/network/discovery/rendezvous-client.ts'
import { Gossip } from '../../src/network/gossip/gossip.ts'
import { GossipStreams } from '../../src/network/gossip/gossip-streams.ts'
import type { PeerNode } from '../../src/network/node.ts'
import { createPeerNode } from '../../src/network/node.ts'
import type { Started } from '../helper/helper-kit.ts'
import { ROOM } from '../helper/rendezvous/rendezvous-kit.ts'

const PATIENCE_MS = 10_000
const TOPIC = '/parley/1/room/test'

export interface Walker {
  readonly node: PeerNode
  readonly privateKey: PrivateKey
  readonly links: ConnectionManager
  /** What came by gossip, in order. */
  readonly heard: string[]
  readonly say: (text: string) => void
}

export class Ways {
  readonly #ends: (() => unknown)[] = []

  /** `listen`: none means that nobody can dial it. */
  async walker(listen: readonly string[] = []): Promise<Walker> {
    const privateKey = await generateKeyPair('Ed25519')
    const gate = new ConnectionGater({ connections: 64, connectionsPerAddress: 64 })
    const options = {
      announce: [],
      lan: 'off',
      helpers: [],
      maxConnections: 64,
      dialTimeoutMs: 5_000,
    } as const
    const node = await createPeerNode({ ...options, listen }, { privateKey, gater: gate.gater })
    const heard: string[] = []
    const gossip = new Gossip({
      node,
      logger: SILENT_LOGGER,
      onPayload: (_topic, _from, payload) => {
        heard.push(Buffer.from(payload).toString())
        return 'accept'
      },
      onSubscribed: () => {},
      onUnsubscribed: () => {},
    })
    const links = new ConnectionManager({
      node,
      streams: new GossipStreams(node.services.pubsub),
      internals: node.services.internals,
      logger: SILENT_LOGGER,
      isHelper: () => false,
      onUp: () => {},
      onDown: () => {},
      onPath: () => {},
    })
    await node.start()
    gossip.join(TOPIC)
    this.#ends.push(
      () => node.stop(),
      () => links[Symbol.dispose](),
    )
    return { node, privateKey, links, heard, say: text => gossip.publish(TOPIC, Buffer.from(text)) }
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
  }
}

/** Connects to a helper as a chat does, and registers in a room. `port`: where it is reached. */
export async function visit(
  { node, privateKey }: Walker,
  helper: Started,
  room = ROOM,
  port = helper.port,
): Promise<Connection> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const address = `/ip4/127.0.0.1/tcp/${port}`
  const { connection } = await dialHelper(node.services.internals, address, {
    timeoutMs: PATIENCE_MS,
    signal,
  })
  const record = await sealPeerRecord(node.peerId, privateKey, [])
  const ask = { connection, namespace: room, signal }
  expect(await register({ ...ask, record, ttlSeconds: 7_200 })).toMatchObject({ kind: 'ok' })
  return connection
}

/** The way to a peer through a helper. */
export function through(helper: Started, { node }: Walker): Multiaddr {
  const { peer } = helper.ready
  return multiaddr(`/ip4/127.0.0.1/tcp/${helper.port}/p2p/${peer}/p2p-circuit/p2p/${node.peerId}`)
}

export function dial({ node }: Walker, address: Multiaddr): Promise<Connection> {
  return node.services.internals.dial(address, { timeoutMs: PATIENCE_MS })
}

/** Resolves when each of two hears the other's topic. */
export async function bothSubscribed(a: Walker, b: Walker): Promise<void> {
  await vi.waitFor(() => {
    expect(a.node.services.pubsub.getSubscribers(TOPIC).map(String)).toContain(b.node.peerId.toString())
    expect(b.node.services.pubsub.getSubscribers(TOPIC).map(String)).toContain(a.node.peerId.toString())
  }, PATIENCE_MS)
}
