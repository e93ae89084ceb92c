/**
 * Backoff towards partners: how recent sessions went, and which offers were not fulfilled.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import {
  MEMBER_COUNT,
  SESSION_BACKOFF_MAX_MS,
  UNFULFILLED_BACKOFF_MAX_MS,
  UNFULFILLED_BACKOFF_MS,
  UNFULFILLED_COUNT,
} from '../policy.ts'

/**
 * When the last session with a partner ended, and how many in a row failed, changed nothing, or left an offer
 * unfulfilled.
 */
interface PastSessions {
  readonly endedAt: number
  readonly failures: number
  readonly fruitless: number
  readonly unfulfilled: number
}

const NO_SESSIONS: PastSessions = {
  endedAt: Number.NEGATIVE_INFINITY,
  failures: 0,
  fruitless: 0,
  unfulfilled: 0,
}

export class SessionHistory {
  readonly #partners = new Map<PeerKey, PastSessions>()

  of(peer: PeerKey): PastSessions {
    return this.#partners.get(peer) ?? NO_SESSIONS
  }

  set(peer: PeerKey, past: PastSessions): void {
    this.#partners.delete(peer)
    this.#partners.set(peer, past)
    if (this.#partners.size > MEMBER_COUNT) dropOldest(this.#partners)
  }
}

/** Doubles a wait with each fruitless attempt in a row. */
export function backoff(ms: number, attempts: number): number {
  return Math.min(ms * 2 ** Math.max(0, attempts), SESSION_BACKOFF_MAX_MS)
}

// Offers that partners made and didn't fulfil, and requests that they couldn't serve. The chain isn't
// requested from that partner for a while, and longer each time.

export class UnfulfilledOffers {
  /** The wait after so many times. */
  readonly #waitMs: (times: number) => number
  readonly #offers = new Map<string, { readonly until: number; readonly times: number }>()

  constructor(waitMs: (times: number) => number) {
    this.#waitMs = waitMs
  }

  add(partner: PeerKey, chain: ChainId, steady: number): void {
    const name = offerKey(partner, chain)
    const times = (this.#offers.get(name)?.times ?? 0) + 1
    this.#offers.delete(name)
    this.#offers.set(name, { until: steady + this.#waitMs(times), times })
    if (this.#offers.size > UNFULFILLED_COUNT) dropOldest(this.#offers)
  }

  /** The partner fulfilled its offer of a chain. */
  forget(partner: PeerKey, chain: ChainId): void {
    if (this.#offers.size > 0) this.#offers.delete(offerKey(partner, chain))
  }

  /** The chain can be requested at once; if that is in vain, the next wait is longer than the last. */
  allowOnce(partner: PeerKey, chain: ChainId): void {
    const offer = this.#offers.get(offerKey(partner, chain))
    if (offer !== undefined)
      this.#offers.set(offerKey(partner, chain), { ...offer, until: Number.NEGATIVE_INFINITY })
  }

  /** True while the chain is not to be requested from that partner. */
  isBackedOff(partner: PeerKey, chain: ChainId, steady: number): boolean {
    return steady < this.until(partner, chain)
  }

  /** Until when; in the past for most. */
  until(partner: PeerKey, chain: ChainId): number {
    return this.#offers.get(offerKey(partner, chain))?.until ?? Number.NEGATIVE_INFINITY
  }
}

/**
 * The wait after an unfulfilled offer. Once may be honest: the messages may have been pruned, or displaced by
 * a fork.
 */
export function unfulfilledWaitMs(times: number): number {
  return times === 1 ? 0 : Math.min(UNFULFILLED_BACKOFF_MS * 2 ** (times - 2), UNFULFILLED_BACKOFF_MAX_MS)
}

function offerKey(partner: PeerKey, chain: ChainId): string {
  return `${partner} ${chain}`
}
