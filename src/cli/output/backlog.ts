/**
 * Line mode's answer to long syncs. A line that is printed can't move, so what fills in behind what is shown would
 * be thousands of lines out of place. A few of them are shown, marked late; of more only those that were written
 * since this user came, and one line tells how many others came and how to see them. Progress is told now and then.
 */

import { MAX_HISTORY_COUNT } from '../../api/command-table.ts'
import type { MessageEvent, UiEvent } from '../../api/events.ts'
import { Burst } from './burst.ts'
import type { Sieve } from './output-filter.ts'

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
  readonly burst: Burst
}

export class Backlog implements Sieve {
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
    const burst = new Burst({ keep: KEEP, patienceMs })
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
