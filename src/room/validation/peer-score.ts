/**
 * Strikes against links that misbehave. A few are forgiven with time; a link that runs them up is cut.
 */
import type { Instant } from '../../common/clock.ts'
import { RateTable } from '../../common/rate-limit.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { RATE_KEYS, STRIKES } from '../policy.ts'

/** What one offence weighs, in strikes. */
export type Weight = number

export class PeerScore {
  readonly #allowance = new RateTable<PeerKey>(STRIKES, RATE_KEYS)

  /** Counts an offence; true if it was one too many. */
  isOut(peer: PeerKey, weight: Weight, now: Instant): boolean {
    for (let strike = 0; strike < weight; strike++) {
      if (!this.#allowance.take(peer, now.steady)) return true
    }
    return false
  }
}
