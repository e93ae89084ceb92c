/** Ids of messages by the id of another one that they have to do with. */
import type { MessageId } from '../../protocol/ids.ts'

export class Groups {
  readonly #groups = new Map<MessageId, Set<MessageId>>()

  /** In the order in which they were added. */
  of(name: MessageId): readonly MessageId[] {
    return [...(this.#groups.get(name) ?? [])]
  }

  add(name: MessageId, id: MessageId): void {
    const group = this.#groups.get(name)
    if (group === undefined) this.#groups.set(name, new Set([id]))
    else group.add(id)
  }

  remove(name: MessageId, id: MessageId): void {
    const group = this.#groups.get(name)
    group?.delete(id)
    if (group?.size === 0) this.#groups.delete(name)
  }

  clear(): void {
    this.#groups.clear()
  }
}
