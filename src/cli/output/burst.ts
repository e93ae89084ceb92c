/**
 * Messages that come in a burst, as those of a sync do: the newest of them, how many there were in all, and when the
 * burst is over. What is beyond the bound is only counted.
 */

import type { MessageEvent } from '../../api/events.ts'
import type { MessageId } from '../../protocol/ids.ts'
import { compare } from '../../protocol/order.ts'
import { type AmendingEvent, amendMessage } from '../../text/amend-message.ts'

/** A burst is over when nothing came for so long: twice what a loaded machine takes from one part to the next. */
const QUIET_MS = 500

export interface BurstConfig {
  /** How many of the newest are kept. */
  readonly keep: number
  /** How long the first one of a burst of so many may wait, milliseconds. */
  readonly patienceMs: (count: number) => number
}

export class Burst {
  readonly #config: BurstConfig
  /** Ascending. */
  #newest: MessageEvent[] = []
  #count = 0
  #since = 0
  #last = 0

  constructor(config: BurstConfig) {
    this.#config = config
  }

  /** How many came. */
  get count(): number {
    return this.#count
  }

  /** When it counts as over; undefined if there is none. Milliseconds since the epoch. */
  get dueAt(): number | undefined {
    if (this.#count === 0) return undefined
    return Math.min(this.#last + QUIET_MS, this.#since + this.#config.patienceMs(this.#count))
  }

  /** Nothing to do for one that is kept already. */
  add(event: MessageEvent, now: number): void {
    const at = this.#newest.findLastIndex(other => isBefore(other, event)) + 1
    if (this.#newest[at]?.id === event.id) return
    if (this.#count === 0) this.#since = now
    this.#last = now
    this.#count += 1
    this.#newest.splice(at, 0, event)
    if (this.#newest.length > this.#config.keep) this.#newest.shift()
  }

  /** Changes a message that is kept. Returns false if it isn't. */
  amend(event: AmendingEvent): boolean {
    const at = this.#newest.findIndex(message => message.id === event.id)
    const message = this.#newest[at]
    if (message === undefined) return false
    this.#newest[at] = amendMessage(message, event)
    return true
  }

  /** Ends the burst; the newest of it, in order. */
  take(): readonly MessageEvent[] {
    const newest = this.#newest
    this.#newest = []
    this.#count = 0
    return newest
  }
}

/** True if `a` stands before `b` in the order that everyone shows. */
export function isBefore(a: MessageEvent, b: MessageEvent): boolean {
  return compare({ ts: a.sentAt, id: a.id as MessageId }, { ts: b.sentAt, id: b.id as MessageId }) < 0
}
