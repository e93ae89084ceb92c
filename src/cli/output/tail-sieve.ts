/**
 * What `parley tail` shows: the newest few of what was written before it started, and then everything that is
 * written, as it comes. What a sync fills in behind the first line is not shown.
 */

import type { MessageEvent, UiEvent } from '../../api/events.ts'
import { isAmendingEvent } from '../../text/amend-message.ts'
import { Burst, isBefore } from './burst.ts'
import type { Sieve } from './output-filter.ts'

/** How long the beginning may wait for more of it, milliseconds. */
const PATIENCE_MS = 2_000

export interface TailConfig {
  /** How many of the messages written before the start are shown, of each sync that brings newer ones. */
  readonly history: number
  /** When it started, milliseconds since the epoch. */
  readonly start: number
}

export class TailSieve implements Sieve {
  readonly #config: TailConfig
  readonly #past: Burst
  /** The last one in the order, of those that were shown. */
  #last: MessageEvent | undefined

  constructor(config: TailConfig) {
    this.#config = config
    this.#past = new Burst({ keep: config.history, patienceMs: () => PATIENCE_MS })
  }

  get dueAt(): number | undefined {
    return this.#past.dueAt
  }

  take(event: UiEvent, now: number): readonly UiEvent[] {
    if (event.type === 'bye') return [...this.#release(), event]
    if (isAmendingEvent(event) && this.#past.amend(event)) return []
    if (event.type !== 'message') return [event]
    const isPast = event.via === 'history' && event.sentAt < this.#config.start
    if (!isPast) return [...this.#release(), this.#shown(event)]
    const fillsIn = this.#last !== undefined && !isBefore(this.#last, event)
    if (!fillsIn) this.#past.add(event, now)
    return []
  }

  due(now: number): readonly UiEvent[] {
    const at = this.#past.dueAt
    return at !== undefined && at <= now ? this.#release() : []
  }

  #release(): readonly UiEvent[] {
    return this.#past.take().map(event => this.#shown(event))
  }

  /** The event with whether it is late here, where not everything is shown. */
  #shown(event: MessageEvent): UiEvent {
    const late = this.#last !== undefined && isBefore(event, this.#last)
    if (!late) this.#last = event
    return { ...event, late }
  }
}
