/**
 * What is shown, and when: live messages at once, history in order after the exchanges that bring it. A
 * message that sorts before something already shown is marked, since a line once printed can't move. A message is
 * shown as it stands by then; what changes it later is told by itself.
 */
import { dropOldest } from '../common/rate-limit.ts'
import { isAmending } from '../protocol/content.ts'
import type { Envelope, Position } from '../protocol/envelope.ts'
import { compare, later } from '../protocol/envelope.ts'
import type { MessageId } from '../protocol/ids.ts'
import type { RoomNotice } from './events.ts'
import { messageStateBy, withoutDisplaced } from './messages/amendments.ts'
import type { MessageView } from './messages/message-view.ts'
import { SHOW_BATCH, SHOW_PATIENCE_MS, WAITING_COUNT } from './policy.ts'

/** Amendments that were told with the message that they amend: more of them at once are told once more. */
const TOLD_COUNT = 4_096

/** As many as can wait at once, and those that were shown by an earlier run. */
const EARLY_COUNT = 2 * WAITING_COUNT

/** What a turn that the disk refuses takes back. */
interface Settled {
  readonly last: Position | undefined
  readonly held: readonly Envelope[]
  readonly since: number | undefined
}

export class Timeline {
  #last: Position | undefined
  /** Shown before their predecessors came; they come again when those do. */
  readonly #early = new BoundedIdSet(EARLY_COUNT)
  readonly #annals: Pick<MessageView, 'standingOf' | 'find' | 'amended'>
  /** Amendments that were told with the message that they amend. */
  readonly #told = new BoundedIdSet(TOLD_COUNT)
  #held: readonly Envelope[] = []
  /** Steady time at which the first one was held back. */
  #since: number | undefined
  #settled: Settled = { last: undefined, held: [], since: undefined }

  /** How many messages are held back. */
  get size(): number {
    return this.#held.length
  }

  /** Time of the latest message that was shown; 0 if none was. */
  get shownUntil(): number {
    return this.#last?.ts ?? 0
  }

  constructor(annals: Pick<MessageView, 'standingOf' | 'find' | 'amended'>) {
    this.#annals = annals
  }

  /** Shows messages now, in the order given. */
  live(envelopes: readonly Envelope[]): readonly RoomNotice[] {
    return withoutDisplaced(envelopes).flatMap(envelope => this.#show(envelope, 'live'))
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
      const isTold = this.#told.has(envelope.id)
      const notices = this.#show(envelope, via)
      // a change of what isn't here yet tells nothing: it is to be told when it comes again
      if (isTold || notices.length > 0 || !isAmending(envelope.kind)) this.onEarly(envelope.id)
      return notices
    })
  }

  /** A message was shown before, maybe by an earlier run of the program. */
  onEarly(id: MessageId): void {
    this.#early.add(id)
  }

  /** A turn begins: what was to be shown before is safe in the log, and was shown. */
  settle(): void {
    this.#settled = { last: this.#last, held: this.#held, since: this.#since }
    this.#early.settle()
    this.#told.settle()
  }

  /** Nothing that was to be shown since then was: the log went back to its last commit. */
  reload(isKept: (envelope: Envelope) => boolean): void {
    const { last, held, since } = this.#settled
    this.#last = last
    this.#held = held.filter(isKept)
    this.#since = this.#held.length === 0 ? undefined : since
    this.#early.reload()
    this.#told.reload()
  }

  /** Holds history back until `release`, or until a batch is full or the first of it has waited long enough. */
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
    return withoutDisplaced(held).flatMap(envelope => this.#show(envelope, 'history'))
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
    if (this.#early.delete(envelope.id)) return []
    const standing = this.#annals.standingOf(envelope, 'whole')
    if (standing === undefined) return this.#amend(envelope, via)
    const place = this.#last !== undefined && compare(envelope, this.#last) < 0 ? 'late' : 'newest'
    this.#last = later(this.#last, { ts: envelope.ts, id: envelope.id })
    for (const id of messageStateBy(standing)) this.#told.add(id)
    const { said } = standing
    const replied = said.kind === 'reply' ? this.#annals.find(said.ref, 'words') : undefined
    return [{ kind: 'message', envelope, content: said, standing, ...(replied && { replied }), via, place }]
  }

  #amend(envelope: Envelope, via: 'live' | 'history'): readonly RoomNotice[] {
    if (this.#told.delete(envelope.id)) return []
    const notice = this.#annals.amended(envelope, via)
    return notice === undefined ? [] : [notice]
  }
}

// Which messages something was done with: a bounded set, the oldest forgotten first. It goes back to what it was when
// the turn began, if the disk refuses that.

class BoundedIdSet {
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
