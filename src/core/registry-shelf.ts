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

  get size(): number {
    return this.#order.length
  }

  of(peer: string): Entry | undefined {
    return this.#byPeer.get(peer)
  }

  /** Puts an entry last; its position must be the highest so far. */
  add(entry: Entry): void {
    this.#byPeer.set(entry.peer, entry)
    this.#order.push(entry)
  }

  remove(entry: Entry): void {
    this.#byPeer.delete(entry.peer)
    this.#order.splice(this.#firstAfter(entry.position - 1), 1)
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
