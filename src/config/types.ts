/**
 * The configuration as the program uses it: every value present, parsed and frozen. `schema.ts` has the form
 * in which users write it and the reasons for the numbers, `resolve.ts` their merging, `config/` the
 * defaults.
 */
import type { LogLevel } from '../common/logger.ts'

/** The address of a helper, parsed from `HOST`, `HOST:PORT` or a multiaddr. */
export interface HelperAddress {
  /** As the user wrote it, for messages to the user. */
  readonly text: string
  /** The address to dial, without `/p2p/…`. Normalised, so it is also the key of a pin. */
  readonly multiaddr: string
  /** The helper's peer id (base58btc), if the user gave it. */
  readonly peerId?: string
}

/** `auto`: the full screen on a terminal, otherwise plain lines. `prompt`: lines above an input line. */
export type OutputForm = 'auto' | 'json' | 'plain' | 'prompt'

/** Times are milliseconds. */
export interface NetworkConfig {
  readonly fullMeshUpTo: number
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly dialTimeoutMs: number
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
  readonly helperRetryMaxMs: number
  readonly lostAfterMs: number
}

/** What the log keeps of each room. 0: no limit. */
export interface RetentionConfig {
  readonly days: number
  /** Of 1,000,000 bytes. */
  readonly megabytes: number
}

export interface PeerConfig {
  readonly role: 'peer'
  readonly name: string
  readonly room: string
  readonly helpers: readonly HelperAddress[]
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Multiaddrs to announce instead of those found. */
  readonly announce: readonly string[]
  /** An absolute path. */
  readonly dataDir: string
  readonly lan: 'on' | 'off'
  readonly output: OutputForm
  readonly logLevel: LogLevel
  /** What to do when a helper has another key than the pinned one. */
  readonly trustNewHelper: 'refuse' | 'accept'
  readonly network: NetworkConfig
  readonly retention: RetentionConfig
}

export interface HelperLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly registrations: number
  readonly registrationsPerPeer: number
  readonly registrationTtlSeconds: { readonly default: number; readonly max: number }
  readonly streamsPerConnection: number
  readonly messageBytes: number
  readonly relayReservations: number
  readonly relayConnections: number
  readonly relayConnectionsPerPeer: number
  /** Of 1,000,000 bytes. */
  readonly relayMegabytes: number
  readonly relayMinutes: number
}

export interface HelperConfig {
  readonly role: 'helper'
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly dataDir: string
  readonly logLevel: LogLevel
  readonly output: OutputForm
  /** Where to serve health, metrics and status; absent: nowhere. */
  readonly admin?: { readonly host: string; readonly port: number }
  readonly limits: HelperLimits
}
