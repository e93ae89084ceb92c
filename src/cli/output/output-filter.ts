/**
 * Output filters, between a session and an output that can't show everything at once: they pass events on,
 * hold some back for a moment, and may replace many by one. They read no clock; the caller passes times.
 */
import { MAX_HISTORY_COUNT } from '../../api/command-table.ts'
import type { MessageEvent, UiEvent } from '../../api/events.ts'
import { compare } from '../../protocol/envelope.ts'
import type { MessageId } from '../../protocol/ids.ts'
import type { AmendingEvent } from '../../text/message-text.ts'
import { amendMessage, isAmendingEvent } from '../../text/message-text.ts'

/** Times are milliseconds since the epoch. */
export interface OutputFilter {
  /** The events to show after this one, in order. After `bye` nothing is held back any more. */
  take(event: UiEvent, now: number): readonly UiEvent[]

  /** When `due` has events, if nothing else happens until then. */
  readonly dueAt: number | undefined

  /** Events that were held back long enough. */
  due(now: number): readonly UiEvent[]
}

// History folding: line mode's answer to long syncs. A printed line can't move, so filling in older messages
// would print thousands of lines out of order. A few are shown, marked late; of more, only those written
// since this user joined, and one line says how many others arrived and how to see them. Progress is reported
// now and then.

/** So many late messages are shown in any case. */
const ALWAYS_SHOWN = 20
/** Of more, at most so many: as many as are shown at the start. */
const MAX_SHOWN = 50
/** How long late messages wait to be counted, milliseconds: a few, and many. */
const FEW_PATIENCE_MS = 2_000
const MANY_PATIENCE_MS = 30_000
/** Between two progress lines of a sync, milliseconds. */
const PROGRESS_MS = 5_000

interface RoomFolding {
  /** When the user joined, milliseconds since the epoch. */
  readonly since: number
  /** Messages that arrived in any way. */
  count: number
  progressAt: number
  readonly burst: MessageBurst
}

export class HistoryFolding implements OutputFilter {
  readonly #self: string
  /** The rooms that the user is in. */
  readonly #rooms = new Map<string, RoomFolding>()

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
      return at !== undefined && at <= now ? foldBurst(name, room) : []
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
    return room === undefined ? [] : foldBurst(name, room)
  }

  #room(name: string, now: number): RoomFolding {
    const known = this.#rooms.get(name)
    if (known !== undefined) return known
    const patienceMs = (count: number): number => (count > ALWAYS_SHOWN ? MANY_PATIENCE_MS : FEW_PATIENCE_MS)
    const burst = new MessageBurst({ keep: MAX_SHOWN, patienceMs })
    const room = { since: now, count: 0, progressAt: Number.NEGATIVE_INFINITY, burst }
    this.#rooms.set(name, room)
    return room
  }
}

/** The part of a burst to show, and the line about the rest. */
function foldBurst(name: string, room: RoomFolding): readonly UiEvent[] {
  const { count } = room.burst
  const newest = room.burst.take()
  if (count <= ALWAYS_SHOWN) return newest
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

// Bursts of messages, as from a sync: the newest of them, their number, and when the burst is over. Messages
// beyond the bound are only counted.

/** A burst is over after this silence: twice the pause of a loaded machine between two parts. */
const QUIET_MS = 500

export interface BurstConfig {
  /** How many of the newest are kept. */
  readonly keep: number
  /** How long the first message of a burst of so many may wait, milliseconds. */
  readonly patienceMs: (count: number) => number
}

export class MessageBurst {
  readonly #config: BurstConfig
  /** Ascending. */
  #newest: MessageEvent[] = []
  #count = 0
  #since = 0
  #last = 0

  constructor(config: BurstConfig) {
    this.#config = config
  }

  /** How many arrived. */
  get count(): number {
    return this.#count
  }

  /** When the burst counts as over; undefined if there is none. Milliseconds since the epoch. */
  get dueAt(): number | undefined {
    if (this.#count === 0) return undefined
    return Math.min(this.#last + QUIET_MS, this.#since + this.#config.patienceMs(this.#count))
  }

  /** No effect for one that is kept already. */
  add(event: MessageEvent, now: number): void {
    const at = this.#newest.findLastIndex(other => isBefore(other, event)) + 1
    if (this.#newest[at]?.id === event.id) return
    if (this.#count === 0) this.#since = now
    this.#last = now
    this.#count += 1
    this.#newest.splice(at, 0, event)
    if (this.#newest.length > this.#config.keep) this.#newest.shift()
  }

  /** Amends a kept message. Returns false if it isn't kept. */
  amend(event: AmendingEvent): boolean {
    const at = this.#newest.findIndex(message => message.id === event.id)
    const message = this.#newest[at]
    if (message === undefined) return false
    this.#newest[at] = amendMessage(message, event)
    return true
  }

  /** Ends the burst and returns its newest messages in order. */
  take(): readonly MessageEvent[] {
    const newest = this.#newest
    this.#newest = []
    this.#count = 0
    return newest
  }
}

/** True if `a` precedes `b` in the common order. */
function isBefore(a: MessageEvent, b: MessageEvent): boolean {
  return compare({ ts: a.sentAt, id: a.id as MessageId }, { ts: b.sentAt, id: b.id as MessageId }) < 0
}

// The filter of `parley tail`: the newest messages from before the start, and then everything new. What a
// sync fills in before the first line is not shown.

/** How long the start waits for more messages, milliseconds. */
const PATIENCE_MS = 2_000

export interface TailConfig {
  /** How many messages from before the start are shown, of each sync that delivers newer ones. */
  readonly history: number
  /** When it started, milliseconds since the epoch. */
  readonly start: number
}

export class TailFilter implements OutputFilter {
  readonly #config: TailConfig
  readonly #past: MessageBurst
  /** The last message shown, by order. */
  #last: MessageEvent | undefined

  constructor(config: TailConfig) {
    this.#config = config
    this.#past = new MessageBurst({ keep: config.history, patienceMs: () => PATIENCE_MS })
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

  /** The event, marked late if it is late among those shown. */
  #shown(event: MessageEvent): UiEvent {
    const late = this.#last !== undefined && isBefore(event, this.#last)
    if (!late) this.#last = event
    return { ...event, late }
  }
}
