/**
 * What stands between a session and an output that can't show everything, or not at once: it lets events through,
 * holds some back for a moment, and may put one in the place of many. It reads no clock; who drives it gives times.
 */
import { MAX_HISTORY_COUNT } from '../../api/command-table.ts'
import type { MessageEvent, UiEvent } from '../../api/events.ts'
import { compare } from '../../protocol/envelope.ts'
import type { MessageId } from '../../protocol/ids.ts'
import type { AmendingEvent } from '../../text/message-text.ts'
import { amendMessage, isAmendingEvent } from '../../text/message-text.ts'

/** Times are milliseconds since the epoch. */
export interface OutputFilter {
  /** What to show now that this happened, in order. After `bye` nothing is held back any more. */
  take(event: UiEvent, now: number): readonly UiEvent[]

  /** When `due` has something, if nothing else happens until then. */
  readonly dueAt: number | undefined

  /** What was held back long enough. */
  due(now: number): readonly UiEvent[]
}

// Line mode's answer to long syncs. A line that is printed can't move, so what fills in behind what is shown would
// be thousands of lines out of place. A few of them are shown, marked late; of more only those that were written
// since this user came, and one line tells how many others came and how to see them. Progress is told now and then.

/** So many late ones are shown whatever they are. */
const FEW = 20
/** Of more, at most so many: as many as are shown at the start. */
const KEEP = 50
/** How long late messages may wait to be counted, milliseconds: a few, and many. */
const FEW_PATIENCE_MS = 2_000
const MANY_PATIENCE_MS = 30_000
/** Between two lines that tell how far a sync is, milliseconds. */
const PROGRESS_MS = 5_000

interface Room {
  /** When the user came, milliseconds since the epoch. */
  readonly since: number
  /** Messages that came in any way. */
  count: number
  progressAt: number
  readonly burst: Batching
}

export class HistoryFolding implements OutputFilter {
  readonly #self: string
  /** Those that the user is in. */
  readonly #rooms = new Map<string, Room>()

  /** `self` is the own peer id. */
  constructor(self: string) {
    this.#self = self
  }

  get dueAt(): number | undefined {
    const dues = [...this.#rooms.values()].flatMap(({ burst }) => burst.dueAt ?? [])
    return dues.length === 0 ? undefined : Math.min(...dues)
  }

  take(event: UiEvent, now: number): readonly UiEvent[] {
    switch (event.type) {
      case 'ready':
        this.#room(event.room, now)
        return [event]
      case 'message':
        return this.#isHeldBack(event, now) ? [] : [event]
      case 'edited':
      case 'deleted':
      case 'reacted':
        return this.#room(event.room, now).burst.amend(event) ? [] : [event]
      case 'notice':
        return event.code === 'sync-progress' && this.#isTooSoon(event['room'], now) ? [] : [event]
      case 'left':
        return event.peer === this.#self ? [...this.#close(event.room), event] : [event]
      case 'bye':
        return [...this.#rooms.keys()].flatMap(name => this.#close(name)).concat(event)
      default:
        return [event]
    }
  }

  due(now: number): readonly UiEvent[] {
    return [...this.#rooms].flatMap(([name, room]) => {
      const at = room.burst.dueAt
      return at !== undefined && at <= now ? release(name, room) : []
    })
  }

  #isHeldBack(event: MessageEvent, now: number): boolean {
    const room = this.#room(event.room, now)
    room.count += 1
    const fillsIn = event.via === 'history' && event.late
    if (fillsIn) room.burst.add(event, now)
    return fillsIn
  }

  #isTooSoon(name: unknown, now: number): boolean {
    const room = this.#room(String(name), now)
    if (now - room.progressAt < PROGRESS_MS) return true
    room.progressAt = now
    return false
  }

  #close(name: string): readonly UiEvent[] {
    const room = this.#rooms.get(name)
    this.#rooms.delete(name)
    return room === undefined ? [] : release(name, room)
  }

  #room(name: string, now: number): Room {
    const known = this.#rooms.get(name)
    if (known !== undefined) return known
    const patienceMs = (count: number): number => (count > FEW ? MANY_PATIENCE_MS : FEW_PATIENCE_MS)
    const burst = new Batching({ keep: KEEP, patienceMs })
    const room = { since: now, count: 0, progressAt: Number.NEGATIVE_INFINITY, burst }
    this.#rooms.set(name, room)
    return room
  }
}

/** What is shown of a burst, and what is told of the rest. */
function release(name: string, room: Room): readonly UiEvent[] {
  const { count } = room.burst
  const newest = room.burst.take()
  if (count <= FEW) return newest
  const shown = newest.filter(event => event.sentAt >= room.since)
  const folded = count - shown.length
  return folded === 0 ? shown : [...shown, foldedNotice(name, folded, room.count)]
}

