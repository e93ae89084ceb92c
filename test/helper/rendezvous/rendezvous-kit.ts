/** What the rendezvous tests share: a helper and peers as real libp2p nodes on the loopback. */
import { randomBytes } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { vi } from 'vitest'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import { createHelperNode } from '../../../src/helper/node.ts'
import type { RegistryConfig } from '../../../src/helper/rendezvous/registry.ts'
import { Registry } from '../../../src/helper/rendezvous/registry.ts'
import { RequestCounters } from '../../../src/helper/rendezvous/responses.ts'
import type { RendezvousLimits } from '../../../src/helper/rendezvous/server.ts'
import { RendezvousServer } from '../../../src/helper/rendezvous/server.ts'
import { sealPeerRecord } from '../../../src/network/discovery/peer-record.ts'
import type { OwnAddresses } from '../../../src/network/discovery/registration.ts'
import type { RequestOptions } from '../../../src/network/discovery/rendezvous-client.ts'
import { transportStack } from '../../../src/network/transport.ts'
import { MAX_NAMESPACE_BYTES, MAX_RECORD_BYTES } from '../../../src/protocol/rendezvous.ts'

export const ROOM = '/parley/1/00112233445566778899aabbccddeeff'
export const OTHER = '/other/app'
const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

const REGISTRY: RegistryConfig = {
  registrations: 1_000,
  lasting: 500,
  perPeer: 16,
  perNamespace: 1_000,
  perSource: 1_000,
  perSourceAndNamespace: 1_000,
  namespaceBytes: MAX_NAMESPACE_BYTES,
  recordBytes: MAX_RECORD_BYTES,
  ttlSeconds: { min: 60, default: 7_200, max: 259_200 },
  attachedPrefix: '/parley/',
  graceMs: 60_000,
}

const LIMITS: RendezvousLimits = {
  streamsPerConnection: 32,
  messageBytes: 65_536,
  takeAnswerMs: 10_000,
  watchers: 1_000,
  watchersPerPeer: 16,
}

export interface TestHelper {
  readonly node: Libp2p
  readonly registry: Registry
  readonly server: RendezvousServer
  readonly refused: () => ReadonlyMap<string, number>
  /** Moves the helper's clock. */
  readonly advance: (ms: number) => void
}

export type TestNode = Libp2p<{ listener: Listener }>

export interface TestPeer {
  readonly node: TestNode
  readonly privateKey: PrivateKey
  readonly connection: Connection
  /** Questions in this namespace to the helper it is connected to. */
  readonly ask: (namespace?: string, signal?: AbortSignal) => RequestOptions
  /** Its own signed record. */
  readonly record: () => Promise<Uint8Array>
  /** Listens on one port more. */
  readonly listen: () => Promise<void>
}

/** The part of libp2p that opens ports, which only its own components can reach. */
interface Listener {
  listen(addresses: Multiaddr[]): Promise<void>
}

function listener({ transportManager }: { transportManager: Listener }): Listener {
  return transportManager
}

const RELAY_LIMITS = {
  relayReservations: 100,
  relayConnections: 100,
  relayConnectionsPerPeer: 64,
  relayMegabytes: 64,
  relayMinutes: 720,
}

/** Everything started here ends with `end`. */
export class Stage {
  readonly #nodes: Libp2p[] = []

  async helper(
    options: { registry?: Partial<RegistryConfig>; limits?: Partial<RendezvousLimits> } = {},
  ): Promise<TestHelper> {
    let clock = 1_000_000
    const counters = new RequestCounters()
    const limits = { ...LIMITS, ...options.limits }
    const privateKey = await generateKeyPair('Ed25519')
    const connections = { connections: 100, connectionsPerAddress: 100, ...RELAY_LIMITS }
    const config = { ...connections, ...limits, listen: [LOOPBACK], announce: [], version: '0' }
    const registry = new Registry({ ...REGISTRY, ...options.registry }, randomBytes(8))
    const node = await createHelperNode(config, {
      privateKey,
      onRefused: reason => counters.count(reason),
      shareNamespace: (a, b) => registry.shareNamespace(a, b),
    })
    const now = () => clock
    const server = new RendezvousServer({
      node,
      registry,
      now,
      limits,
      counters,
      logger: SILENT_LOGGER,
    })
    await server.start()
    await node.start()
    this.#nodes.push(node)
    const advance = (ms: number) => {
      clock += ms
    }
    return { node, registry, server, refused: () => counters.entries(), advance }
  }

  /** A plain libp2p node that listens on the loopback. */
  async node(privateKey: PrivateKey): Promise<TestNode> {
    const node = await createLibp2p({
      privateKey,
      addresses: { listen: [LOOPBACK] },
      ...transportStack({
        maxConnections: 100,
        maxInboundStreams: 100,
        maxStreamWindowBytes: 1_048_576,
        maxUnreadBytes: 4_194_304,
        maxUnsentBytes: 4_194_304,
      }),
      services: { identify: identify(), ping: ping(), listener },
    })
    this.#nodes.push(node)
    return node
  }

  async peer(helper: { readonly node: Libp2p }): Promise<TestPeer> {
    return await this.peerAt(helper.node.getMultiaddrs())
  }

  /** A peer connected to the helper at these addresses. */
  async peerAt(addresses: Multiaddr[]): Promise<TestPeer> {
    const privateKey = await generateKeyPair('Ed25519')
    const node = await this.node(privateKey)
    const connection = await node.dial(addresses)
    return {
      node,
      privateKey,
      connection,
      ask: (namespace = ROOM, signal = AbortSignal.timeout(20_000)) => ({ connection, namespace, signal }),
      listen: () => node.services.listener.listen([multiaddr(LOOPBACK)]),
      record: () => sealPeerRecord(node.peerId, privateKey, ownAddresses(node)),
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map(node => node.stop()))
  }
}

/** Waits for something that must come true, however busy the machine is. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 30_000, interval: 10 })
}

/** The addresses that a node tells others: those that it listens on. */
function ownAddresses(node: Libp2p): Multiaddr[] {
  const self = `/p2p/${node.peerId.toString()}`
  return node.getMultiaddrs().map(address => multiaddr(address.toString().replace(self, '')))
}

/** The same, as the session asks for them. */
export function ownOf(node: Libp2p): OwnAddresses {
  return {
    addresses: () => ownAddresses(node),
    onChange(listener) {
      node.addEventListener('self:peer:update', listener)
      return () => node.removeEventListener('self:peer:update', listener)
    },
  }
}
