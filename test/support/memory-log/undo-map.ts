/** A map that can take back what was changed since its last commit. */
export class UndoMap<Key, Value> implements Iterable<[Key, Value]> {
  #map = new Map<Key, Value>()
  /** The whole map as it was committed, once something was deleted: order can't be had back otherwise. */
  #before: Map<Key, Value> | undefined
  /** Keys that were added, or changed from a value, since the last commit. */
  readonly #changed = new Map<Key, { readonly was: Value } | 'absent'>()

  has(key: Key): boolean {
    return this.#map.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  set(key: Key, value: Value): void {
    if (this.#before === undefined && !this.#changed.has(key)) {
      const was = this.#map.get(key)
      this.#changed.set(key, was === undefined ? 'absent' : { was })
    }
    this.#map.set(key, value)
  }

  delete(key: Key): void {
    if (!this.#map.has(key)) return
    if (this.#before === undefined) {
      this.#before = this.#committed()
    }
    this.#map.delete(key)
  }

  values(): Iterable<Value> {
    return this.#map.values()
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return this.#map[Symbol.iterator]()
  }

  commit(): void {
    this.#before = undefined
    this.#changed.clear()
  }

  rollback(): void {
    this.#map = this.#committed()
    this.commit()
  }

  #committed(): Map<Key, Value> {
    if (this.#before !== undefined) return this.#before
    if (this.#changed.size === 0) return new Map(this.#map)
    const committed = new Map<Key, Value>()
    for (const [key, value] of this.#map) {
      const change = this.#changed.get(key)
      if (change === undefined) committed.set(key, value)
      else if (change !== 'absent') committed.set(key, change.was)
    }
    return committed
  }
}
