/**
 * What partners said to have and didn't send. Once may be honest: what was there may have been pruned, or displaced by
 * a fork. From the second time on the chain isn't asked from that partner for a while, and longer each time, so that
 * nobody is kept from it by heads that don't exist.
 */

import type { ChainId, PeerKey } from './ids.ts'
import { UNKEPT_COUNT, UNKEPT_MAX_MS, UNKEPT_MS } from './policy.ts'
import { dropOldest } from './rate.ts'

export class Unkept {
  readonly #promises = new Map<string, { readonly until: number; readonly times: number }>()

  note(partner: PeerKey, chain: ChainId, steady: number): void {
    const name = nameOf(partner, chain)
    const times = (this.#promises.get(name)?.times ?? 0) + 1
    this.#promises.delete(name)
    const until = times === 1 ? steady : steady + Math.min(UNKEPT_MS * 2 ** (times - 2), UNKEPT_MAX_MS)
    this.#promises.set(name, { until, times })
    if (this.#promises.size > UNKEPT_COUNT) dropOldest(this.#promises)
  }

  /** The partner sent what it said to have of a chain. */
  forget(partner: PeerKey, chain: ChainId): void {
    if (this.#promises.size > 0) this.#promises.delete(nameOf(partner, chain))
  }

  /** True while the chain isn't to be asked from that partner. */
  has(partner: PeerKey, chain: ChainId, steady: number): boolean {
    const promise = this.#promises.get(nameOf(partner, chain))
    return promise !== undefined && steady < promise.until
  }
}

function nameOf(partner: PeerKey, chain: ChainId): string {
  return `${partner} ${chain}`
}
