/**
 * The timeline: which messages are shown, and when. Live messages are shown at once, history in order after
 * the syncs that deliver it. A message that sorts before one already shown is marked as late, since a printed
 * line can't move. It is shown in its current state; a later amendment is reported separately.
 */
import { dropOldest } from '../common/rate-limit.ts'
import { isAmending } from '../protocol/content.ts'
import type { Envelope, Position } from '../protocol/envelope.ts'
import { compare, later } from '../protocol/envelope.ts'
import type { MessageId } from '../protocol/ids.ts'
import type { RoomNotice } from './events.ts'
import { stateSources, withoutOverridden } from './messages/amendments.ts'
import type { MessageView } from './messages/message-view.ts'
import { PENDING_COUNT, SHOW_BATCH, SHOW_PATIENCE_MS } from './policy.ts'

/** Remembered amendments that were shown with their message; more of them at once are reported again. */
const REPORTED_COUNT = 4_096

/** As many as can be pending at once, and those that an earlier run showed. */
const EARLY_COUNT = 2 * PENDING_COUNT

/** What a turn changed, and takes back if the disk fails. */
interface TurnStart {
  readonly last: Position | undefined
  readonly held: readonly Envelope[]
  readonly since: number | undefined
}

export class Timeline {
  #last: Position | undefined
  /** Shown before their predecessors arrived; they arrive again when those do. */
  readonly #early = new BoundedIdSet(EARLY_COUNT)
  readonly #view: Pick<MessageView, 'stateOf' | 'find' | 'amendmentNotice'>
  /** Amendments that were shown with their message. */
  readonly #reported = new BoundedIdSet(REPORTED_COUNT)
  #held: readonly Envelope[] = []
  /** Steady time at which the first one was held back. */
  #since: number | undefined
  #turnStart: TurnStart = { last: undefined, held: [], since: undefined }

  /** How many messages are held back. */
  get size(): number {
    return this.#held.length
  }

  /** Timestamp of the latest message shown; 0 if none was. */
  get shownUntil(): number {
    return this.#last?.ts ?? 0
  }

  constructor(annals: Pick<MessageView, 'stateOf' | 'find' | 'amendmentNotice'>) {
    this.#view = annals
  }

  /** Shows messages now, in the order given. */
  live(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    return withoutOverridden(envelopes).flatMap(envelope => this.#show(envelope, 'live'))
  }

  /** Shows what the log already had, in its order. */
  backlog(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    for (const { id } of envelopes) this.#early.delete(id)
    const notices = envelopes.flatMap(envelope => this.#show(envelope, 'history'))
    for (const { id } of envelopes) this.onEarly(id)
    return notices
  }

  /** Shows messages whose predecessors are missing, in the order given. */
  early(envelopes: readonly Envelope[], via: 'live' | 'history'): readonly RoomNotice[] {
    return envelopes.toSorted(compare).flatMap(envelope => {
      if (this.#early.has(envelope.id)) return []
      const isTold = this.#reported.has(envelope.id)
      const notices = this.#show(envelope, via)
      // an amendment of a missing message shows nothing: it is reported when it arrives again
      if (isTold || notices.length > 0 || !isAmending(envelope.kind)) this.onEarly(envelope.id)
      return notices
    })
  }

  /** A message was shown before, perhaps by an earlier run of the program. */
  onEarly(id: MessageId): void {
    this.#early.add(id)
  }

  /** A turn begins: everything shown before is durable. */
  beginTurn(): void {
    this.#turnStart = { last: this.#last, held: this.#held, since: this.#since }
    this.#early.beginTurn()
    this.#reported.beginTurn()
  }

  /** Nothing of this turn was shown: the log went back to its last commit. */
  reload(isKept: (envelope: Envelope) => boolean): void {
    const { last, held, since } = this.#turnStart
    this.#last = last
    this.#held = held.filter(isKept)
    this.#since = this.#held.length === 0 ? undefined : since
    this.#early.reload()
    this.#reported.reload()
  }

  /**
   * Holds history back until `release`, until a batch is full, or until the first message has waited long
   * enough.
   */
  history(envelopes: readonly Envelope[], steady: number): readonly RoomNotice[] {
    if (envelopes.length > 0) this.#since ??= steady
    if (envelopes.length > 0) this.#held = this.#held.concat(envelopes)
    return this.#held.length >= SHOW_BATCH ? this.release() : []
  }

  /** Shows what was held back, in order. */
  release(): readonly RoomNotice[] {
    const held = this.#held.toSorted(compare)
    this.#held = []
    this.#since = undefined
    return withoutOverridden(held).flatMap(envelope => this.#show(envelope, 'history'))
  }

  /** Shows what has waited long enough, so that a slow partner delays little. */
  due(steady: number): readonly RoomNotice[] {
    const at = this.dueAt()
    return at !== undefined && at <= steady ? this.release() : []
  }

  /** Steady time at which `due` has work. */
  dueAt(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + SHOW_PATIENCE_MS
  }

  #show(envelope: Envelope, via: 'live' | 'history'): readonly RoomNotice[] {
    if (this.#early.delete(envelope.id)) return []
    const state = this.#view.stateOf(envelope, 'whole')
    if (state === undefined) return this.#amend(envelope, via)
    const place = this.#last !== undefined && compare(envelope, this.#last) < 0 ? 'late' : 'newest'
    this.#last = later(this.#last, { ts: envelope.ts, id: envelope.id })
    for (const id of stateSources(state)) this.#reported.add(id)
    const { said } = state
    const replied = said.kind === 'reply' ? this.#view.find(said.ref, 'words') : undefined
    return [{ kind: 'message', envelope, content: said, state, ...(replied && { replied }), via, place }]
  }

  #amend(envelope: Envelope, via: 'live' | 'history'): readonly RoomNotice[] {
    if (this.#reported.delete(envelope.id)) return []
    const notice = this.#view.amendmentNotice(envelope, via)
    return notice === undefined ? [] : [notice]
  }
}

// A bounded set of message ids that evicts the oldest first. It returns to its state at the start of the turn
// if the disk fails.

class BoundedIdSet {
  readonly #most: number
  readonly #ids = new Map<MessageId, true>()
  /** The previous state of what changed since the turn began. */
  readonly #before = new Map<MessageId, boolean>()

  /** `most`: how many ids are remembered. */
  constructor(most: number) {
    this.#most = most
  }

  has(id: MessageId): boolean {
    return this.#ids.has(id)
  }

  add(id: MessageId): void {
    this.#recordChange(id)
    this.#ids.set(id, true)
    if (this.#ids.size > this.#most) dropOldest(this.#ids)
  }

  /** True if it was there. */
  delete(id: MessageId): boolean {
    this.#recordChange(id)
    return this.#ids.delete(id)
  }

  /** A turn begins: earlier changes are final. */
  beginTurn(): void {
    this.#before.clear()
  }

  /** Takes back all changes since then. */
  reload(): void {
    for (const [id, was] of this.#before) {
      if (was) this.#ids.set(id, true)
      else this.#ids.delete(id)
    }
    this.#before.clear()
  }

  #recordChange(id: MessageId): void {
    if (!this.#before.has(id)) this.#before.set(id, this.#ids.has(id))
  }
}
