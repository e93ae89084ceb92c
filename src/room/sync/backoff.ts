/** How exchanges with partners went, of the last so many of them. */

import { dropOldest } from '../../common/rate-limit.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { EXCHANGE_RETRY_MAX_MS, PEOPLE_COUNT } from '../policy.ts'

/** When the last one with a partner ended, and how many in a row failed, changed nothing, or left out what was promised. */
interface Past {
  readonly endedAt: number
  readonly failures: number
  readonly fruitless: number
  readonly unkept: number
}

const NO_PAST: Past = { endedAt: Number.NEGATIVE_INFINITY, failures: 0, fruitless: 0, unkept: 0 }

export class Pasts {
  readonly #pasts = new Map<PeerKey, Past>()

  of(peer: PeerKey): Past {
    return this.#pasts.get(peer) ?? NO_PAST
  }

  set(peer: PeerKey, past: Past): void {
    this.#pasts.delete(peer)
    this.#pasts.set(peer, past)
    if (this.#pasts.size > PEOPLE_COUNT) dropOldest(this.#pasts)
  }
}

/** Doubles a wait with each attempt in a row that was in vain. */
export function backoff(ms: number, attempts: number): number {
  return Math.min(ms * 2 ** Math.max(0, attempts), EXCHANGE_RETRY_MAX_MS)
}
