/**
 * What partners said to have and didn't send, or were asked for in vain: the chain isn't asked from that partner for a
 * while, and longer each time.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import { UNKEPT_COUNT, UNKEPT_MAX_MS, UNKEPT_MS } from '../policy.ts'

export class Unkept {
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