function foldedNotice(name: string, folded: number, total: number): UiEvent {
  const came = folded === 1 ? 'one older message came' : `${folded.toLocaleString('en')} older messages came`
  const beyond =
    total > MAX_HISTORY_COUNT ? `; all of them: parley history ${name}, when this program has ended` : ''
  const text = `${came} into your log: /history ${Math.min(total, MAX_HISTORY_COUNT)}${beyond}`
  return { type: 'notice', code: 'history-folded', text, room: name, count: folded }
}

// Messages that come in a burst, as those of a sync do: the newest of them, how many there were in all, and when the
// burst is over. What is beyond the bound is only counted.

/** A burst is over when nothing came for so long: twice what a loaded machine takes from one part to the next. */
const QUIET_MS = 500

export interface BatchingConfig {
  /** How many of the newest are kept. */
  readonly keep: number
  /** How long the first one of a burst of so many may wait, milliseconds. */
  readonly patienceMs: (count: number) => number
}

export class Batching {
  readonly #config: BatchingConfig
  /** Ascending. */
  #newest: MessageEvent[] = []
  #count = 0
  #since = 0
  #last = 0

  constructor(config: BatchingConfig) {
    this.#config = config
  }

  /** How many came. */
  get count(): number {
    return this.#count
  }

  /** When it counts as over; undefined if there is none. Milliseconds since the epoch. */
  get dueAt(): number | undefined {
    if (this.#count === 0) return undefined
    return Math.min(this.#last + QUIET_MS, this.#since + this.#config.patienceMs(this.#count))
  }

  /** Nothing to do for one that is kept already. */
  add(event: MessageEvent, now: number): void {
    const at = this.#newest.findLastIndex(other => isBefore(other, event)) + 1
    if (this.#newest[at]?.id === event.id) return
    if (this.#count === 0) this.#since = now
    this.#last = now
    this.#count += 1
    this.#newest.splice(at, 0, event)
    if (this.#newest.length > this.#config.keep) this.#newest.shift()
  }

  /** Changes a message that is kept. Returns false if it isn't. */
  amend(event: AmendingEvent): boolean {
    const at = this.#newest.findIndex(message => message.id === event.id)
    const message = this.#newest[at]
    if (message === undefined) return false
    this.#newest[at] = amendMessage(message, event)
    return true
  }

  /** Ends the burst; the newest of it, in order. */
  take(): readonly MessageEvent[] {
    const newest = this.#newest
    this.#newest = []
    this.#count = 0
    return newest
  }
}

/** True if `a` stands before `b` in the order that everyone shows. */
function isBefore(a: MessageEvent, b: MessageEvent): boolean {
  return compare({ ts: a.sentAt, id: a.id as MessageId }, { ts: b.sentAt, id: b.id as MessageId }) < 0
}

// What `parley tail` shows: the newest few of what was written before it started, and then everything that is
// written, as it comes. What a sync fills in behind the first line is not shown.

/** How long the beginning may wait for more of it, milliseconds. */
const PATIENCE_MS = 2_000

export interface TailConfig {
  /** How many of the messages written before the start are shown, of each sync that brings newer ones. */
  readonly history: number
  /** When it started, milliseconds since the epoch. */
  readonly start: number
}

export class TailFilter implements OutputFilter {
  readonly #config: TailConfig
  readonly #past: Batching
  /** The last one in the order, of those that were shown. */
  #last: MessageEvent | undefined

  constructor(config: TailConfig) {
    this.#config = config
    this.#past = new Batching({ keep: config.history, patienceMs: () => PATIENCE_MS })
  }

  get dueAt(): number | undefined {
    return this.#past.dueAt
  }

  take(event: UiEvent, now: number): readonly UiEvent[] {
    if (event.type === 'bye') return [...this.#release(), event]
    if (isAmendingEvent(event) && this.#past.amend(event)) return []
    if (event.type !== 'message') return [event]
    const isPast = event.via === 'history' && event.sentAt < this.#config.start
    if (!isPast) return [...this.#release(), this.#shown(event)]
    const fillsIn = this.#last !== undefined && !isBefore(this.#last, event)
    if (!fillsIn) this.#past.add(event, now)
    return []
  }

  due(now: number): readonly UiEvent[] {
    const at = this.#past.dueAt
    return at !== undefined && at <= now ? this.#release() : []
  }

  #release(): readonly UiEvent[] {
    return this.#past.take().map(event => this.#shown(event))
  }

  /** The event with whether it is late here, where not everything is shown. */
  #shown(event: MessageEvent): UiEvent {
    const late = this.#last !== undefined && isBefore(event, this.#last)
    if (!late) this.#last = event
    return { ...event, late }
  }
}
