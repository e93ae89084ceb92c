/**
 * A room's rows in order, in bounded memory: the newest are kept, and what is older is the log's. A message that comes
 * late goes where it belongs. It knows nothing of windows.
 */
import type { Recalled } from '../../api/events.ts'

/** Rows kept of a room: days of talk, about 6 MB. */
export const MAX_ROWS = 12_000
/** Most that are kept while somebody reads further and further back. */
const MOST_ROWS = 60_000
/** Let go at a time, so that it isn't done for each one. */
const SLACK = 1_000

export class Transcript {
  #rows: Row[] = []
  readonly #byId = new Map<string, Row>()
  /** Ids of the rows that answer a message, by that message's. */
  readonly #answers = new Map<string, Set<string>>()
  /** How many were let go: they can be had from the log. */
  #dropped = 0
  #told = 0
  #limit = MAX_ROWS

  get rows(): readonly Row[] {
    return this.#rows
  }

  get size(): number {
    return this.#rows.length
  }

  get(id: string): Row | undefined {
    return this.#byId.get(id)
  }

  /** Rows that answer this message. */
  answersTo(id: string): readonly MessageRow[] {
    const rows = [...(this.#answers.get(id) ?? [])].map(answer => this.#byId.get(answer))
    return rows.filter(row => row?.kind === 'message')
  }

  /** The place of a row; -1 if it isn't there. */
  indexOf(row: Row): number {
    const at = this.#place(row)
    return this.#rows[at]?.id === row.id ? at : -1
  }

  /** Takes in a message, once. Returns where it stands; undefined if it is known, or older than all that is kept. */
  add(row: MessageRow): number | undefined {
    if (this.#byId.has(row.id)) return undefined
    const at = this.#place(row)
    if (at === 0 && this.#dropped > 0 && this.#rows.length > 0) return undefined
    this.#insert(row, at)
    return at
  }

  /** Takes in one that is older than all that is kept, because somebody reads there. */
  addEarlier(row: MessageRow): void {
    if (this.#byId.has(row.id) || this.#rows.length >= MOST_ROWS) return
    this.#limit = Math.max(this.#limit, this.#rows.length + 1)
    this.#insert(row, this.#place(row))
  }

  /** Nobody reads back there any more. True if anything was let go. */
  shrink(): boolean {
    this.#limit = MAX_ROWS
    const excess = this.#rows.length - MAX_ROWS
    if (excess > SLACK) this.#dropOldest(excess)
    return excess > SLACK
  }

  /** What parley tells stands at the end, whatever clocks say. */
  tell(kind: 'info' | 'trouble', lines: readonly string[], now: number): Row {
    const row: Row = { kind, lines, ...this.#end(now) }
    this.#insert(row, this.#rows.length)
    return row
  }

  /** Somebody came or went; told together with whoever did right before. */
  note(change: Change, now: number): void {
    const last = this.#rows.at(-1)
    if (last?.kind === 'presence') {
      this.replace({ ...last, changes: [...last.changes, change].slice(-MAX_CHANGES) })
      return
    }
    const row: PresenceRow = { kind: 'presence', changes: [change], ...this.#end(now) }
    this.#insert(row, this.#rows.length)
  }

  /** Puts another row in the place of the one with its id. */
  replace(row: Row): void {
    const at = this.indexOf(row)
    if (at === -1) return
    this.#rows[at] = row
    this.#byId.set(row.id, row)
  }

  clear(): void {
    this.#dropped += this.#rows.length
    this.#rows = []
    this.#byId.clear()
    this.#answers.clear()
  }

  /** A place behind all others. Its id sorts behind those of messages, which are hex. */
  #end(now: number): { readonly id: string; readonly at: number } {
    this.#told += 1
    const at = Math.max(now, this.#rows.at(-1)?.at ?? now)
    return { id: `~${String(this.#told).padStart(12, '0')}`, at }
  }

  #insert(row: Row, at: number): void {
    if (at === this.#rows.length) this.#rows.push(row)
    else this.#rows.splice(at, 0, row)
    this.#byId.set(row.id, row)
    const answered = answeredBy(row)
    if (answered !== undefined) {
      this.#answers.set(answered, (this.#answers.get(answered) ?? new Set()).add(row.id))
    }
    if (this.#rows.length > this.#limit + SLACK) this.#dropOldest(SLACK)
  }

  #dropOldest(count: number): void {
    for (const row of this.#rows.splice(0, count)) {
      this.#byId.delete(row.id)
      const answered = answeredBy(row) ?? ''
      const answers = this.#answers.get(answered)
      answers?.delete(row.id)
      if (answers?.size === 0) this.#answers.delete(answered)
    }
    this.#dropped += count
  }

  /** Where the row stands, or would stand. Most come at the end. */
  #place(row: Row): number {
    const last = this.#rows.at(-1)
    if (last === undefined || comparePlaces(last, row) < 0) return this.#rows.length
    let [low, high] = [0, this.#rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#rows[middle]
      if (other !== undefined && comparePlaces(other, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function answeredBy(row: Row): string | undefined {
  return row.kind === 'message' ? row.source.replyTo : undefined
}

/** Changes that one row tells of: a crowd is told by its number. */
const MAX_CHANGES = 200

// What a room's transcript is made of. A row is a value: what becomes of it (delivered, and whatever else may be told
// of a message later) replaces it by another one with the same id, and only that one is laid out again.

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
