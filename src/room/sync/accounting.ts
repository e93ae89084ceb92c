/**
 * Progress of a long transfer: reported now and then while it runs, and once at its end. Simultaneous
 * transfers from several partners count as one. What is expected is what partners claim, so it is an
 * estimate.
 */
import type { ChainId } from '../../protocol/ids.ts'
import { PROGRESS_COUNT, PROGRESS_GAP_MS } from '../policy.ts'

/** How many of how many expected messages have arrived. */
export interface ProgressNotice {
  readonly kind: 'progress'
  readonly received: number
  readonly expected: number
  readonly state: 'going' | 'over'
}

interface Transfer {
  readonly expected: number
  received: number
}

export class Progress {
  readonly #running = new Map<number, Transfer>()
  /** What finished sessions transferred, while others still run. */
  #done = 0
  /** Steady time of the next report. */
  #dueAt = 0
  #state: 'silent' | 'told' = 'silent'

  /** A session starts that expects so many messages. */
  onSessionStart(exchange: number, expected: number, steady: number): void {
    if (expected === 0) return
    if (this.#running.size === 0) this.#dueAt = steady + PROGRESS_GAP_MS
    this.#running.set(exchange, { expected, received: 0 })
  }

  /** So many messages arrived. */
  onReceived(exchange: number, messages: number, steady: number): readonly ProgressNotice[] {
    const fetch = this.#running.get(exchange)
    if (fetch === undefined) return []
    fetch.received += messages
    const expected = this.#expected
    if (expected <= PROGRESS_COUNT || steady < this.#dueAt) return []
    this.#dueAt = steady + PROGRESS_GAP_MS
    this.#state = 'told'
    return [{ kind: 'progress', received: this.#received, expected, state: 'going' }]
  }

  /** A session ended; with the last one, the transfer ends. */
  onSessionEnd(exchange: number): readonly ProgressNotice[] {
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

  /** Never less than what has arrived, whatever partners claimed. */
  get #expected(): number {
    return this.#sum(fetch => Math.max(fetch.expected, fetch.received))
  }

  #sum(of: (fetch: Transfer) => number): number {
    let sum = this.#done
    for (const fetch of this.#running.values()) sum += of(fetch)
    return sum
  }
}

/** How a sync session ended. `received` and `sent` count messages. */
export type SyncResult = { readonly received: number; readonly sent: number } & (
  | {
      readonly kind: 'complete'
      /** Chains that the partner offered and didn't send. */
      readonly unfulfilled: readonly ChainId[]
    }
  | ({ readonly kind: 'failed' } & SyncFault)
)

/** Why a session can't go on. `partner`: no honest partner does that. */
export interface SyncFault {
  readonly reason: string
  readonly blame: 'partner' | 'nobody'
}

/** A fault that only a dishonest partner commits. */
export function partnerFault(reason: string): SyncFault {
  return { reason, blame: 'partner' }
}

/** A fault that can happen to anyone. */
export function blamelessFault(reason: string): SyncFault {
  return { reason, blame: 'nobody' }
}
