/**
 * Authentic messages that can't be taken in yet: their predecessor is missing, or they are ahead of the clock.
 * Bounded, the oldest dropped first; what falls out comes again by the sync.
 */
import type { MessageId } from './ids.ts'
import { MAX_FUTURE_MS } from './limits.ts'
import type { Entry } from './log.ts'
import { FUTURE_COUNT, WAITING_BYTES, WAITING_COUNT } from './policy.ts'
import { dropOldest } from './rate.ts'

export class Waiting {
  readonly #byId = new Map<MessageId, Entry>()
  readonly #byPrev = new Map<MessageId, Set<MessageId>>()
  readonly #future = new Map<MessageId, Entry>()
  #bytes = 0

  /** How many messages are held back. */
  get size(): number {
    return this.#byId.size + this.#future.size
  }

  /** True if this message waits for its predecessor. */
  has(id: MessageId): boolean {
    return this.#byId.has(id)
  }

  /** Holds a message until `prev` is taken in. */
  holdForPredecessor(entry: Entry, prev: MessageId): void {
    const { id, wire } = entry.envelope
    if (this.#byId.has(id)) return
    this.#byId.set(id, entry)
    this.#bytes += wire.length
    const siblings = this.#byPrev.get(prev)
    if (siblings === undefined) this.#byPrev.set(prev, new Set([id]))
    else siblings.add(id)
    while (this.#byId.size > WAITING_COUNT || this.#bytes > WAITING_BYTES) this.#dropOldest()
  }

  /** Holds a message until the wall clock is within the tolerance of its time. */
  holdForTime(entry: Entry): void {
    this.#future.set(entry.envelope.id, entry)
    if (this.#future.size > FUTURE_COUNT) dropOldest(this.#future)
  }

  /** Takes out the messages that waited for this one. */
  takeAfter(id: MessageId): readonly Entry[] {
    const ids = [...(this.#byPrev.get(id) ?? [])]
    return ids.flatMap(waiting => this.#remove(waiting) ?? [])
  }

  /** Takes out the messages whose time has come, in order of their time. */
  takeDue(wall: number): readonly Entry[] {
    const due = [...this.#future.values()].filter(({ envelope }) => envelope.ts <= wall + MAX_FUTURE_MS)
    for (const { envelope } of due) this.#future.delete(envelope.id)
    return due.sort((a, b) => a.envelope.ts - b.envelope.ts)
  }

  /** Wall time at which `takeDue` has something; undefined if nothing waits for its time. */
  dueAt(): number | undefined {
    if (this.#future.size === 0) return undefined
    return Math.min(...[...this.#future.values()].map(({ envelope }) => envelope.ts)) - MAX_FUTURE_MS
  }

  #remove(id: MessageId): Entry | undefined {
    const entry = this.#byId.get(id)
    if (entry === undefined) return undefined
    const { prev, wire } = entry.envelope
    this.#byId.delete(id)
    this.#bytes -= wire.length
    if (prev === null) return entry
    const siblings = this.#byPrev.get(prev)
    siblings?.delete(id)
    if (siblings?.size === 0) this.#byPrev.delete(prev)
    return entry
  }

  #dropOldest(): void {
    for (const id of this.#byId.keys()) {
      this.#remove(id)
      return
    }
  }
}
