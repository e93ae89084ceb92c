/**
 * What a helper's relay allows, and the relay service with these limits. The library's own defaults are made for
 * setting up direct connections between strangers (2 minutes and 128 KiB): a chat would be cut after a hundred messages.
 */
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'

/** https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md */
export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'
export const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop'

export interface RelayLimits {
  /** Peers that may be reached through this helper at a time. */
  readonly relayReservations: number
  /** Relayed connections at a time, in all and of one peer. */
  readonly relayConnections: number
  readonly relayConnectionsPerPeer: number
  /** What one relayed connection may carry (of 1,000,000 bytes) and how long it may last; then it is cut. */
  readonly relayMegabytes: number
  readonly relayMinutes: number
}

/**
 * Peers renew five minutes before the end, so every ten; that is short enough for a place to come free soon after a
 * peer that never said goodbye, and it costs two small messages.
 */
const RESERVATION_MS = 15 * 60_000

/** From CONNECT to the other side's answer: two round trips over a bad line. */
const HOP_TIMEOUT_MS = 10_000

/** The service for `createLibp2p`. Who may use it is decided by desk.ts, which is asked as the connection gater. */
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
