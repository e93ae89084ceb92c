/**
 * Peer scores: penalty points of misbehaving peers. A few are forgiven with time; a peer that collects too
 * many is expelled.
 */
import type { Instant } from '../../common/clock.ts'
import { RateTable } from '../../common/rate-limit.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { PENALTY_ALLOWANCE, RATE_KEYS } from '../policy.ts'

/** The penalty points of one offence. */
export type Penalty = number

export class PeerScore {
  readonly #allowance = new RateTable<PeerKey>(PENALTY_ALLOWANCE, RATE_KEYS)

  /** Counts an offence; true if the peer has too many points now. */
  penalise(peer: PeerKey, weight: Penalty, now: Instant): boolean {
    for (let strike = 0; strike < weight; strike++) {
      if (!this.#allowance.take(peer, now.steady)) return true
    }
    return false
  }
}
