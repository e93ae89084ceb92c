/**
 * Which messages something was done with: a bounded set, the oldest forgotten first. It goes back to what it was when
 * the turn began, if the disk refuses that.
 */

import { dropOldest } from '../common/rate-limit.ts'
import type { MessageId } from '../protocol/ids.ts'

export class Notes {
  readonly #most: number
  readonly #ids = new Map<MessageId, true>()
  /** How it was before, of what changed since the turn began. */
  readonly #was = new Map<MessageId, boolean>()

  /** `most`: how many are remembered. */
  constructor(most: number) {
    this.#most = most
  }

  has(id: MessageId): boolean {
    return this.#ids.has(id)
  }

  add(id: MessageId): void {
    this.#note(id)
    this.#ids.set(id, true)
    if (this.#ids.size > this.#most) dropOldest(this.#ids)
  }

  /** True if it was there. */
  delete(id: MessageId): boolean {
    this.#note(id)
    return this.#ids.delete(id)
  }

  /** A turn begins: what changed before is for good. */
  settle(): void {
    this.#was.clear()
  }

  /** Nothing happened since then. */
  reload(): void {
    for (const [id, was] of this.#was) {
      if (was) this.#ids.set(id, true)
      else this.#ids.delete(id)
    }
    this.#was.clear()
  }

  #note(id: MessageId): void {
    if (!this.#was.has(id)) this.#was.set(id, this.#ids.has(id))
  }
}
