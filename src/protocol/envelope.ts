/**
 * The envelope: one signed message as it travels, is stored and is proved to others.
 *
 *     core = deterministic CBOR [1, room, author, log, seq, prev, ts, deps, kind, body]
 *     wire = core || signature        signature = Ed25519("parley/1/msg\0" || core)        id = SHA-256(wire)
 *
 * Decoding checks the form only: that the bytes are the one encoding of a well-formed message. The signature
 * and the position in the chain are checked elsewhere.
 */
import { decodeCbor, encodeCbor, isBytes, isUint } from './cbor.ts'
import type { Crypto, Signer } from './crypto.ts'
import { inDomain, SIGNATURE_BYTES } from './crypto.ts'
import type { LogId, MessageId, PeerKey, RoomId } from './ids.ts'
import { fromHex, toHex } from './ids.ts'
import { MAX_DEPS, MAX_MESSAGE_BYTES } from './limits.ts'

/** The first element of a message's core. Beacons have another one. */
export const MESSAGE_TYPE = 1
const DOMAIN = new TextEncoder().encode('parley/1/msg\0')

/** What an author signs; the envelope adds identity and order. */
export interface MessageFields {
  readonly room: RoomId
  readonly author: PeerKey
  readonly log: LogId
  /** Place in the chain, from 0. */
  readonly seq: number
  /** Id of the previous message of the chain; null for the first. */
  readonly prev: MessageId | null
  /** Hybrid logical clock, milliseconds since the epoch. */
  readonly ts: number
  /** Ids of heads of other chains that the author held, ascending. */
  readonly deps: readonly MessageId[]
  /** The kind of the body: see content.ts. */
  readonly kind: number
  readonly body: unknown
}

export interface Envelope extends MessageFields {
  readonly id: MessageId
  /** The exact bytes: core and signature. */
  readonly wire: Uint8Array
}

/** Signs a message. Throws if it exceeds `MAX_MESSAGE_BYTES`: callers check the text first. */
export function sealEnvelope(fields: MessageFields, signer: Signer, crypto: Crypto): Envelope {
  const core = encodeCbor([
    MESSAGE_TYPE,
    fromHex(fields.room),
    fromHex(fields.author),
    fromHex(fields.log),
    fields.seq,
    fields.prev === null ? null : fromHex(fields.prev),
    fields.ts,
    fields.deps.map(fromHex),
    fields.kind,
    fields.body,
  ])
  const wire = inDomain(core, signer.sign(inDomain(DOMAIN, core)))
  if (wire.length > MAX_MESSAGE_BYTES) throw new RangeError(`message of ${wire.length} bytes`)
  return { ...fields, wire, id: crypto.sha256(wire) as MessageId }
}

/** Decodes a message from any bytes. Undefined if they aren't one, on which every honest peer agrees. */
export function decodeEnvelope(wire: Uint8Array, crypto: Crypto): Envelope | undefined {
  if (wire.length <= SIGNATURE_BYTES || wire.length > MAX_MESSAGE_BYTES) return undefined
  // a copy, because it is a small part of a large buffer that would live as long as the message
  const own = new Uint8Array(wire)
  const fields = readCore(own)
  return fields && { ...fields, wire: own, id: crypto.sha256(wire) as MessageId }
}

/**
 * Decodes a message whose id is known, without hashing. The bytes become part of it. Undefined if they aren't
 * one.
 */
export function restoreEnvelope(wire: Uint8Array, id: MessageId): Envelope | undefined {
  const fields = readCore(wire)
  return fields && { ...fields, wire, id }
}

/** True if the author signed these bytes. */
export function isAuthentic(envelope: Envelope, crypto: Crypto): boolean {
  const { wire } = envelope
  const signed = inDomain(DOMAIN, wire.subarray(0, -SIGNATURE_BYTES))
  return crypto.verify(envelope.author, signed, wire.subarray(-SIGNATURE_BYTES))
}

function readCore(wire: Uint8Array): MessageFields | undefined {
  const decoded = decodeCbor(wire.subarray(0, -SIGNATURE_BYTES))
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  return readFields(decoded.value)
}

function readFields(value: readonly unknown[]): MessageFields | undefined {
  const [type, room, author, log, seq, prev, ts, deps, kind, body] = value
  if (value.length !== 10 || type !== MESSAGE_TYPE) return undefined
  if (!isBytes(room, 16) || !isBytes(author, 32) || !isBytes(log, 8)) return undefined
  if (!isUint(seq) || !isUint(ts) || !isUint(kind)) return undefined
  if (seq === 0 ? prev !== null : !isBytes(prev, 32)) return undefined
  const ids = readDeps(deps)
  if (ids === undefined) return undefined
  return {
    room: toHex(room) as RoomId,
    author: toHex(author) as PeerKey,
    log: toHex(log) as LogId,
    seq,
    prev: isBytes(prev, 32) ? (toHex(prev) as MessageId) : null,
    ts,
    deps: ids,
    kind,
    body,
  }
}

/** At most four ids, each once, ascending: one set has one encoding. */
function readDeps(deps: unknown): MessageId[] | undefined {
  if (!Array.isArray(deps) || deps.length > MAX_DEPS) return undefined
  const ids: MessageId[] = []
  for (const dep of deps) {
    const last = ids.at(-1)
    if (!isBytes(dep, 32)) return undefined
    const id = toHex(dep) as MessageId
    if (last !== undefined && id <= last) return undefined
    ids.push(id)
  }
  return ids
}

// The order of messages: by `(ts, id)`. The hybrid clock in `ts` makes it causal; the id breaks ties alike
// everywhere.

export interface Position {
  readonly ts: number
  readonly id: MessageId
}

/** Negative, zero or positive, for sorting. Zero only for the same message. */
export function compare(a: Position, b: Position): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

/** The later of two positions. */
export function later(a: Position | undefined, b: Position): Position {
  return a === undefined || compare(a, b) < 0 ? b : a
}
