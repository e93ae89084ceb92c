/**
 * What is known to be missing, and whom to ask. A gap often fills by itself a moment later, over a slower link;
 * only one that stays open is worth an exchange.
 */

import { dropOldest } from '../../common/rate-limit.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { GAP_COUNT, GAP_PATIENCE_MS } from '../policy.ts'

interface Gap {
  /** Who showed it, and so probably holds what is missing. */
  readonly peer: PeerKey
  readonly since: number
  /** True once it is filled. */
  readonly isFilled: () => boolean
}

export class Gaps {
  readonly #gaps = new Map<string, Gap>()

  get size(): number {
    return this.#gaps.size
  }

  /** Notes a gap under a name of its own; the first one to show it is asked. */
  note(name: string, peer: PeerKey, steady: number, isFilled: () => boolean): void {
    if (this.#gaps.has(name)) return
    this.#gaps.set(name, { peer, since: steady, isFilled })
    if (this.#gaps.size > GAP_COUNT) dropOldest(this.#gaps)
  }

  /** Whom to ask now. What is asked for is forgotten: if it stays missing, it will show again. */
  due(steady: number): readonly PeerKey[] {
    const peers = new Set<PeerKey>()
    for (const [name, gap] of this.#gaps) {
      const open = !gap.isFilled()
      if (open && steady < gap.since + GAP_PATIENCE_MS) continue
      this.#gaps.delete(name)
      if (open) peers.add(gap.peer)
    }
    return [...peers]
  }

  /** Steady time at which `due` may have something. */
  dueAt(): number | undefined {
    for (const gap of this.#gaps.values()) return gap.since + GAP_PATIENCE_MS
    return undefined
  }
}
