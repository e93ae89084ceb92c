/**
 * Who holds what was sent in this run: counted from the events, until enough peers hold every message.
 */
import type { UiEvent } from '../../api/events.ts'

export class Deliveries {
  readonly #peers: number
  /** How many hold each message, of those that too few hold. */
  readonly #pending = new Map<string, number>()
  #settle = (): void => {}

  /** `peers`: how many have to hold a message. */
  constructor(peers: number) {
    this.#peers = peers
  }

  /** Messages that too few hold. */
  get pending(): number {
    return this.#pending.size
  }

  /** Messages that nobody else holds, of those. */
  get untaken(): number {
    return [...this.#pending.values()].filter(count => count === 0).length
  }

  onEvent(event: UiEvent): void {
    if (event.type === 'sent' && this.#peers > 0) this.#pending.set(event.id, 0)
    if (event.type !== 'delivered' || !this.#pending.has(event.id)) return
    if (event.count < this.#peers) this.#pending.set(event.id, event.count)
    else this.#pending.delete(event.id)
    if (this.pending === 0) this.#settle()
  }

  /** Resolves when enough peers hold every message, or after so many milliseconds. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.pending === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#settle = resolve
    const timer = setTimeout(resolve, timeoutMs)
    await promise
    clearTimeout(timer)
  }
}
