/**
 * A helper's libp2p node: it is dialled, and dials only to show a visitor whether it can be reached; it subscribes to
 * nothing, relays between members of a room who can't connect otherwise, and remembers of a visitor only what the
 * rendezvous table holds.
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

/** Yamux's initial window, which it calls the least: requests are small. Bytes. */
const STREAM_WINDOW_BYTES = 262_144

/** Bytes on a stream that nobody reads: of a relayed stream whose other side is slow, a whole window. */
const MAX_UNREAD_BYTES = 2 * STREAM_WINDOW_BYTES

/** Bytes on a stream that can't be sent: an answer of 256 KiB and what it is wrapped in. */
const MAX_UNSENT_BYTES = 1_048_576

/** From accepting a socket to a usable connection, milliseconds; two round trips over a bad line. */
const HANDSHAKE_MS = 5_000

/** How often it is checked that visitors are still there, and how long they may take to answer, milliseconds. */
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
  readonly areTogether: (a: string, b: string) => boolean
}

export type HelperNode = Libp2p<{
  identify: Identify
  ping: Ping
  relay: CircuitRelayService
  internals: Internals
}>

/** Makes a node, not started yet. */
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
      // each connection that a peer makes through the relay is a stream more
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
  cutReplaced(node)
  return node
}

/** Whoever moved to another network comes back before its old connection is given up, and is relayed to at once. */
function cutReplaced(node: HelperNode): void {
  const stop = new AbortController()
  node.addEventListener('stop', () => stop.abort())
  node.addEventListener('connection:open', ({ detail }: CustomEvent<Connection>) => {
    const all = node.getConnections(detail.remotePeer)
    checkReplacedConnection(detail, all, node.services.internals.choice, stop.signal)
  })
}

/** The gate decides, so libp2p's own limits are set to where they never act first. */
function connectionLimits({ connections, connectionsPerAddress }: HelperNodeConfig) {
  return {
    // at its limit libp2p closes old connections for new ones: never
    maxConnections: connections + 1,
    maxIncomingPendingConnections: connections,
    // a second from one address; all peers behind it come back at once when the helper was restarted
    inboundConnectionThreshold: connectionsPerAddress,
    inboundUpgradeTimeout: HANDSHAKE_MS,
    inboundStreamProtocolNegotiationTimeout: HANDSHAKE_MS,
    reconnectRetries: 0,
  }
}
