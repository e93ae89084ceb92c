/**
 * The rendezvous messages as protobuf. A response's required fields are always written, zero or not, because
 * other implementations distinguish absent from zero; when reading, they may be absent, because others omit
 * zeroes.
 */

import type { Writer } from 'protons-runtime'
import { writer } from 'protons-runtime'
import type { RoomId } from './ids.ts'
import { ProtobufFields } from './protobuf.ts'

/** A type's number is its index; the field with its content has that number plus two. */
const TYPES = ['register', 'register-response', 'unregister', 'discover', 'discover-response'] as const
const TYPE_FIELD = 1

/** Characters of a status text that are read: it only goes into a log. */
const MAX_STATUS_TEXT = 200

export type Decoded = { readonly kind: 'message'; readonly message: Message } | { readonly kind: 'malformed' }

/** Accepts any bytes and never throws. The result shares memory with its input. */
export function decode(bytes: Uint8Array): Decoded {
  try {
    const fields = new ProtobufFields(bytes)
    const type = fields.count(TYPE_FIELD) ?? 0
    const kind = TYPES[type]
    if (kind === undefined) return { kind: 'malformed' }
    return { kind: 'message', message: readMessage(kind, fields.message(type + 2)) }
  } catch {
    return { kind: 'malformed' }
  }
}

function readMessage(kind: Message['kind'], from: ProtobufFields): Message {
  switch (kind) {
    case 'register':
      return { kind, ...readRegister(from) }
    case 'register-response':
      return { kind, ...readStatus(from, 1, 2), ...optional('ttlSeconds', from.count(3) || undefined) }
    case 'unregister':
      return { kind, namespace: from.text(1) ?? '' }
    case 'discover':
      return {
        kind,
        ...optional('namespace', from.text(1)),
        ...optional('limit', from.count(2) || undefined),
        ...optional('cookie', from.bytes(3)),
      }
    case 'discover-response':
      return {
        kind,
        ...readStatus(from, 3, 4),
        registrations: readRegistrations(from.repeated(1)),
        ...optional('cookie', from.bytes(2)),
      }
  }
}

function readRegister(from: ProtobufFields): Register {
  return {
    namespace: from.text(1) ?? '',
    record: from.bytes(2) ?? new Uint8Array(),
    ...optional('ttlSeconds', from.count(3) || undefined),
  }
}

function readRegistrations(all: readonly Uint8Array[]): Register[] {
  if (all.length > MAX_PAGE_COUNT) throw new RangeError('too many registrations')
  return all.map(one => readRegister(new ProtobufFields(one)))
}

/** An unknown status is a failure, too. */
function readStatus(from: ProtobufFields, codeField: number, textField: number): RegisterResponse {
  const code = from.count(codeField) ?? STATUS_CODES.OK
  const known = Object.entries(STATUS_CODES).find(([, value]) => value === code)
  const status = (known?.[0] ?? 'E_INTERNAL_ERROR') as Status
  return { status, ...optional('statusText', from.text(textField)?.slice(0, MAX_STATUS_TEXT)) }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value })
}

export function encode(message: Message): Uint8Array {
  const to = writer()
  const type = TYPES.indexOf(message.kind)
  writeCount(to, TYPE_FIELD, type)
  writeNested(to, type + 2, inner => writeMessage(inner, message))
  return to.finish()
}

function writeMessage(to: Writer, message: Message): void {
  switch (message.kind) {
    case 'register':
      writeRegister(to, message)
      return
    case 'register-response':
      writeCount(to, 1, STATUS_CODES[message.status])
      if (message.statusText !== undefined) writeText(to, 2, message.statusText)
      if (message.ttlSeconds !== undefined) writeCount(to, 3, message.ttlSeconds)
      return
    case 'unregister':
      writeText(to, 1, message.namespace)
      return
    case 'discover':
      writeDiscover(to, message)
      return
    case 'discover-response':
      writeDiscoverResponse(to, message)
  }
}

function writeRegister(to: Writer, { namespace, record, ttlSeconds }: Register): void {
  writeText(to, 1, namespace)
  writeBytes(to, 2, record)
  if (ttlSeconds !== undefined) writeCount(to, 3, ttlSeconds)
}

function writeDiscover(to: Writer, { namespace, limit, cookie }: Discover): void {
  if (namespace !== undefined) writeText(to, 1, namespace)
  if (limit !== undefined) writeCount(to, 2, limit)
  if (cookie !== undefined) writeBytes(to, 3, cookie)
}

function writeDiscoverResponse(to: Writer, response: DiscoverResponse): void {
  for (const registration of response.registrations) {
    writeNested(to, 1, inner => writeRegister(inner, registration))
  }
  if (response.cookie !== undefined) writeBytes(to, 2, response.cookie)
  writeCount(to, 3, STATUS_CODES[response.status])
  if (response.statusText !== undefined) writeText(to, 4, response.statusText)
}

function writeCount(to: Writer, field: number, value: number): void {
  to.uint32(field << 3).uint64(BigInt(value))
}

function writeText(to: Writer, field: number, value: string): void {
  to.uint32((field << 3) | 2).string(value)
}

function writeBytes(to: Writer, field: number, value: Uint8Array): void {
  to.uint32((field << 3) | 2).bytes(value)
}

function writeNested(to: Writer, field: number, write: (to: Writer) => void): void {
  to.uint32((field << 3) | 2).fork()
  write(to)
  to.ldelim()
}

// The rendezvous messages of the libp2p specification, as a closed union and as protobuf. Specification:
// https://github.com/libp2p/specs/blob/master/rendezvous/README.md (r3)

export const RENDEZVOUS_PROTOCOL = '/rendezvous/1.0.0'

/**
 * parley's extension: the client sends one DISCOVER, and the helper answers with DISCOVER_RESPONSEs, first
 * with everyone registered, then with each new or changed registration, as long as the stream lives.
 */
export const WATCH_PROTOCOL = '/parley/watch/1'

/** The prefix of parley's namespaces. */
export const PARLEY_NAMESPACES = '/parley/'

/** The namespace of a room. It reveals the room's id, never its name. */
export function roomNamespace(room: RoomId): string {
  return `${PARLEY_NAMESPACES}1/${room}`
}

/** The specification's limit, UTF-8 bytes. */
export const MAX_NAMESPACE_BYTES = 255

/** Registrations in one DISCOVER_RESPONSE: the specification's recommendation. */
export const MAX_PAGE_COUNT = 1_000

/** Bytes of one signed peer record: a real one has 200 to 600; with 30 addresses, 1,100. */
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

/** One peer in one namespace, as it registers and as others discover it. */
export interface Register {
  /** Empty if absent. */
  readonly namespace: string
  /** A libp2p signed envelope with a peer record; empty if absent. */
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
