/** How exchanges with partners went, of the last so many of them. */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import { EXCHANGE_RETRY_MAX_MS, PEOPLE_COUNT, UNKEPT_COUNT, UNKEPT_MAX_MS, UNKEPT_MS } from '../policy.ts'

/** When the last one with a partner ended, and how many in a row failed, changed nothing, or left out what was promised. */
interface Past {
  readonly endedAt: number
  readonly failures: number
  readonly fruitless: number
  readonly unkept: number
}

const NO_PAST: Past = { endedAt: Number.NEGATIVE_INFINITY, failures: 0, fruitless: 0, unkept: 0 }

export class SessionHistory {
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

// What partners said to have and didn't send, or were asked for in vain: the chain isn't asked from that partner for a
// while, and longer each time.

export class UnfulfilledOffers {
  /** For how long, after so many times. */
  readonly #waitMs: (times: number) => number
  readonly #promises = new Map<string, { readonly until: number; readonly times: number }>()

  constructor(waitMs: (times: number) => number) {
    this.#waitMs = waitMs
  }

  note(partner: PeerKey, chain: ChainId, steady: number): void {
    const name = nameOf(partner, chain)
    const times = (this.#promises.get(name)?.times ?? 0) + 1
    this.#promises.delete(name)
    this.#promises.set(name, { until: steady + this.#waitMs(times), times })
    if (this.#promises.size > UNKEPT_COUNT) dropOldest(this.#promises)
  }

  /** The partner sent what it said to have of a chain. */
  forget(partner: PeerKey, chain: ChainId): void {
    if (this.#promises.size > 0) this.#promises.delete(nameOf(partner, chain))
  }

  /** True while the chain isn't to be asked from that partner. */
  has(partner: PeerKey, chain: ChainId, steady: number): boolean {
    return steady < this.until(partner, chain)
  }

  /** Until when; long ago for most. */
  until(partner: PeerKey, chain: ChainId): number {
    return this.#promises.get(nameOf(partner, chain))?.until ?? Number.NEGATIVE_INFINITY
  }
}

/** After a promise that wasn't kept. Once may be honest: what was there may have been pruned, or displaced by a fork. */
export function afterPromise(times: number): number {
  return times === 1 ? 0 : Math.min(UNKEPT_MS * 2 ** (times - 2), UNKEPT_MAX_MS)
}

function nameOf(partner: PeerKey, chain: ChainId): string {
  return `${partner} ${chain}`
}
