/**
 * The registrations of one namespace, by peer and in the order in which they came or changed last.
 */

export interface Entry {
  readonly namespace: string
  readonly peer: string
  readonly source: string
  readonly lifetime: 'attached' | 'lasting'
  record: Uint8Array
  /** Unique in the table, higher for later. */
  position: number
  /** Milliseconds, when the TTL ends. */
  expiresAt: number
  /** Milliseconds, when the peer's last connection closed; infinite for one that is here. */
  leftAt: number
}

export class Shelf {
  readonly #byPeer = new Map<string, Entry>()
  /** By position, ascending. */
  readonly #order: Entry[] = []
  readonly #sources = new Map<string, number>()

  get size(): number {
    return this.#order.length
  }

  /** How many came from this source. */
  from(source: string): number {
    return this.#sources.get(source) ?? 0
  }

  of(peer: string): Entry | undefined {
    return this.#byPeer.get(peer)
  }

  /** Puts an entry last; its position must be the highest so far. */
  add(entry: Entry): void {
    this.#byPeer.set(entry.peer, entry)
    this.#order.push(entry)
    this.#sources.set(entry.source, this.from(entry.source) + 1)
  }

  remove(entry: Entry): void {
    this.#byPeer.delete(entry.peer)
    this.#order.splice(this.#firstAfter(entry.position - 1), 1)
    const rest = this.from(entry.source) - 1
    if (rest === 0) this.#sources.delete(entry.source)
    else this.#sources.set(entry.source, rest)
  }

  /** Those with a higher position, ascending. */
  *after(position: number): Generator<Entry, void> {
    for (let index = this.#firstAfter(position); index < this.#order.length; index++) {
      const entry = this.#order[index]
      if (entry !== undefined) yield entry
    }
  }

  #firstAfter(position: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#order[middle]?.position ?? 0) <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
