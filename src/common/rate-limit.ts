/**
 * Rate limits, by the generic cell rate algorithm (ITU-T I.371, "virtual scheduling"): one number per key says
 * when the next event would be on time. A burst may run ahead of it by a fixed tolerance.
 */

export interface RateConfig {
  /** Events per second in the long run. */
  readonly perSecond: number
  /** Events allowed at once. */
  readonly burst: number
}

/** One limit. The caller passes the time and counts refusals. */
export class Rate {
  readonly #intervalMs: number
  readonly #toleranceMs: number
  #due = Number.NEGATIVE_INFINITY

  constructor(config: RateConfig) {
    this.#intervalMs = 1000 / config.perSecond
    this.#toleranceMs = this.#intervalMs * (config.burst - 1)
  }

  /** Takes one event if it conforms; otherwise returns false and takes nothing. */
  take(now: number): boolean {
    if (this.readyAt(now) > now) return false
    this.#due = Math.max(this.#due, now) + this.#intervalMs
    return true
  }

  /** How much of the burst is used: 0 at rest, 1 when the next event must wait. */
  usedUp(now: number): number {
    return this.#toleranceMs === 0 ? 0 : Math.min(1, Math.max(0, this.#due - now) / this.#toleranceMs)
  }

  /** When the next event conforms; `now` or earlier if it does already. */
  readyAt(now: number): number {
    return Math.max(this.#due, now) - this.#toleranceMs
  }
}

/** One limit per key for a bounded number of keys; the least recently used is evicted. */
export class RateTable<Key> {
  readonly #config: RateConfig
  readonly #capacity: number
  readonly #rates = new Map<Key, Rate>()

  constructor(config: RateConfig, capacity: number) {
    this.#config = config
    this.#capacity = capacity
  }

  take(key: Key, now: number): boolean {
    const rate = this.#rates.get(key) ?? new Rate(this.#config)
    this.#rates.delete(key)
    this.#rates.set(key, rate)
    if (this.#rates.size > this.#capacity) dropOldest(this.#rates)
    return rate.take(now)
  }
}

/** Removes the entry that was inserted first. */
export function dropOldest<Key>(map: Map<Key, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}
