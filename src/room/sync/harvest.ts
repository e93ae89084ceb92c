/**
 * What a partner sent in one exchange, counted: whether it is worth going on, and what it comes to.
 */

import type { Verdict } from '../events.ts'
import type { Fault } from './outcome.ts'
import { nobody, partner } from './outcome.ts'
import { MAX_MOVED_BYTES } from './responder.ts'

/** Parts that bring nothing new, beyond as many as do: a few happen when two partners send the same. */
const USELESS_PARTS = 16

export class Harvest {
  #received = 0
  #bytes = 0
  #useful = 0
  #useless = 0

  /** Messages that were taken in. */
  get received(): number {
    return this.#received
  }

  /** True if what didn't fit may come with another exchange. */
  get isFull(): boolean {
    return this.#bytes > MAX_MOVED_BYTES / 2
  }

  /** Counts a part and what the room says of it. Returns why the exchange must end, if it must. */
  take(wires: readonly Uint8Array[], verdict: Verdict | undefined): Fault | undefined {
    if (verdict === 'reject') return partner('it sent what nobody may send')
    if (verdict === 'ignore') this.#useless++
    else this.#useful++
    this.#received += verdict === 'ignore' ? 0 : wires.length
    this.#bytes += wires.reduce((sum, wire) => sum + wire.length, 0)
    if (this.#bytes > MAX_MOVED_BYTES) return partner('it sends without end')
    return this.#useless > this.#useful + USELESS_PARTS ? nobody('it brings nothing new') : undefined
  }
}
