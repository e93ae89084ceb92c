/**
 * Backfill: which partner to ask for missing prefixes. Digests don't cover them, so each partner is asked
 * individually, in every session with it and now and then besides; one that lacks a prefix is asked ever more
 * rarely. Like a chain, a prefix is fetched by one session at a time, and has an assignment of its own.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainHeads } from '../../protocol/frontier.ts'
import { chainIdOf } from '../../protocol/frontier.ts'
import type { ChainId, MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import { MAX_EARLIER } from '../../protocol/sync-message.ts'
import type { MissingPrefix } from '../messages/missing-prefixes.ts'
import { BACKFILL_BACKOFF_MAX_MS, BACKFILL_BACKOFF_MS, QUIET_MS, UNROOTED_PATIENCE_MS } from '../policy.ts'
import { backoff, UnfulfilledOffers } from './backoff.ts'
import type { ChainAssignment } from './chain-assignment.ts'

/** The prefix of any chain. */
const ANY_CHAIN = 'anything' as ChainId

/** What to request, and how many messages that may be. */
export interface BackfillRequest {
  readonly ids: readonly MessageId[]
  readonly expected: number
}

export class Backfill {
  readonly #assignment: ChainAssignment
  readonly #missingPrefixes: () => readonly MissingPrefix[]
  /** Partners that lacked a prefix. */
  readonly #lacking = new UnfulfilledOffers(times =>
    Math.min(BACKFILL_BACKOFF_MS * 2 ** (times - 1), BACKFILL_BACKOFF_MAX_MS),
  )
  /**
   * Partners that sent nothing at all: the session failed, another one was assigned, or they lack more than
   * `#dry` can remember.
   */
  readonly #fruitless = new UnfulfilledOffers(times => backoff(QUIET_MS, times - 1))
  /** What was requested in each running session and hasn't arrived. */
  readonly #requested = new Map<number, Set<ChainId>>()
  /** Sessions that delivered something. */
  readonly #productive = new Set<number>()

  constructor(claims: ChainAssignment, lacks: () => readonly MissingPrefix[]) {
    this.#assignment = claims
    this.#missingPrefixes = lacks
  }

  /** Steady time at which a partner can be asked for something; undefined if there is nothing. */
  requestableAt(partner: PeerKey): number | undefined {
    const times = this.#missingPrefixes().map(({ chain }) => this.#lacking.until(partner, chain))
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Steady time at which a session for backfill alone is worthwhile; undefined if there is no need. */
  worthwhileAt(partner: PeerKey): number | undefined {
    const at = this.requestableAt(partner)
    return at === undefined ? undefined : Math.max(at, this.#fruitless.until(partner, ANY_CHAIN))
  }

  /** A partner has messages that it lacked: it is asked once more, whatever it lacked before. */
  onPartnerCaughtUp(partner: PeerKey): void {
    this.#fruitless.allowOnce(partner, ANY_CHAIN)
    for (const { chain } of this.#missingPrefixes()) this.#lacking.allowOnce(partner, chain)
  }

  /** What to request from a partner that sent this frontier, if anything. */
  requestFor(
    exchange: number,
    partner: PeerKey,
    theirs: readonly ChainHeads[],
    steady: number,
  ): BackfillRequest {
    const lacks = this.#missingPrefixes().filter(
      ({ chain }) => !this.#lacking.isBackedOff(partner, chain, steady),
    )
    if (lacks.length === 0) return { ids: [], expected: 0 }
    const bases = new Map(theirs.map(chain => [chainIdOf(chain), chain.base]))
    const asked = new Set<ChainId>()
    const ids: MessageId[] = []
    let expected = 0
    for (const lack of lacks) {
      if (ids.length === MAX_EARLIER) break
      const { chain, base, from } = lack
      const told = bases.get(chain) ?? from
      if (told >= base) this.#lacking.add(partner, chain, steady)
      else if (this.#assignment.assign(exchange, prefixIdOf(chain))) {
        asked.add(chain)
        ids.push(lack.id)
        expected += bases.has(chain) ? base - Math.max(told, from) : 0
      }
    }
    this.#requested.set(exchange, asked)
    return { ids, expected }
  }

  /** A session delivered part of a missing prefix. */
  onReceived(exchange: number, chain: ChainId): void {
    if (this.#requested.get(exchange)?.delete(chain) === true) this.#productive.add(exchange)
  }

  /** A session ended. Returns its assignments of which it delivered nothing although it completed. */
  onSessionEnd(
    exchange: number,
    partner: PeerKey,
    kind: 'complete' | 'failed',
    steady: number,
  ): readonly ChainId[] {
    const asked = this.#requested.get(exchange)
    const dry = [...(asked ?? [])]
    this.#requested.delete(exchange)
    if (this.#productive.delete(exchange)) this.#fruitless.forget(partner, ANY_CHAIN)
    else if (asked !== undefined || (kind === 'failed' && this.#missingPrefixes().length > 0))
      this.#fruitless.add(partner, ANY_CHAIN, steady)
    if (kind === 'failed') return []
    for (const chain of dry) this.#lacking.add(partner, chain, steady)
    return dry.map(prefixIdOf)
  }
}

/** The name under which a chain's prefix is assigned. */
function prefixIdOf(chain: ChainId): ChainId {
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
    return known.since + UNROOTED_PATIENCE_MS * (base > known.base ? 2 : 1)
  }

  /** The chain was requested from that place on. */
  allow(chain: ChainId, base: number, exchange: number): void {
    this.#allowed.set(chain, { base, exchange })
  }

  /** The place at which a chain may start without its predecessor; undefined for most. */
  allowedStart(chain: ChainId): number | undefined {
    return this.#allowed.get(chain)?.base
  }

  /** A session ended, and the chain it delivered has started. Returns whether there was one. */
  onSessionEnd(exchange: number): 'late' | 'none' {
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
