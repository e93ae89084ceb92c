/**
 * What peers and helper say to each other about who is where: the messages of the libp2p rendezvous
 * specification as a closed union. How they look on the wire is `codec.ts`.
 * Specification: https://github.com/libp2p/specs/blob/master/rendezvous/README.md (r3)
 */
import type { RoomId } from './ids.ts'

export const RENDEZVOUS_PROTOCOL = '/rendezvous/1.0.0'

/**
 * Ours: the client sends one DISCOVER; the helper answers with DISCOVER_RESPONSEs, at once those who are
 * registered, then whoever registers or changes, for as long as the stream lives.
 */
export const WATCH_PROTOCOL = '/parley/watch/1'

/** Every namespace of parley begins so. */
export const PARLEY_NAMESPACES = '/parley/'

/** Where the members of a room register. It shows the room's identifier, never its name. */
export function roomNamespace(room: RoomId): string {
  return `${PARLEY_NAMESPACES}1/${room}`
}

/** The longest namespace of the specification, UTF-8 bytes. */
export const MAX_NAMESPACE_BYTES = 255

/** Registrations in one DISCOVER_RESPONSE: the specification's recommendation. */
export const MAX_PAGE_COUNT = 1_000

/** Bytes of one signed peer record: a real one has 200 to 600, with 30 addresses 1,100. */
export const MAX_RECORD_BYTES = 4_096

/** The codes are the specification's. */
export const STATUS_CODES = {
  OK: 0,
  E_INVALID_NAMESPACE: 100,
  E_INVALID_SIGNED_PEER_RECORD: 101,
  E_INVALID_TTL: 102,
  E_INVALID_COOKIE: 103,
  E_NOT_AUTHORIZED: 200,
  E_INTERNAL_ERROR: 300,
  E_UNAVAILABLE: 400,
} as const

export type Status = keyof typeof STATUS_CODES
export type ErrorStatus = Exclude<Status, 'OK'>

/** One peer in one namespace, as it asked for it and as others are told. */
export interface Register {
  /** Empty if it was missing. */
  readonly namespace: string
  /** A libp2p signed envelope with a peer record; empty if it was missing. */
  readonly record: Uint8Array
  readonly ttlSeconds?: number
}

export interface Discover {
  readonly namespace?: string
  readonly limit?: number
  readonly cookie?: Uint8Array
}

export interface DiscoverResponse {
  readonly status: Status
  readonly statusText?: string
  readonly registrations: readonly Register[]
  readonly cookie?: Uint8Array
}

export interface RegisterResponse {
  readonly status: Status
  readonly statusText?: string
  readonly ttlSeconds?: number
}

export type Message =
  | ({ readonly kind: 'register' } & Register)
  | ({ readonly kind: 'register-response' } & RegisterResponse)
  | { readonly kind: 'unregister'; readonly namespace: string }
  | ({ readonly kind: 'discover' } & Discover)
  | ({ readonly kind: 'discover-response' } & DiscoverResponse)
