/**
 * What a room's transcript is made of. A row is a value: what becomes of it (delivered, and whatever else may be told
 * of a message later) replaces it by another one with the same id, and only that one is laid out again.
 */

import type { Recalled } from '../../api/events.ts'

export type Row = MessageRow | TellRow | PresenceRow

/** Where it stands: by time, then by id, as everyone sees it. */
interface Placed {
  /** Of a message its own; of what parley tells, one that no message has. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface MessageRow extends Placed {
  readonly kind: 'message'
  /** As it was told, so that what becomes of it can be worked out. */
  readonly source: Recalled
  readonly peer: string
  /** The look of its author: see `text/person-colours.ts`. */
  readonly look: number
  /** As it is shown: safe, with a tag where that is needed. */
  readonly name: string
  /** Safe to print; with line ends. */
  readonly text: string
  /** What it answers, in one line that is safe to print. */
  readonly answers?: string
  readonly action: boolean
  readonly own: boolean
  /** It speaks to this user. */
  readonly mentions: boolean
  /** When it came, if that was too late to be seen in its place. */
  readonly lateAt?: number
  /** Of an own message written in this session or before: who holds it. */
  readonly delivery?: Delivery
}

export interface Delivery {
  readonly count: number
  readonly of: number
}

/** What parley says: answers, notices, what went wrong. */
export interface TellRow extends Placed {
  readonly kind: 'info' | 'trouble'
  /** Safe to print, without line ends; at least one. */
  readonly lines: readonly string[]
}

/** Who came and went, one after the other with nothing said between. */
export interface PresenceRow extends Placed {
  readonly kind: 'presence'
  readonly changes: readonly Change[]
}

export interface Change {
  readonly peer: string
  readonly name: string
  readonly what: 'joined' | 'quit' | 'lost'
}

/** A message that still says something. */
export function isSaid(row: Row): row is MessageRow {
  return row.kind === 'message' && row.source.deletedAt === undefined
}

/** Negative if `a` stands before `b`. */
export function comparePlaces(a: Placed, b: Placed): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}
