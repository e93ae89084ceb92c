/**
 * Deterministic CBOR (RFC 8949 section 4.2): one value has one encoding. Decoding is strict and checks that by
 * encoding again, because a second encoding of the same content would have another hash and another signature.
 */
import { decode, encode } from 'cborg'
import { MAX_DEPTH } from './limits.ts'

export type Decoded = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'malformed' }

/** What the library itself can refuse; `isPlain` refuses the rest. */
const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
}

/** Encodes arrays, integers, strings, bytes, booleans and null. Throws on anything else: a programmer's error. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value)
}

/** Decodes bytes from anywhere. Never throws: whatever isn't the one encoding of its value is malformed. */
export function decodeCbor(bytes: Uint8Array): Decoded {
  try {
    const value: unknown = decode(bytes, STRICT)
    const isOne = isPlain(value, 0) && equalBytes(encode(value), bytes)
    return isOne ? { kind: 'value', value } : { kind: 'malformed' }
  } catch {
    // cborg throws on malformed input and the stack on absurd nesting: both are the sender's doing
    return { kind: 'malformed' }
  }
}

/**
 * True for what the protocol is made of. Maps and floats have rules of their own for their one encoding, on which
 * libraries differ; and where nesting ends is for the protocol to say, since peers' stacks differ too.
 */
function isPlain(value: unknown, depth: number): boolean {
  if (Array.isArray(value)) return depth < MAX_DEPTH && value.every(item => isPlain(item, depth + 1))
  if (value === null || value instanceof Uint8Array) return true
  return typeof value === 'number' ? Number.isSafeInteger(value) : PLAIN_TYPES.has(typeof value)
}

const PLAIN_TYPES: ReadonlySet<string> = new Set(['string', 'boolean'])

/** Compares two byte strings by content. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
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
