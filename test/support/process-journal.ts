/**
 * What a program wrote so far, in order, and a way to wait for what it will write. Nothing is consumed by waiting: a
 * test may ask for things in any order, and count at the end what came all in all.
 */

/** The slowest step of any test, many times over: a machine with more to do than cores still gets there. */
export const DEADLINE_MS = 30_000

/** Items that a failure shows. */
const SHOWN_ITEMS = 25

export interface Follower<Item> {
  onItem(item: Item): void
  onEnd(): void
}

export class Journal<Item> {
  readonly #items: Item[] = []
  readonly #watchers = new Set<() => void>()
  readonly #followers = new Set<Follower<Item>>()
  /** What to add to a failure: who wrote this and what else it said. */
  readonly #describe: () => string
  readonly #patienceMs: number
  #isEnded = false

  constructor(describe: () => string, patienceMs = DEADLINE_MS) {
    this.#describe = describe
    this.#patienceMs = patienceMs
  }

  get items(): readonly Item[] {
    return this.#items
  }

  add(item: Item): void {
    this.#items.push(item)
    for (const follower of this.#followers) follower.onItem(item)
    this.#wake()
  }

  /** Nothing will be added any more. */
  end(): void {
    this.#isEnded = true
    for (const follower of this.#followers) follower.onEnd()
    this.#wake()
  }

  /** Passes on what will be added. */
  follow(follower: Follower<Item>): void {
    this.#followers.add(follower)
  }

  /**
   * The first item that matches, from place `after` on, now or as soon as it is there. Rejects when it can't come any
   * more or doesn't in time; `what` says what was hoped for.
   */
  find<Found extends Item>(match: (item: Item) => item is Found, what: string, after?: number): Promise<Found>
  find(match: (item: Item) => boolean, what: string, after?: number): Promise<Item>
  async find(match: (item: Item) => boolean, what: string, after = 0): Promise<Item> {
    let index = after
    await this.until(() => {
      while (index < this.#items.length && !match(this.#items[index] as Item)) index++
      return index < this.#items.length
    }, what)
    return this.#items[index] as Item
  }

  /** Resolves when `isDone`, which is asked again after each new item. */
  async until(isDone: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      if (isDone()) resolve()
      else if (this.#isEnded) reject(this.#failure(`ended without ${what}`))
    }
    const late = `gave no ${what} in ${this.#patienceMs} ms`
    const timer = setTimeout(() => reject(this.#failure(late)), this.#patienceMs)
    this.#watchers.add(look)
    try {
      look()
      await promise
    } finally {
      clearTimeout(timer)
      this.#watchers.delete(look)
    }
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look()
  }

  #failure(what: string): Error {
    const items = this.#items.slice(-SHOWN_ITEMS)
    const lines = items.map(item => (typeof item === 'string' ? item : JSON.stringify(item)))
    const count = `its last ${items.length} of ${this.#items.length} lines:`
    return new Error([`${this.#describe()} ${what}`, count, ...lines].join('\n'))
  }
}
