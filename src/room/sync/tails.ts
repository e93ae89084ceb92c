/**
 * When to have the newest messages first: where many are missing, so that somebody who comes can read at once. Not from
 * several partners at a time, nor again and again while the rest fills in.
 */
import { TAIL_COUNT, TAIL_GAP_MS } from '../policy.ts'

export class Tails {
  readonly #asked = new Set<number>()
  #cameAt = Number.NEGATIVE_INFINITY

  /** How many of the newest messages an exchange should bring first, if so many are expected of it. */
  ask(exchange: number, expected: number, steady: number): number {
    const isNeeded = expected > TAIL_COUNT && this.#asked.size === 0 && steady >= this.#cameAt + TAIL_GAP_MS
    if (isNeeded) this.#asked.add(exchange)
    return isNeeded ? TAIL_COUNT : 0
  }

  onCame(exchange: number, steady: number): void {
    if (this.#asked.delete(exchange)) this.#cameAt = steady
  }

  end(exchange: number): void {
    this.#asked.delete(exchange)
  }
}
