/**
 * A peer's libp2p node: its services, and the limits on what strangers can make it hold.
 */
import { bootstrap } from '@libp2p/bootstrap'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import type { Ping } from '@libp2p/ping'
import { isLoopback } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { withoutZone } from '../protocol/multiaddr.ts'
import { pingService } from './connections/ping.ts'
import type { GossipService } from './gossip/gossip.ts'
import { gossipService } from './gossip/gossip.ts'
import type { Internals } from './libp2p-internals.ts'
import { internalsService } from './libp2p-internals.ts'
import { transportStack } from './transport.ts'

/** The mDNS service name by which parley peers find each other, and nothing else, on a local network. */
const LAN_SERVICE = '_parley._udp.local'

/** Streams of one connection: gossip, ping, identify, a sync for each room, and a relayed connection with each member. */
const MAX_STREAMS = 128
/** Room for the largest message of the sync, and for a burst of full frames. */
const STREAM_WINDOW_BYTES = 1024 * 1024
const MAX_UNREAD_BYTES = 4 * 1024 * 1024
const MAX_UNSENT_BYTES = 8 * 1024 * 1024
/**
 * Handshakes at a time and per second: a room of 32 that starts together behind one address needs all of
 * them.
 */
const MAX_PENDING = 64
const MAX_INBOUND_PER_SECOND = 64
/** Relayed connections, each a stream on the helper's connection; and how long accepting one may take. */
const RELAYED = { maxInboundStopStreams: 64, maxOutboundStopStreams: 64, reservationCompletionTimeout: 5_000 }
/** For peers without the heartbeat of heartbeat.ts, such as helpers: losing them isn't urgent. */
const CONNECTION_MONITOR = { pingInterval: 30_000, pingTimeout: { minTimeout: 10_000, maxTimeout: 10_000 } }
/** Time limit for one address; a host often has some that lead nowhere from here. */
const ADDRESS_DIAL_TIMEOUT_MS = 5_000

export interface NodeConfig {
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly lan: 'on' | 'off'
  /** Helpers whose keys are known: multiaddrs that end in `/p2p/…`. */
  readonly helpers: readonly string[]
  readonly maxConnections: number
  readonly dialTimeoutMs: number
}

export interface NodeDeps {
  readonly privateKey: PrivateKey
  readonly gater: ConnectionGater
}

/** The services of a peer's node. */
export type PeerServices = {
  readonly pubsub: GossipService
  readonly ping: Ping
  readonly internals: Internals
} & Record<string, unknown>

export type PeerNode = Libp2p<PeerServices>

/** Creates a node, not started yet. */
export function createPeerNode(config: NodeConfig, deps: NodeDeps): Promise<PeerNode> {
  const { transports, ...stack } = transportStack({
    maxConnections: config.maxConnections,
    maxInboundStreams: MAX_STREAMS,
    maxStreamWindowBytes: STREAM_WINDOW_BYTES,
    maxUnreadBytes: MAX_UNREAD_BYTES,
    maxUnsentBytes: MAX_UNSENT_BYTES,
  })
  return createLibp2p({
    start: false,
    privateKey: deps.privateKey,
    addresses: {
      listen: [...config.listen],
      announce: [...config.announce],
      announceFilter: worthAnnouncing,
    },
    ...stack,
    transports: [...transports, circuitRelayTransport(RELAYED)],
    connectionGater: deps.gater,
    connectionManager: {
      maxConnections: config.maxConnections,
      dialTimeout: config.dialTimeoutMs,
      addressDialTimeout: Math.min(config.dialTimeoutMs, ADDRESS_DIAL_TIMEOUT_MS),
      inboundConnectionThreshold: MAX_INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING,
      // dial-scheduler.ts decides whom to reconnect, and when
      reconnectRetries: 0,
    },
    connectionMonitor: CONNECTION_MONITOR,
    peerDiscovery: discovery(config),
    services: {
      identify: identify(),
      ping: pingService,
      pubsub: gossipService,
      internals: internalsService,
    },
  })
}

function discovery(config: NodeConfig): (ReturnType<typeof mdns> | ReturnType<typeof bootstrap>)[] {
  const lan = config.lan === 'on' ? [mdns({ serviceTag: LAN_SERVICE })] : []
  const helpers = config.helpers.length > 0 ? [bootstrap({ list: [...config.helpers], timeout: 0 })] : []
  return [...lan, ...helpers]
}

/** Loopback addresses help only if there is no other; a zone is valid on this machine only. */
function worthAnnouncing(addresses: Multiaddr[]): Multiaddr[] {
  const reachable = addresses.filter(address => !isLoopback(address))
  return (reachable.length > 0 ? reachable : addresses).map(withoutZone)
}
