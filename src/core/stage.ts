/**
 * What is shown, and when: live messages at once, history in order after the exchanges that bring it. A
 * message that sorts before something already shown is marked, since a line once printed can't move.
 */
import type { Content } from './content.ts'
import { contentOf } from './content.ts'
import type { Envelope } from './envelope.ts'
import type { MessageId } from './ids.ts'
import type { Position } from './order.ts'
import { compare, later } from './order.ts'
import { SHOW_BATCH, SHOW_PATIENCE_MS, WAITING_COUNT } from './policy.ts'
import { dropOldest } from './rate.ts'
import type { RoomNotice } from './room-event.ts'

/** As many as can wait at once, and those that were shown by an earlier run. */
const EARLY_COUNT = 2 * WAITING_COUNT

export class Stage {
  #last: Position | undefined
  /** Shown before their predecessors came; they come again when those do. */
  readonly #early = new Map<MessageId, true>()
  #held: Envelope[] = []
  /** Steady time at which the first one was held back. */
  #since: number | undefined

  /** Shows messages now, in the order given. */
  live(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    return envelopes.flatMap(envelope => this.#show(envelope, 'live'))
  }

  /** Shows what was in the log before, in its order. */
  backlog(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    for (const { id } of envelopes) this.#early.delete(id)
    const notices = envelopes.flatMap(envelope => this.#show(envelope, 'history'))
    for (const { id } of envelopes) this.onEarly(id)
    return notices
  }

  /** Shows messages, in the order given, whose predecessors are missing. */
  early(envelopes: readonly Envelope[], via: 'live' | 'history'): readonly RoomNotice[] {
    return envelopes.toSorted(compare).flatMap(envelope => {
      if (this.#early.has(envelope.id)) return []
      const notices = this.#show(envelope, via)
      this.onEarly(envelope.id)
      return notices
    })
  }

  /** A message was shown before, maybe by an earlier run of the program. */
  onEarly(id: MessageId): void {
    this.#early.set(id, true)
    if (this.#early.size > EARLY_COUNT) dropOldest(this.#early)
  }

  /** Forgets what was held back and is no longer in the log. */
  reload(isKept: (envelope: Envelope) => boolean): void {
    this.#held = this.#held.filter(isKept)
    if (this.#held.length === 0) this.#since = undefined
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
    if (this.#early.delete(envelope.id) || !isShown(content)) return []
    const place = this.#last !== undefined && compare(envelope, this.#last) < 0 ? 'late' : 'newest'
    this.#last = later(this.#last, { ts: envelope.ts, id: envelope.id })
    return [{ kind: 'message', envelope, content, via, place }]
  }
}

function isShown(content: Content): content is Extract<Content, { readonly text: string }> {
  return content.kind === 'text' || content.kind === 'action'
}
