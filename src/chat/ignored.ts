/** People whose messages the user doesn't want to see, until the program ends. */

import { dropOldest } from '../common/rate-limit.ts'
import type { PeerKey } from '../protocol/ids.ts'

const MAX_IGNORED = 256

export class Ignored {
  readonly #keys = new Map<PeerKey, true>()

  has(key: PeerKey): boolean {
    return this.#keys.has(key)
  }

  add(key: PeerKey): void {
    this.#keys.set(key, true)
    if (this.#keys.size > MAX_IGNORED) dropOldest(this.#keys)
  }

  /** False if nothing of that person was hidden. */
  delete(key: PeerKey): boolean {
    return this.#keys.delete(key)
  }
}
