/**
 * How far a long fetch is: told now and then while it runs, and once more at its end. Fetches from several partners at
 * the same time are one. What is expected is what partners claim, so it is a guess.
 */
import type { ChainId } from '../../protocol/ids.ts'
import { PROGRESS_COUNT, PROGRESS_GAP_MS } from '../policy.ts'

/** So many of so many messages have come. */
export interface ProgressNotice {
  readonly kind: 'progress'
  readonly received: number
  readonly expected: number
  readonly state: 'going' | 'over'
}

interface Fetch {
  readonly expected: number
  received: number
}

export class Progress {
  readonly #running = new Map<number, Fetch>()
  /** What exchanges brought that are over, while others still run. */
  #done = 0
  /** Steady time at which the next word is due. */
  #dueAt = 0
  #state: 'silent' | 'told' = 'silent'

  /** An exchange begins to which so many messages belong. */
  begin(exchange: number, expected: number, steady: number): void {
    if (expected === 0) return
    if (this.#running.size === 0) this.#dueAt = steady + PROGRESS_GAP_MS
    this.#running.set(exchange, { expected, received: 0 })
  }

  /** So many of them came. */
  onBrought(exchange: number, messages: number, steady: number): readonly ProgressNotice[] {
    const fetch = this.#running.get(exchange)
    if (fetch === undefined) return []
    fetch.received += messages
    const expected = this.#expected
    if (expected <= PROGRESS_COUNT || steady < this.#dueAt) return []
    this.#dueAt = steady + PROGRESS_GAP_MS
    this.#state = 'told'
    return [{ kind: 'progress', received: this.#received, expected, state: 'going' }]
  }

  /** The exchange is over: if it was the last one, so is the fetch. */
  end(exchange: number): readonly ProgressNotice[] {
    const fetch = this.#running.get(exchange)
    if (fetch === undefined) return []
    this.#running.delete(exchange)
    this.#done += fetch.received
    if (this.#running.size > 0) return []
    const [received, was] = [this.#done, this.#state]
    this.#done = 0
    this.#state = 'silent'
    return was === 'told' ? [{ kind: 'progress', received, expected: received, state: 'over' }] : []
  }

  get #received(): number {
    return this.#sum(fetch => fetch.received)
  }

  /** What came is never less than what was expected, even if partners said so. */
  get #expected(): number {
    return this.#sum(fetch => Math.max(fetch.expected, fetch.received))
  }

  #sum(of: (fetch: Fetch) => number): number {
    let sum = this.#done
    for (const fetch of this.#running.values()) sum += of(fetch)
    return sum
  }
}

// How an exchange ended, as the room is told.

/** How an exchange ended. `received` and `sent` count messages. */
export type SyncResult = { readonly received: number; readonly sent: number } & (
  | {
      readonly kind: 'complete'
      /** Chains that the partner said to have, and didn't send. */
      readonly unkept: readonly ChainId[]
    }
  | ({ readonly kind: 'failed' } & SyncFault)
)

/** Why an exchange can't go on. `partner`: no honest one does that. */
export interface SyncFault {
  readonly reason: string
  readonly blame: 'partner' | 'nobody'
}

/** A fault of the partner's. */
export function partner(reason: string): SyncFault {
  return { reason, blame: 'partner' }
}

/** A fault that may happen to anybody. */
export function nobody(reason: string): SyncFault {
  return { reason, blame: 'nobody' }
}
