/**
 * Splits a protobuf message into its fields. The primitives are protons-runtime's, which libp2p depends on
 * anyway; a generator for six small messages would add a compiler to the build and unchecked code to the
 * project. Throws on malformed bytes: rendezvous.ts turns that into a result.
 */
import { reader } from 'protons-runtime'

const VARINT = 0
const BYTES = 2

/** Invalid UTF-8 throws instead of turning into another string. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The fields of one message by number. If a single field occurs several times, the last one counts. */
export class ProtobufFields {
  readonly #varints = new Map<number, bigint>()
  readonly #bytes = new Map<number, Uint8Array[]>()

  constructor(message: Uint8Array) {
    const from = reader(message)
    while (from.pos < from.len) {
      const tag = from.uint32()
      const field = tag >>> 3
      const wireType = tag & 7
      if (wireType === VARINT) this.#varints.set(field, from.uint64())
      else if (wireType === BYTES) this.#add(field, from.bytes())
      else from.skipType(wireType)
    }
    if (from.pos > from.len) throw new RangeError('the last field is cut off')
  }

  /** A count; what exceeds JavaScript's exact integers becomes the largest of them. */
  count(field: number): number | undefined {
    const value = this.#varints.get(field)
    if (value === undefined) return undefined
    const largest = BigInt(Number.MAX_SAFE_INTEGER)
    return Number(value < largest ? value : largest)
  }

  bytes(field: number): Uint8Array | undefined {
    return this.#bytes.get(field)?.at(-1)
  }

  text(field: number): string | undefined {
    const bytes = this.bytes(field)
    return bytes && utf8.decode(bytes)
  }

  repeated(field: number): readonly Uint8Array[] {
    return this.#bytes.get(field) ?? []
  }

  message(field: number): ProtobufFields {
    return new ProtobufFields(this.bytes(field) ?? new Uint8Array())
  }

  #add(field: number, value: Uint8Array): void {
    const held = this.#bytes.get(field)
    if (held === undefined) this.#bytes.set(field, [value])
    else held.push(value)
  }
}
