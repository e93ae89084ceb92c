/**
 * What the helper allows a stranger, where neither the specification nor the operator decides it. Times are
 * milliseconds, sizes bytes.
 */
import type { RateConfig } from '../../common/rate-limit.ts'

/** The first request must come soon after its stream was opened. */
export const FIRST_REQUEST_MS = 10_000

/** Between two requests on one stream: go-libp2p-rendezvous asks again every two minutes. */
export const NEXT_REQUEST_MS = 300_000

/** Until the other side has taken an answer: 256 KiB over a line of 0.2 Mbit/s. */
export const TAKE_ANSWER_MS = 10_000

/** A connection on which nothing is asked and nothing watched for this long is closed. */
export const IDLE_CONNECTION_MS = 300_000

/** How often ended registrations, idle connections and forgotten peers are looked for. */
export const SWEEP_MS = 10_000

/** Requests of one peer: joining 16 rooms costs 32 at once, then one an hour and room. */
export const PEER_RATE: RateConfig = { perSecond: 2, burst: 64 }

/** Requests from one address: a hundred peers behind one that come back together fit. */
export const SOURCE_RATE: RateConfig = { perSecond: 50, burst: 1_000 }

/** Peers and addresses whose rates are remembered. */
export const RATE_KEYS = 8_192

/** Malformed or unpaced requests after which a connection is cut. */
export const MAX_STRIKES = 100

/** Records in one answer; the rest follows with its cookie. */
export const PAGE_BYTES = 262_144

/** Answers of all streams that wait to be taken. Above it further ones are refused. */
export const MAX_UNSENT_BYTES = 64 * 1024 * 1024

/** Between two messages to one watcher: who comes within it comes in one. */
export const PUSH_GAP_MS = 50

/** Messages a second to the watchers of one namespace, together: with more watchers the gap grows. */
export const PUSHES_PER_SECOND = 2_000
