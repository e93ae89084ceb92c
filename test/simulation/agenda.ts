/** What is to happen at which virtual time: a binary heap, in which what was planned first comes first among equals. */

interface Item {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

export class Agenda {
  readonly #heap: Item[] = []
  #count = 0

  /** Virtual time of the next item, milliseconds; infinite if there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, act: () => void): void {
    const heap = this.#heap
    const item = { at, order: this.#count++, act }
    let index = heap.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, item)) break
      heap[index] = above
      index = parent
    }
    heap[index] = item
  }

  /** Takes out the next item. */
  take(): (() => void) | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first !== undefined && last !== undefined && last !== first) this.#sink(last)
    return first?.act
  }

  #sink(item: Item): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (isBefore(item, child)) break
      heap[index] = child
      index = 2 * index + (isRight ? 2 : 1)
    }
    heap[index] = item
  }
}

function isBefore(a: Item, b: Item): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
