/**
 * What a helper shows of itself to whoever runs it. Counts only: no room, no peer, no address.
 */

export interface HelperStatus {
  readonly version: string
  /** The helper's own peer id. */
  readonly peer: string
  readonly uptimeMs: number
  readonly connections: number
  readonly registrations: number
  /** Peers that are registered anywhere. */
  readonly peers: number
  /** Namespaces with at least one registration: for parley, rooms. */
  readonly namespaces: number
  readonly watchers: number
  /** Peers that can be reached through this helper, and connections that are relayed at the moment. */
  readonly reservations: number
  readonly relayed: number
  /** How often something was refused, by reason, since the start. */
  readonly refused: ReadonlyMap<string, number>
  /** Bytes over all TCP connections with peers since the start. */
  readonly receivedBytes: number
  readonly sentBytes: number
}
