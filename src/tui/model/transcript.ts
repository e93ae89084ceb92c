/**
 * The transcript: a room's rows in order, in bounded memory: the newest are kept, and older ones are in the
 * log. A late message goes to its place. It knows nothing of windows.
 */
import type { Recalled } from '../../api/events.ts'

/** Rows kept of a room: days of conversation, about 6 MB. */
export const MAX_ROWS = 12_000
/** The most rows while someone reads further and further back. */
const MAX_ROWS_WHILE_READING = 60_000
/** Rows evicted at a time, so that it isn't done for each one. */
const EVICTION_BATCH = 1_000

export class Transcript {
  #rows: Row[] = []
  readonly #byId = new Map<string, Row>()
  /** The ids of the rows that answer a message, by its id. */
  readonly #answers = new Map<string, Set<string>>()
  /** How many rows were evicted: the log has them. */
  #evicted = 0
  #tellCount = 0
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

  /** The rows that answer this message. */
  answersTo(id: string): readonly MessageRow[] {
    const rows = [...(this.#answers.get(id) ?? [])].map(answer => this.#byId.get(answer))
    return rows.filter(row => row?.kind === 'message')
  }

  /** The index of a row; -1 if it is absent. */
  indexOf(row: Row): number {
    const at = this.#place(row)
    return this.#rows[at]?.id === row.id ? at : -1
  }

  /** Adds a message once. Returns its index; undefined if it is known, or older than all kept rows. */
  add(row: MessageRow): number | undefined {
    if (this.#byId.has(row.id)) return undefined
    const at = this.#place(row)
    if (at === 0 && this.#evicted > 0 && this.#rows.length > 0) return undefined
    this.#insert(row, at)
    return at
  }

  /** Adds a message older than all kept rows, because someone reads there. */
  addEarlier(row: MessageRow): void {
    if (this.#byId.has(row.id) || this.#rows.length >= MAX_ROWS_WHILE_READING) return
    this.#limit = Math.max(this.#limit, this.#rows.length + 1)
    this.#insert(row, this.#place(row))
  }

  /** Nobody reads back there any more. True if anything was evicted. */
  shrink(): boolean {
    this.#limit = MAX_ROWS
    const excess = this.#rows.length - MAX_ROWS
    if (excess > EVICTION_BATCH) this.#dropOldest(excess)
    return excess > EVICTION_BATCH
  }

  /** parley's own lines go to the end, whatever clocks say. */
  tell(kind: 'info' | 'trouble', lines: readonly string[], now: number): Row {
    const row: Row = { kind, lines, ...this.#end(now) }
    this.#insert(row, this.#rows.length)
    return row
  }

  /** Someone joined or left; merged with the changes right before. */
  addPresence(change: PresenceChange, now: number): void {
    const last = this.#rows.at(-1)
    if (last?.kind === 'presence') {
      this.replace({ ...last, changes: [...last.changes, change].slice(-MAX_PRESENCE_CHANGES) })
      return
    }
    const row: PresenceRow = { kind: 'presence', changes: [change], ...this.#end(now) }
    this.#insert(row, this.#rows.length)
  }

  /** Replaces the row with the same id. */
  replace(row: Row): void {
    const at = this.indexOf(row)
    if (at === -1) return
    this.#rows[at] = row
    this.#byId.set(row.id, row)
  }

  clear(): void {
    this.#evicted += this.#rows.length
    this.#rows = []
    this.#byId.clear()
    this.#answers.clear()
  }

  /** A position after all others. Its id sorts after those of messages, which are hex. */
  #end(now: number): { readonly id: string; readonly at: number } {
    this.#tellCount += 1
    const at = Math.max(now, this.#rows.at(-1)?.at ?? now)
    return { id: `~${String(this.#tellCount).padStart(12, '0')}`, at }
  }

  #insert(row: Row, at: number): void {
    if (at === this.#rows.length) this.#rows.push(row)
    else this.#rows.splice(at, 0, row)
    this.#byId.set(row.id, row)
    const answered = answeredBy(row)
    if (answered !== undefined) {
      this.#answers.set(answered, (this.#answers.get(answered) ?? new Set()).add(row.id))
    }
    if (this.#rows.length > this.#limit + EVICTION_BATCH) this.#dropOldest(EVICTION_BATCH)
  }

  #dropOldest(count: number): void {
    for (const row of this.#rows.splice(0, count)) {
      this.#byId.delete(row.id)
      const answered = answeredBy(row) ?? ''
      const answers = this.#answers.get(answered)
      answers?.delete(row.id)
      if (answers?.size === 0) this.#answers.delete(answered)
    }
    this.#evicted += count
  }

  /** Where the row is, or would be. Most go to the end. */
  #place(row: Row): number {
    const last = this.#rows.at(-1)
    if (last === undefined || comparePositions(last, row) < 0) return this.#rows.length
    let [low, high] = [0, this.#rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#rows[middle]
      if (other !== undefined && comparePositions(other, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function answeredBy(row: Row): string | undefined {
  return row.kind === 'message' ? row.source.replyTo : undefined
}

/** Changes listed in one row: a crowd is shown by its number. */
const MAX_PRESENCE_CHANGES = 200

// The rows of a transcript. A row is immutable: a change to a message (delivered, edited, …) replaces it by
// another one with the same id, and only that one is laid out again.

export type Row = MessageRow | TellRow | PresenceRow

/** Its position: by time, then by id, the same for everyone. */
interface RowPosition {
  /** A message's own id; for parley's lines, one that no message has. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface MessageRow extends RowPosition {
  readonly kind: 'message'
  /** As received, for applying amendments. */
  readonly source: Recalled
  readonly peer: string
  /** The look of its author: see `text/colours.ts`. */
  readonly look: number
  /** As shown: sanitised, with a tag if necessary. */
  readonly name: string
  /** Safe to print; with line ends. */
  readonly text: string
  /** What it answers, in one printable line. */
  readonly answers?: string
  readonly action: boolean
  readonly own: boolean
  /** It mentions this user. */
  readonly mentions: boolean
  /** When it arrived, if that was too late for its place. */
  readonly lateAt?: number
  /** Of an own message: who holds it. */
  readonly delivery?: Delivery
}

export interface Delivery {
  readonly count: number
  readonly of: number
}

/** What parley says: answers, notices, errors. */
export interface TellRow extends RowPosition {
  readonly kind: 'info' | 'trouble'
  /** Safe to print, without line ends; at least one. */
  readonly lines: readonly string[]
}

/** Joins and leaves in a row, with no message between. */
export interface PresenceRow extends RowPosition {
  readonly kind: 'presence'
  readonly changes: readonly PresenceChange[]
}

export interface PresenceChange {
  readonly peer: string
  readonly name: string
  readonly what: 'joined' | 'quit' | 'lost'
}

/** A message that still says something. */
export function isSaid(row: Row): row is MessageRow {
  return row.kind === 'message' && row.source.deletedAt === undefined
}

/** Negative if `a` precedes `b`. */
export function comparePositions(a: RowPosition, b: RowPosition): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}
