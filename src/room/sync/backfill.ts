/**
 * Whom to ask for what is missing before the beginnings of chains here. Digests don't show it, so it is asked of each
 * partner by itself, whenever there is an exchange with it and now and then besides; who has nothing of a chain is asked
 * ever more rarely. Like a chain it is fetched by one exchange at a time, under a name of its own among the claims.
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

/** Whatever is missing of any chain. */
const ANYTHING = 'anything' as ChainId

/** What to ask for, and how many messages that may be. */
export interface Earlier {
  readonly ids: readonly MessageId[]
  readonly expected: number
}

export class Backfill {
  readonly #claims: ChainAssignment
  readonly #lacks: () => readonly MissingPrefix[]
  /** Who didn't have it. */
  readonly #dry = new UnfulfilledOffers(times => Math.min(EARLIER_MS * 2 ** (times - 1), EARLIER_MAX_MS))
  /** Who brought nothing at all, because it failed, another one brings it, or it has less than `#dry` can remember. */
  readonly #barren = new UnfulfilledOffers(times => backoff(QUIET_MS, times - 1))
  /** What exchanges were asked for and haven't brought anything of. */
  readonly #asked = new Map<number, Set<ChainId>>()
  /** Exchanges that brought something. */
  readonly #fruitful = new Set<number>()

  constructor(claims: ChainAssignment, lacks: () => readonly MissingPrefix[]) {
    this.#claims = claims
    this.#lacks = lacks
  }

  /** Steady time from which on there is something to ask a partner for; undefined if there is nothing. */
  askableAt(partner: PeerKey): number | undefined {
    const times = this.#lacks().map(({ chain }) => this.#dry.until(partner, chain))
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Steady time at which an exchange with a partner for nothing else is worth it; undefined if there is no need. */
  worthAt(partner: PeerKey): number | undefined {
    const at = this.askableAt(partner)
    return at === undefined ? undefined : Math.max(at, this.#barren.until(partner, ANYTHING))
  }

  /** What to ask a partner for that told this of chains, if anything. */
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

  /** An exchange brought something that was missing before a chain. */
  onBrought(exchange: number, chain: ChainId): void {
    if (this.#asked.get(exchange)?.delete(chain) === true) this.#fruitful.add(exchange)
  }

  /** An exchange is over. Returns which of its claims it brought nothing of, though it said all it had to say. */
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

/** Under which name it is claimed what is before a chain. */
function beforeOf(chain: ChainId): ChainId {
  return `${chain} before` as ChainId
}

// Chains whose beginning nobody seems to have any more, since it was pruned everywhere. One that is new here may begin
// where a partner's begins, but only after it was offered so for a while in which nobody linked offered more. Who has
// more may come later: what is before stays wanted, see beginnings.ts.

export class UnrootedChains {
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
