/**
 * Whom to ask for what is missing before the beginnings of chains here. Digests don't show it, so it is asked of each
 * partner by itself, whenever there is an exchange with it and now and then besides; who has nothing of a chain is asked
 * ever more rarely. Like a chain it is fetched by one exchange at a time, under a name of its own among the claims.
 */

import type { ChainHeads } from '../../protocol/frontier.ts'
import { idOf } from '../../protocol/frontier.ts'
import type { ChainId, MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_EARLIER } from '../../protocol/sync-message.ts'
import type { Lack } from '../messages/missing-prefixes.ts'
import { EARLIER_MAX_MS, EARLIER_MS, QUIET_MS } from '../policy.ts'
import { backoff } from './backoff.ts'
import type { Claims } from './chain-assignment.ts'
import { Unkept } from './unkept.ts'

/** Whatever is missing of any chain. */
const ANYTHING = 'anything' as ChainId

/** What to ask for, and how many messages that may be. */
export interface Earlier {
  readonly ids: readonly MessageId[]
  readonly expected: number
}

export class Backfill {
  readonly #claims: Claims
  readonly #lacks: () => readonly Lack[]
  /** Who didn't have it. */
  readonly #dry = new Unkept(times => Math.min(EARLIER_MS * 2 ** (times - 1), EARLIER_MAX_MS))
  /** Who brought nothing at all, because it failed, another one brings it, or it has less than `#dry` can remember. */
  readonly #barren = new Unkept(times => backoff(QUIET_MS, times - 1))
  /** What exchanges were asked for and haven't brought anything of. */
  readonly #asked = new Map<number, Set<ChainId>>()
  /** Exchanges that brought something. */
  readonly #fruitful = new Set<number>()

  constructor(claims: Claims, lacks: () => readonly Lack[]) {
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
