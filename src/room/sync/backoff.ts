/**
 * Backoff towards partners: how recent sessions went, and which offers were not fulfilled.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import { EXCHANGE_RETRY_MAX_MS, PEOPLE_COUNT, UNKEPT_COUNT, UNKEPT_MAX_MS, UNKEPT_MS } from '../policy.ts'

/**
 * When the last session with a partner ended, and how many in a row failed, changed nothing, or left an offer
 * unfulfilled.
 */
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

/** Doubles a wait with each fruitless attempt in a row. */
export function backoff(ms: number, attempts: number): number {
  return Math.min(ms * 2 ** Math.max(0, attempts), EXCHANGE_RETRY_MAX_MS)
}

// Offers that partners made and didn't fulfil, and requests that they couldn't serve. The chain isn't
// requested from that partner for a while, and longer each time.

export class UnfulfilledOffers {
  /** The wait after so many times. */
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

  /** The partner fulfilled its offer of a chain. */
  forget(partner: PeerKey, chain: ChainId): void {
    if (this.#promises.size > 0) this.#promises.delete(nameOf(partner, chain))
  }

  /** True while the chain is not to be requested from that partner. */
  has(partner: PeerKey, chain: ChainId, steady: number): boolean {
    return steady < this.until(partner, chain)
  }

  /** Until when; in the past for most. */
  until(partner: PeerKey, chain: ChainId): number {
    return this.#promises.get(nameOf(partner, chain))?.until ?? Number.NEGATIVE_INFINITY
  }
}

/**
 * The wait after an unfulfilled offer. Once may be honest: the messages may have been pruned, or displaced by
 * a fork.
 */
export function afterPromise(times: number): number {
  return times === 1 ? 0 : Math.min(UNKEPT_MS * 2 ** (times - 2), UNKEPT_MAX_MS)
}

function nameOf(partner: PeerKey, chain: ChainId): string {
  return `${partner} ${chain}`
}
