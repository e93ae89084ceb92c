/**
 * The relay policy: who may be reached through the helper, and who may be connected with whom. It relays
 * between members of one room and for nobody else, so it is useless as an open proxy; and it limits each
 * peer, each pair and the total. It counts open streams, so no count can go stale.
 */

import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import type { Connection, ConnectionGater, PeerId, Stream } from '@libp2p/interface'
import type { RateConfig } from '../common/rate-limit.ts'
import { RateTable } from '../common/rate-limit.ts'
import { sourceOf } from '../network/connections/connection-gater.ts'

/**
 * New relayed connections of a pair: reconnecting after a break fits, evading a connection's limit doesn't.
 */
const PAIR_RATE: RateConfig = { perSecond: 1 / 30, burst: 10 }
/** Pairs whose rates are remembered. */
const PAIRS = 8_192
/** The part of the reservations that one address may hold: a quarter. */
const SOURCE_SHARE = 4

export type RelayRefusal =
  | 'relay-reservations-per-address'
  | 'relay-strangers'
  | 'relay-connections'
  | 'relay-connections-per-peer'
  | 'relay-pair-rate'

/** The part of a libp2p node that the policy reads. */
export interface RelayNode {
  getConnections(peer?: PeerId): readonly Connection[]
  readonly services: { readonly relay: CircuitRelayService }
}

export interface RelayPolicyDeps {
  readonly limits: RelayLimits
  /** The node, once it exists. */
  readonly node: () => RelayNode
  /** Whether two peers (peer ids) are in a room together. */
  readonly shareNamespace: (a: string, b: string) => boolean
  readonly onRefused: (reason: RelayRefusal) => void
  /** Milliseconds. */
  readonly now: () => number
}

/** A part of a connection gater for `createLibp2p`, which copies own properties: so it is no class. */
export function relayPolicy(
  deps: RelayPolicyDeps,
): Pick<ConnectionGater, 'denyInboundRelayReservation' | 'denyOutboundRelayedConnection'> {
  const pairs = new RateTable<string>(PAIR_RATE, PAIRS)
  const told = (refusal: RelayRefusal | undefined): boolean => {
    if (refusal !== undefined) deps.onRefused(refusal)
    return refusal !== undefined
  }
  return {
    denyInboundRelayReservation: peer => told(refuseReservation(peer, deps)),
    denyOutboundRelayedConnection: (source, destination) =>
      told(refuseConnection(source, destination, deps, pairs)),
  }
}

/** Drops the reservation of a departed peer: its slot is free at once. */
export function releaseReservation({ services: { relay } }: RelayNode, peer: PeerId): void {
  // otherwise its timer would end a later reservation of the same peer
  relay.reservations.get(peer)?.signal.clear()
  relay.reservations.delete(peer)
}

/** Relayed connections at this moment, each counted once. */
export function relayedConnections(node: RelayNode): number {
  return streamsOf(node.getConnections(), STOP_PROTOCOL)
}

function refuseReservation(peer: PeerId, { limits, node }: RelayPolicyDeps): RelayRefusal | undefined {
  const { reservations } = node().services.relay
  if (reservations.has(peer)) return undefined
  const connections = node().getConnections(peer)
  const asking = connections.find(({ streams }) => streams.some(isReservationRequest)) ?? connections[0]
  const source = asking && sourceOf(asking.remoteAddr)
  const held = [...reservations.values()].filter(({ addr }) => sourceOf(addr) === source).length
  const share = Math.ceil(limits.relayReservations / SOURCE_SHARE)
  return held >= share ? 'relay-reservations-per-address' : undefined
}

/** The stream of a reservation request. */
function isReservationRequest({ protocol, direction }: Stream): boolean {
  return protocol === HOP_PROTOCOL && direction === 'inbound'
}

function refuseConnection(
  source: PeerId,
  destination: PeerId,
  { limits, node, shareNamespace, now }: RelayPolicyDeps,
  pairs: RateTable<string>,
): RelayRefusal | undefined {
  const pair = [source.toString(), destination.toString()].toSorted()
  const [a = '', b = ''] = pair
  if (!shareNamespace(a, b)) return 'relay-strangers'
  if (relayedConnections(node()) >= limits.relayConnections) return 'relay-connections'
  const perPeer = limits.relayConnectionsPerPeer
  // the requested one is already open at its source, and not yet at its destination
  const isBusy =
    relayedConnectionsOf(node(), source) > perPeer || relayedConnectionsOf(node(), destination) >= perPeer
  if (isBusy) return 'relay-connections-per-peer'
  return pairs.take(pair.join('/'), now()) ? undefined : 'relay-pair-rate'
}

/** A peer's relayed connections, in both directions. */
function relayedConnectionsOf(node: RelayNode, peer: PeerId): number {
  const connections = node.getConnections(peer)
  return streamsOf(connections, HOP_PROTOCOL) + streamsOf(connections, STOP_PROTOCOL)
}

function streamsOf(connections: readonly Connection[], protocol: string): number {
  return connections.reduce(
    (sum, { streams }) => sum + streams.filter(stream => stream.protocol === protocol).length,
    0,
  )
}

// The relay's limits, and the relay service with these limits. The library's defaults are for setting up
// direct connections between strangers (2 minutes and 128 KiB): a chat would be cut after a hundred messages.

/** https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md */
const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'
const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop'

export interface RelayLimits {
  /** Peers that may hold a reservation at a time. */
  readonly relayReservations: number
  /** Relayed connections at a time, in all and for one peer. */
  readonly relayConnections: number
  readonly relayConnectionsPerPeer: number
  /**
   * How much one relayed connection may carry (in units of 1,000,000 bytes) and how long it may last; then it
   * is closed.
   */
  readonly relayMegabytes: number
  readonly relayMinutes: number
}

/**
 * Peers renew five minutes before the end, so every ten minutes. That frees a departed peer's slot soon
 * enough, and costs two small messages.
 */
const RESERVATION_MS = 15 * 60_000

/** From CONNECT to the other side's answer: two round trips over a bad line. */
const HOP_TIMEOUT_MS = 10_000

/** The service for `createLibp2p`. The policy above, as the connection gater, decides who may use it. */
export function relayService(
  limits: RelayLimits,
): (components: Parameters<ReturnType<typeof circuitRelayServer>>[0]) => CircuitRelayService {
  return circuitRelayServer({
    hopTimeout: HOP_TIMEOUT_MS,
    // one more to renew a reservation
    maxInboundHopStreams: limits.relayConnectionsPerPeer + 1,
    maxOutboundStopStreams: limits.relayConnectionsPerPeer,
    reservations: {
      maxReservations: limits.relayReservations,
      reservationTtl: RESERVATION_MS,
      defaultDurationLimit: limits.relayMinutes * 60_000,
      defaultDataLimit: BigInt(limits.relayMegabytes) * 1_000_000n,
    },
  })
}
