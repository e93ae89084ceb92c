/**
 * Backfill: which partner to ask for missing prefixes. Digests don't cover them, so each partner is asked
 * individually, in every session with it and now and then besides; one that lacks a prefix is asked ever more
 * rarely. Like a chain, a prefix is fetched by one session at a time, and has an assignment of its own.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainHeads } from '../../protocol/frontier.ts'
import { idOf } from '../../protocol/frontier.ts'
import type { ChainId, MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import { MAX_EARLIER } from '../../protocol/sync-message.ts'
import type { MissingPrefix } from '../messages/missing-prefixes.ts'
import { EARLIER_MAX_MS, EARLIER_MS, QUIET_MS, ROOT_PATIENCE_MS } from '../policy.ts'
import { backoff, UnfulfilledOffers } from './backoff.ts'
import type { ChainAssignment } from './chain-assignment.ts'

/** The prefix of any chain. */
const ANYTHING = 'anything' as ChainId

/** What to request, and how many messages that may be. */
export interface Earlier {
  readonly ids: readonly MessageId[]
  readonly expected: number
}

export class Backfill {
  readonly #claims: ChainAssignment
  readonly #lacks: () => readonly MissingPrefix[]
  /** Partners that lacked a prefix. */
  readonly #dry = new UnfulfilledOffers(times => Math.min(EARLIER_MS * 2 ** (times - 1), EARLIER_MAX_MS))
  /**
   * Partners that sent nothing at all: the session failed, another one was assigned, or they lack more than
   * `#dry` can remember.
   */
  readonly #barren = new UnfulfilledOffers(times => backoff(QUIET_MS, times - 1))
  /** What was requested in each running session and hasn't arrived. */
  readonly #asked = new Map<number, Set<ChainId>>()
  /** Sessions that delivered something. */
  readonly #fruitful = new Set<number>()

  constructor(claims: ChainAssignment, lacks: () => readonly MissingPrefix[]) {
    this.#claims = claims
    this.#lacks = lacks
  }

  /** Steady time at which a partner can be asked for something; undefined if there is nothing. */
  askableAt(partner: PeerKey): number | undefined {
    const times = this.#lacks().map(({ chain }) => this.#dry.until(partner, chain))
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Steady time at which a session for backfill alone is worthwhile; undefined if there is no need. */
  worthAt(partner: PeerKey): number | undefined {
    const at = this.askableAt(partner)
    return at === undefined ? undefined : Math.max(at, this.#barren.until(partner, ANYTHING))
  }

  /** What to request from a partner that sent this frontier, if anything. */
  ask(exchange: number, partner: PeerKey, theirs: readonly ChainHeads[], steady: number): Earlier {
    const lacks = this.#lacks().filter(({ chain }) => !this.#dry.has(partner, chain, steady))
    if (lacks.length === 0) return { ids: [], expected: 0 }
    const bases = new Map(theirs.map(chain => [idOf(chain), chain.base]))
    const asked = new Set<ChainId>()
    const ids: MessageId[] = []
    let expected = 0
    for (const lack of lacks) {
      if (ids.length === MAX_EARLIER) break
      const { chain, base, from } = lack
      const told = bases.get(chain) ?? from
      if (told >= base) this.#dry.note(partner, chain, steady)
      else if (this.#claims.take(exchange, beforeOf(chain))) {
        asked.add(chain)
        ids.push(lack.id)
        expected += bases.has(chain) ? base - Math.max(told, from) : 0
      }
    }
    this.#asked.set(exchange, asked)
    return { ids, expected }
  }

  /** A session delivered part of a missing prefix. */
  onBrought(exchange: number, chain: ChainId): void {
    if (this.#asked.get(exchange)?.delete(chain) === true) this.#fruitful.add(exchange)
  }

  /** A session ended. Returns its assignments of which it delivered nothing although it completed. */
  end(exchange: number, partner: PeerKey, kind: 'complete' | 'failed', steady: number): readonly ChainId[] {
    const asked = this.#asked.get(exchange)
    const dry = [...(asked ?? [])]
    this.#asked.delete(exchange)
    if (this.#fruitful.delete(exchange)) this.#barren.forget(partner, ANYTHING)
    else if (asked !== undefined || (kind === 'failed' && this.#lacks().length > 0))
      this.#barren.note(partner, ANYTHING, steady)
    if (kind === 'failed') return []
    for (const chain of dry) this.#dry.note(partner, chain, steady)
    return dry.map(beforeOf)
  }
}

/** The name under which a chain's prefix is assigned. */
function beforeOf(chain: ChainId): ChainId {
  return `${chain} before` as ChainId
}

// Chains whose first messages nobody seems to have any more, because everyone pruned them. Such a chain may
// start here where a partner's starts, but only after that was the best offer of all linked peers for a
// while. If someone turns up who has more, the missing prefix is still wanted: see missing-prefixes.ts.

export class UnrootedChains {
  /** The earliest place at which a chain could start, and since when that is known. */
  readonly #offers = new Map<ChainId, { readonly base: number; readonly since: number }>()
  /** Where a chain may start, because this session requested it from there. */
  readonly #allowed = new Map<ChainId, { readonly base: number; readonly exchange: number }>()

  /**
   * A partner has a chain from `base` on, and this peer has nothing that reaches there. Returns when the
   * chain may start there.
   */
  offer(chain: ChainId, base: number, steady: number): number {
    const known = this.#offers.get(chain) ?? { base, since: steady }
    this.#offers.set(chain, { base: Math.min(base, known.base), since: known.since })
    if (this.#offers.size > MAX_CHAINS) dropOldest(this.#offers)
    // a partner that offered more has had its time to deliver it, too
    return known.since + ROOT_PATIENCE_MS * (base > known.base ? 2 : 1)
  }

  /** The chain was requested from that place on. */
  allow(chain: ChainId, base: number, exchange: number): void {
    this.#allowed.set(chain, { base, exchange })
  }

  /** The place at which a chain may start without its predecessor; undefined for most. */
  mayBeginAt(chain: ChainId): number | undefined {
    return this.#allowed.get(chain)?.base
  }

  /** A session ended, and the chain it delivered has started. Returns whether there was one. */
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
