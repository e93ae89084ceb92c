/**
 * Chains whose beginning nobody seems to have any more, since it was pruned everywhere. One that is new here may begin
 * where a partner's begins, but only after it was offered so for a while in which nobody linked offered more. Who has
 * more may come later: what is before stays wanted, see beginnings.ts.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import { ROOT_PATIENCE_MS } from '../policy.ts'

export class Roots {
  /** Where a chain could begin at the earliest, and since when that is known. */
  readonly #offers = new Map<ChainId, { readonly base: number; readonly since: number }>()
  /** Where a chain may begin, because this exchange was asked for it there. */
  readonly #allowed = new Map<ChainId, { readonly base: number; readonly exchange: number }>()

  /** A partner has a chain from `base` on, and I nothing that reaches there. Returns when it may begin there. */
  offer(chain: ChainId, base: number, steady: number): number {
    const known = this.#offers.get(chain) ?? { base, since: steady }
    this.#offers.set(chain, { base: Math.min(base, known.base), since: known.since })
    if (this.#offers.size > MAX_CHAINS) dropOldest(this.#offers)
    // whoever offered more has had its time, too, to bring it
    return known.since + ROOT_PATIENCE_MS * (base > known.base ? 2 : 1)
  }

  /** The chain is asked for from there on. */
  allow(chain: ChainId, base: number, exchange: number): void {
    this.#allowed.set(chain, { base, exchange })
  }

  /** The place at which a chain may begin without its predecessor; undefined for most. */
  mayBeginAt(chain: ChainId): number | undefined {
    return this.#allowed.get(chain)?.base
  }

  /** An exchange is over: what it brought has begun. Returns whether there was such a chain. */
  end(exchange: number): 'late' | 'none' {
    let begun: 'late' | 'none' = 'none'
    for (const [chain, allowed] of this.#allowed) {
      if (allowed.exchange !== exchange) continue
      this.#allowed.delete(chain)
      this.#offers.delete(chain)
      begun = 'late'
    }
    return begun
  }
}
