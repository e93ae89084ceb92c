/**
 * What goes into the helper's table and what comes out of it.
 */

export interface RegistryConfig {
  /** Registrations in all. */
  readonly registrations: number
  /** How many of them may be lasting ones, so that what strangers leave behind can't lock out who is here. */
  readonly lasting: number
  readonly perPeer: number
  readonly perNamespace: number
  /** Of one network address, in the whole table and in one namespace. */
  readonly perSource: number
  readonly perSourceAndNamespace: number
  /** UTF-8 bytes. */
  readonly namespaceBytes: number
  readonly recordBytes: number
  readonly ttlSeconds: { readonly min: number; readonly default: number; readonly max: number }
  /**
   * Registrations in namespaces that begin so are attached: they end `graceMs` after their peer's last
   * connection closed, because a dead address costs every newcomer a failed dial. All others are lasting: they
   * end with their TTL, as the rendezvous specification has it.
   */
  readonly attachedPrefix: string
  readonly graceMs: number
}

export interface Registration {
  readonly namespace: string
  /** Peer id as text. */
  readonly peer: string
  /** The network address it came from, in whatever granularity the limits are meant for. */
  readonly source: string
  /** The signed peer record, opaque here. The table keeps this very array. */
  readonly record: Uint8Array
  readonly ttlSeconds?: number
}

export type Refusal =
  | 'namespace'
  | 'record'
  | 'ttl'
  | 'full'
  | 'lasting-full'
  | 'peer-full'
  | 'namespace-full'
  | 'source-full'

export type RegisterResult =
  | {
      readonly kind: 'registered'
      /** `same`: only its end moved, so nobody needs to hear of it. */
      readonly change: 'new' | 'changed' | 'same'
      readonly ttlSeconds: number
    }
  | { readonly kind: 'refused'; readonly reason: Refusal }

export interface Query {
  readonly namespace: string
  /** From an earlier page of the same namespace. */
  readonly cookie?: Uint8Array
  /** The page ends before it exceeds either, but holds at least one registration if there is one. */
  readonly count: number
  readonly bytes: number
}

export interface Listed {
  readonly peer: string
  readonly record: Uint8Array
  /** What is left of it, rounded up. */
  readonly ttlSeconds: number
}

export type DiscoverResult =
  | {
      readonly kind: 'page'
      /** In the order in which they came or changed last. */
      readonly registrations: readonly Listed[]
      readonly cookie: Uint8Array
      /** Whether the cookie leads to further ones right now. */
      readonly rest: 'more' | 'none'
    }
  | { readonly kind: 'refused'; readonly reason: 'namespace' | 'cookie' }
