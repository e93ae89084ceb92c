/**
 * What is shown, and when: live messages at once, history in order after the exchanges that bring it. A
 * message that sorts before something already shown is marked, since a line once printed can't move.
 */
import type { Content } from './content.ts'
import { contentOf } from './content.ts'
import type { Envelope } from './envelope.ts'
import type { Position } from './order.ts'
import { compare, later } from './order.ts'
import { SHOW_BATCH, SHOW_PATIENCE_MS } from './policy.ts'
import type { RoomNotice } from './room-event.ts'

export class Stage {
  #last: Position | undefined
  #held: Envelope[] = []
  /** Steady time at which the first one was held back. */
  #since: number | undefined

  /** Shows messages now, in the order given. */
  live(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    return envelopes.flatMap(envelope => this.#show(envelope, 'live'))
  }

  /** Holds history back until `release`, or until a batch is full or the first of it has waited long enough. */
  history(envelopes: readonly Envelope[], steady: number): readonly RoomNotice[] {
    if (envelopes.length > 0) this.#since ??= steady
    for (const envelope of envelopes) this.#held.push(envelope)
    return this.#held.length >= SHOW_BATCH ? this.release() : []
  }

  /** Shows what was held back, in order. */
  release(): readonly RoomNotice[] {
    const held = this.#held.sort(compare)
    this.#held = []
    this.#since = undefined
    return held.flatMap(envelope => this.#show(envelope, 'history'))
  }

  /** Shows what has waited long enough: a partner that dawdles holds up nothing for long. */
  due(steady: number): readonly RoomNotice[] {
    const at = this.dueAt()
    return at !== undefined && at <= steady ? this.release() : []
  }

  /** Steady time at which `due` has something. */
  dueAt(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + SHOW_PATIENCE_MS
  }

  #show(envelope: Envelope, via: 'live' | 'history'): readonly RoomNotice[] {
    const content = contentOf(envelope)
    if (!isShown(content)) return []
    const place = this.#last !== undefined && compare(envelope, this.#last) < 0 ? 'late' : 'newest'
    this.#last = later(this.#last, { ts: envelope.ts, id: envelope.id })
    return [{ kind: 'message', envelope, content, via, place }]
  }
}

function isShown(content: Content): content is Extract<Content, { readonly text: string }> {
  return content.kind === 'text' || content.kind === 'action'
}
