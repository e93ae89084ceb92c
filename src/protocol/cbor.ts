/**
 * Deterministic CBOR (RFC 8949 §4.2): one value has one encoding. Anything else is refused, because a second
 * encoding of the same content would have another hash and another signature.
 */

import { encode } from 'cborg'
import { MAX_DEPTH } from './limits.ts'

export type Decoded = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'malformed' }

/**
 * Encodes arrays, integers, strings, bytes, booleans and null. Throws on anything else, which is a
 * programmer's error.
 */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value)
}

/** Decodes any bytes. Never throws: whatever isn't the one encoding of its value is malformed. */
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

// The reader of deterministic CBOR (RFC 8949 §4.2.1), for the part that the protocol uses: integers, byte and
// text strings, arrays, booleans and null. Every second encoding of a value is an error by construction, so a
// decoded value needn't be encoded again and compared. That is why this reader exists beside the library; a
// test compares the two byte for byte.

/** Thrown inside `readCbor` only. */
class Malformed extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Arguments below this are in the first byte's low five bits. */
const DIRECT = 24
/** The least argument for 1, 2, 4 and 8 bytes: smaller ones have a shorter encoding. */
const LEAST = [24, 0x100, 0x1_0000, 0x1_0000_0000]

/** The value whose one encoding the bytes are. Throws if they aren't. */
export function readCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes)
  const value = reader.item(0)
  if (!reader.isAtEnd) throw new Malformed('more bytes than one value')
  return value
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    // a plain view, so that slices are plain, too, whatever buffer the bytes came in
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  item(depth: number): unknown {
    const head = this.#view.getUint8(this.#at++)
    const info = head & 0x1f
    switch (head >> 5) {
      case 0:
        return this.#argument(info)
      case 1:
        return this.#negative(info)
      case 2:
        return this.#take(this.#argument(info))
      case 3:
        return this.#text(this.#argument(info))
      case 4:
        return this.#array(this.#argument(info), depth)
      default:
        return simple(head)
    }
  }

  #argument(info: number): number {
    if (info < DIRECT) return info
    const size = info - DIRECT
    const value = this.#wide(size)
    const least = LEAST[size]
    if (least === undefined || value < least) throw new Malformed('a longer head than needed')
    return value
  }

  #wide(size: number): number {
    const at = this.#at
    this.#at += 1 << size
    switch (size) {
      case 0:
        return this.#view.getUint8(at)
      case 1:
        return this.#view.getUint16(at)
      case 2:
        return this.#view.getUint32(at)
      case 3:
        return safe(this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4))
      default:
        throw new Malformed('a length that is not given')
    }
  }

  #negative(info: number): number {
    return safe(-1 - this.#argument(info))
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Malformed('fewer bytes than announced')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  #text(length: number): string {
    return utf8.decode(this.#take(length))
  }

  #array(length: number, depth: number): unknown[] {
    if (depth >= MAX_DEPTH) throw new Malformed('nested too deep')
    const items: unknown[] = []
    // every item takes at least one byte, so a false length ends with the bytes
    for (let index = 0; index < length; index++) items.push(this.item(depth + 1))
    return items
  }
}

function simple(head: number): boolean | null {
  switch (head) {
    case 0xf4:
      return false
    case 0xf5:
      return true
    case 0xf6:
      return null
    default:
      throw new Malformed('a type that the protocol does not use')
  }
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Malformed('an integer that a double does not hold')
  return value
}
