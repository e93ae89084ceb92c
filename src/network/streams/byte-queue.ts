/**
 * Bytes in the order in which they came, in one piece of memory. A list of what came would cost whoever reads it more
 * with every piece that it has, and a stranger decides how small the pieces are: a message that came byte by byte stood
 * the program still for twenty seconds.
 */
import type { Uint8ArrayList } from 'uint8arraylist'

/** Memory taken at least, bytes. */
const MIN_CAPACITY = 4_096

export class ByteQueue {
  #memory = new Uint8Array(0)
  #from = 0
  #to = 0

  get length(): number {
    return this.#to - this.#from
  }

  /** Puts a copy of the bytes at the end. */
  push(data: Uint8Array | Uint8ArrayList): void {
    this.#makeRoom(data.byteLength)
    const parts = data instanceof Uint8Array ? [data] : data
    for (const part of parts) {
      this.#memory.set(part, this.#to)
      this.#to += part.byteLength
    }
  }

  /** The byte at a place; 0 is the first one. */
  at(index: number): number | undefined {
    return index < this.length ? this.#memory[this.#from + index] : undefined
  }

  /** Takes out so many bytes, of which the first `skip` aren't wanted. */
  take(count: number, skip = 0): Uint8Array {
    const bytes = this.#memory.slice(this.#from + skip, this.#from + count)
    this.#from += count
    if (this.#from === this.#to) this.#clear()
    return bytes
  }

  /** Nothing is kept for what may never come. */
  #clear(): void {
    this.#memory = new Uint8Array(0)
    this.#from = 0
    this.#to = 0
  }

  /** Doubles the memory when it is more than half full: so each byte is moved a few times at most. */
  #makeRoom(more: number): void {
    if (this.#to + more <= this.#memory.length) return
    const { length } = this
    const needed = length + more
    const held = this.#memory.subarray(this.#from, this.#to)
    if (2 * needed <= this.#memory.length) this.#memory.copyWithin(0, this.#from, this.#to)
    else {
      this.#memory = new Uint8Array(Math.max(MIN_CAPACITY, 2 * needed))
      this.#memory.set(held)
    }
    this.#from = 0
    this.#to = length
  }
}
