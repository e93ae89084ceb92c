/**
 * A helper's libp2p node. It is dialled, and dials only to test a visitor's reachability; it subscribes to
 * nothing, relays between members of a room who can't connect otherwise, and remembers of a visitor only what
 * the registry holds.
 */
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { Identify } from '@libp2p/identify'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId, PrivateKey } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import type { InboundLimits, RefusalReason } from '../network/connections/connection-gater.ts'
import { connectionLimiter } from '../network/connections/connection-gater.ts'
import { checkReplacedConnection } from '../network/connections/connection-preference.ts'
import { pingService } from '../network/connections/ping.ts'
import type { Internals } from '../network/libp2p-internals.ts'
import { internalsService } from '../network/libp2p-internals.ts'
import { transportStack } from '../network/transport.ts'
import type { RelayLimits, RelayRefusal } from './relay-policy.ts'
import { relayPolicy, relayService, releaseReservation } from './relay-policy.ts'

/** Yamux's initial window, its minimum: requests are small. Bytes. */
const STREAM_WINDOW_BYTES = 262_144

/** Unread bytes on a stream: a whole window of a relayed stream whose other side is slow. */
const MAX_UNREAD_BYTES = 2 * STREAM_WINDOW_BYTES

/** Unsent bytes on a stream: a response of 256 KiB with its framing. */
const MAX_UNSENT_BYTES = 1_048_576

/** From accepting a socket to a usable connection, milliseconds; two round trips over a bad line. */
const HANDSHAKE_MS = 5_000

/** How often visitors are pinged, and how long they may take to answer, milliseconds. */
const PING_INTERVAL_MS = 10_000
const PING_TIMEOUT_MS = 10_000

export interface HelperNodeConfig extends InboundLimits, RelayLimits {
  /** Multiaddrs. */
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly streamsPerConnection: number
  readonly version: string
}

export interface HelperNodeDeps {
  readonly privateKey: PrivateKey
  readonly onRefused: (reason: RefusalReason | RelayRefusal) => void
  /** Whether two peers (peer ids) are in a room together: only those are relayed. */
  readonly shareNamespace: (a: string, b: string) => boolean
}

export type HelperNode = Libp2p<{
  identify: Identify
  ping: Ping
  relay: CircuitRelayService
  internals: Internals
}>

/** Creates a node, not started yet. */
export async function createHelperNode(config: HelperNodeConfig, deps: HelperNodeDeps): Promise<HelperNode> {
  const name = `parley/${config.version}`
  const desk = relayPolicy({ ...deps, limits: config, node: () => node, now: () => performance.now() })
  const node: HelperNode = await createLibp2p({
    start: false,
    privateKey: deps.privateKey,
    nodeInfo: { name: 'parley', version: config.version, userAgent: name },
    addresses: { listen: [...config.listen], announce: [...config.announce] },
    ...transportStack({
      maxConnections: config.connections,
      // each connection that a peer makes through the relay is one more stream
      maxInboundStreams: config.streamsPerConnection + config.relayConnectionsPerPeer,
      maxStreamWindowBytes: STREAM_WINDOW_BYTES,
      maxUnreadBytes: MAX_UNREAD_BYTES,
      maxUnsentBytes: MAX_UNSENT_BYTES,
    }),
    connectionGater: { ...connectionLimiter(config, deps.onRefused), ...desk },
    connectionManager: connectionLimits(config),
    connectionMonitor: {
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: { minTimeout: PING_TIMEOUT_MS, maxTimeout: PING_TIMEOUT_MS },
    },
    services: {
      // it tells visitors about itself and asks them nothing
      identify: identify({ runOnConnectionOpen: false }),
      ping: pingService,
      relay: relayService(config),
      internals: internalsService,
    },
  })
  node.addEventListener('peer:disconnect', ({ detail }: CustomEvent<PeerId>) =>
    releaseReservation(node, detail),
  )
  closeReplaced(node)
  return node
}

/** A peer that changed networks reconnects before its old connection times out, and is relayed to at once. */
function closeReplaced(node: HelperNode): void {
  const stop = new AbortController()
  node.addEventListener('stop', () => stop.abort())
  node.addEventListener('connection:open', ({ detail }: CustomEvent<Connection>) => {
    const all = node.getConnections(detail.remotePeer)
    checkReplacedConnection(detail, all, node.services.internals.preference, stop.signal)
  })
}

/** The connection gater decides, so libp2p's own limits never apply first. */
function connectionLimits({ connections, connectionsPerAddress }: HelperNodeConfig) {
  return {
    // at its limit libp2p would close old connections for new ones: never
    maxConnections: connections + 1,
    maxIncomingPendingConnections: connections,
    // per second from one address; all peers behind it return at once when the helper restarts
    inboundConnectionThreshold: connectionsPerAddress,
    inboundUpgradeTimeout: HANDSHAKE_MS,
    inboundStreamProtocolNegotiationTimeout: HANDSHAKE_MS,
    reconnectRetries: 0,
  }
}
