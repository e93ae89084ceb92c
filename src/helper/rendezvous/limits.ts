/**
 * The helper's limits for strangers that neither the specification nor the operator sets. Times are
 * milliseconds, sizes bytes.
 */
import type { RateConfig } from '../../common/rate-limit.ts'

/** The first request must follow its stream's opening this soon. */
export const FIRST_REQUEST_MS = 10_000

/** Between two requests on one stream: go-libp2p-rendezvous repeats every two minutes. */
export const NEXT_REQUEST_MS = 300_000

/** Until the other side has taken a response: 256 KiB over a line of 0.2 Mbit/s. */
export const SEND_TIMEOUT_MS = 10_000

/** A connection without requests or watches is closed after this time. */
export const IDLE_CONNECTION_MS = 300_000

/** How often ended registrations, idle connections and departed peers are swept. */
export const SWEEP_MS = 10_000

/** Requests of one peer: joining 16 rooms costs 32 at once, then one per hour and room. */
export const PEER_RATE: RateConfig = { perSecond: 2, burst: 64 }

/** Requests from one address: a hundred peers behind it that return together fit. */
export const SOURCE_RATE: RateConfig = { perSecond: 50, burst: 1_000 }

/** Peers and addresses whose rates are remembered. */
export const RATE_KEYS = 8_192

/** Malformed or excess requests after which a connection is closed. */
export const MAX_OFFENCES = 100

/** Bytes of records in one response; the rest follows with its cookie. */
export const PAGE_BYTES = 262_144

/** Responses of all streams that wait to be taken. Above this, further ones are refused. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024

/** Between two messages to one watcher: registrations within this time share a message. */
export const PUSH_GAP_MS = 50

/** Messages per second to all watchers of one namespace: with more watchers the gap grows. */
export const PUSHES_PER_SECOND = 2_000
