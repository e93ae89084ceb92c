/**
 * What is shown, and when: live messages at once, history in order after the exchange that brought it. A
 * message that sorts before something already shown is marked, since a line once printed can't move.
 */
import type { Content } from './content.ts'
import { contentOf } from './content.ts'
import type { Envelope } from './envelope.ts'
import type { Position } from './order.ts'
import { compare, later } from './order.ts'
import { SHOW_BATCH } from './policy.ts'
import type { RoomNotice } from './room-event.ts'

export class Stage {
  #last: Position | undefined
  #held: Envelope[] = []

  /** Shows messages now, in the order given. */
  live(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    return envelopes.flatMap(envelope => this.#show(envelope, 'live'))
  }

  /** Holds history back until `release`, or until a batch is full. */
  history(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    for (const envelope of envelopes) this.#held.push(envelope)
    return this.#held.length >= SHOW_BATCH ? this.release() : []
  }

  /** Shows what was held back, in order. */
  release(): readonly RoomNotice[] {
    const held = this.#held.sort(compare)
    this.#held = []
    return held.flatMap(envelope => this.#show(envelope, 'history'))
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
