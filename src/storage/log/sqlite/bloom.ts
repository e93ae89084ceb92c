/**
 * Bloom filters of message ids: some bytes that say of an id that it is surely not among those that were put in, or that
 * it may be. Ids are random, so their first 48 bits are all the hashing that it takes.
 */

/** 16 bits for each id and 5 of them set: 1 in 700 answers is a false yes. */
const BITS_PER_ID = 16
const HASHES = 5

/** An empty filter for so many ids, a power of two of at least 1. */
export function newBloom(capacity: number): Uint8Array {
  return new Uint8Array((BITS_PER_ID * capacity) / 8)
}

/** Puts in an id, or the first 12 digits of it. */
export function addToBloom(bits: Uint8Array, id: string): void {
  for (const at of placesOf(bits, id)) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7))
}

/** False if the id surely isn't there. */
export function mayBeIn(bits: Uint8Array, id: string): boolean {
  for (const at of placesOf(bits, id)) if ((((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 0) return false
  return true
}

/**
 * Two numbers make all places (Kirsch and Mitzenmacher, "Less hashing, same performance", 2006). An odd step, so that no
 * two of them are the same.
 */
function placesOf(bits: Uint8Array, id: string): readonly number[] {
  const mask = bits.length * 8 - 1
  const start = Number.parseInt(id.slice(0, 6), 16)
  const step = Number.parseInt(id.slice(6, 12), 16) | 1
  const places: number[] = []
  for (let count = 0; count < HASHES; count++) places.push((start + count * step) & mask)
  return places
}

/** A filter that grows: each part is for twice as many ids as all before it. */
export class GrowingBloom {
  readonly #parts: Uint8Array[]
  #capacity: number
  /** Ids that the last part has room for. */
  #room: number

  constructor(capacity: number) {
    this.#parts = [newBloom(capacity)]
    this.#capacity = capacity
    this.#room = capacity
  }

  add(id: string): void {
    if (this.#room === 0) {
      this.#capacity *= 2
      this.#room = this.#capacity
      this.#parts.push(newBloom(this.#capacity))
    }
    this.#room--
    addToBloom(this.#parts.at(-1) ?? newBloom(1), id)
  }

  mayHave(id: string): boolean {
    return this.#parts.some(bits => mayBeIn(bits, id))
  }
}
