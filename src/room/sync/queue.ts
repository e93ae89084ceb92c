/**
 * Whose turn it is to bring a chain after somebody who was slow had his: of those who waited the ones that had the
 * fewest turns so far come first, for a while. So many slow partners are in nobody's way for longer than one turn each.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import { PACE_MS, PEOPLE_COUNT } from '../policy.ts'

/** Who may bring some chains until then, and who else came meanwhile. */
interface Line {
  readonly first: ReadonlySet<PeerKey>
  readonly until: number
  readonly others: Set<PeerKey>
}

export class Queue {
  readonly #lines = new Map<ChainId, Line>()
  /** How many turns somebody had that he didn't finish. */
  readonly #turns = new Map<PeerKey, number>()

  /** Somebody's turn with these chains is over, and others wait for them. */
  open(chains: Iterable<ChainId>, partner: PeerKey, waiting: ReadonlySet<PeerKey>, steady: number): void {
    const turns = this.#turnsOf(partner) + 1
    this.#turns.delete(partner)
    this.#turns.set(partner, turns)
    if (this.#turns.size > PEOPLE_COUNT) dropOldest(this.#turns)
    const fewest = Math.min(...[...waiting].map(peer => this.#turnsOf(peer)))
    const first = new Set([...waiting].filter(peer => this.#turnsOf(peer) === fewest))
    const line: Line = { first, until: steady + PACE_MS, others: new Set() }
    for (const chain of chains) this.#lines.set(chain, line)
    while (this.#lines.size > MAX_CHAINS) dropOldest(this.#lines)
  }

  /** True if somebody may bring the chain now; otherwise he is remembered. */
  admits(chain: ChainId, partner: PeerKey, steady: number): boolean {
    const line = this.#lines.get(chain)
    if (line === undefined || steady >= line.until || line.first.has(partner)) return true
    line.others.add(partner)
    return false
  }

  /** The chain is being brought. Returns who else came for it. */
  take(chain: ChainId): Iterable<PeerKey> {
    const line = this.#lines.get(chain)
    this.#lines.delete(chain)
    return line?.others ?? []
  }

  /** Who else came for chains that nobody took whose turn it was. */
  due(steady: number): readonly PeerKey[] {
    const peers = new Set<PeerKey>()
    for (const [chain, { until, others }] of this.#lines) {
      if (steady < until) continue
      this.#lines.delete(chain)
      for (const peer of others) peers.add(peer)
    }
    return [...peers]
  }

  /** Steady time at which `due` may have something; infinite if nobody waits. */
  dueAt(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { until } of this.#lines.values()) first = Math.min(first, until)
    return first
  }

  #turnsOf(peer: PeerKey): number {
    return this.#turns.get(peer) ?? 0
  }
}
