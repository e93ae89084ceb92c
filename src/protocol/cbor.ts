/**
 * Deterministic CBOR (RFC 8949 section 4.2): one value has one encoding. Anything else is refused, because a second
 * encoding of the same content would have another hash and another signature.
 */
import { encode } from 'cborg'
import { readCbor } from './cbor-reader.ts'

export type Decoded = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'malformed' }

/** Encodes arrays, integers, strings, bytes, booleans and null. Throws on anything else: a programmer's error. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value)
}

/** Decodes bytes from anywhere. Never throws: whatever isn't the one encoding of its value is malformed. */
export function decodeCbor(bytes: Uint8Array): Decoded {
  try {
    return { kind: 'value', value: readCbor(bytes) }
  } catch {
    return { kind: 'malformed' }
  }
}

/** A non-negative integer that a double holds exactly. */
export function isUint(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** A byte string of exactly `length` bytes. */
export function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}

/** A text string of at most `maxBytes` in UTF-8 that has no lone surrogate. */
export function isText(value: unknown, maxBytes: number): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= maxBytes && value.isWellFormed()
}
