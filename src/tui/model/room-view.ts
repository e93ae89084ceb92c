/**
 * One room as its user sees it: its messages, who is here, what is unread, the line being typed, and the
 * scroll position. Events and keys change it; `transcript-window.ts` lays it out.
 */

import { type History, NO_HISTORY } from '../editor/input-history.ts'
import { EMPTY_LINE, type Line } from '../editor/line-editor.ts'
import type { InputTarget, MessageReference } from './message-reference.ts'
import type { ScrollAnchor } from './scroll.ts'
import { comparePositions, type MessageRow, type Row, Transcript } from './transcript.ts'

export interface PresentMember {
  readonly peer: string
  readonly name: string
}

export interface SyncState {
  readonly received: number
  readonly expected: number
}

export class RoomView {
  readonly name: string
  /** When the user joined, milliseconds since the epoch. */
  readonly since: number
  readonly transcript = new Transcript()
  readonly #people = new Map<string, PresentMember>()
  #byName: readonly PresentMember[] | undefined
  /** Recent speakers by peer id: Tab offers them first. */
  readonly speakers = new Map<string, string>()
  line: Line = EMPTY_LINE
  /** The message that the line refers to; absent: it goes to the room. */
  target: InputTarget | undefined
  /** The message that a command on the line refers to by its place. */
  reference: MessageReference | undefined
  history: History = NO_HISTORY
  /** Absent: the window follows the end. */
  anchor: ScrollAnchor | undefined
  unread = 0
  mentions = 0
  /** Messages below the window since it stopped following. */
  below = 0
  /** The first unseen row: a line is shown above it. */
  divider: string | undefined
  sync: SyncState | undefined
  /** Whether messages before the first row were requested. */
  earlier: 'unasked' | 'asked' | 'none' = 'unasked'
  /** A row to show at the upper edge at the next draw. */
  showFirst: Row | undefined

  /** The timestamp of the last message seen before; absent: this room is new to the user. */
  readonly #seenUntil: number | undefined

  constructor(name: string, since: number, seenUntil?: number) {
    this.name = name
    this.since = since
    this.#seenUntil = seenUntil
  }

  /** The timestamp of the last message seen; undefined if there is none. */
  get seenUntil(): number | undefined {
    if (this.unread > 0) return this.#seenUntil
    return this.transcript.rows.findLast(row => row.kind === 'message')?.at ?? this.#seenUntil
  }

  /** Others who are here, by peer id. */
  get people(): ReadonlyMap<string, PresentMember> {
    return this.#people
  }

  /** The same by name. */
  get peopleByName(): readonly PresentMember[] {
    this.#byName ??= [...this.#people.values()].toSorted((a, b) =>
      a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1,
    )
    return this.#byName
  }

  /** Someone is here, under this name. */
  present(peer: string, name: string): void {
    if (this.#people.size >= MAX_PRESENT && !this.#people.has(peer)) return
    this.#people.set(peer, { peer, name })
    this.#byName = undefined
  }

  /** Someone isn't here any more. */
  absent(peer: string): void {
    this.#people.delete(peer)
    this.#byName = undefined
  }

  /** Adds a message. False if it is known. */
  add(row: MessageRow, { isNews, isLookedAt }: MessageArrival): boolean {
    const place = this.transcript.add(row)
    if (place === undefined) return false
    if (!isNews) {
      this.#markUnseen(row)
      return true
    }
    this.#rememberSpeaker(row)
    if (row.own) return true
    if (isLookedAt) this.#countBelow(place)
    else this.#countUnread(row)
    return true
  }

  /** Replaces a shown row. */
  replace(row: Row): void {
    this.transcript.replace(row)
  }

  /** The user switches to this room: unread messages are being read, below a line that stays for now. */
  enter(): void {
    this.unread = 0
    this.mentions = 0
  }

  /** The user switches to another room. */
  exit(): void {
    this.divider = undefined
  }

  /** Follows the end again. */
  follow(): void {
    this.anchor = undefined
    this.below = 0
    if (this.transcript.shrink()) this.earlier = 'unasked'
  }

  /** Written while the user was away: the line "new" is shown above the first of those. */
  #markUnseen(row: MessageRow): void {
    if (row.own || this.#seenUntil === undefined || row.at <= this.#seenUntil) return
    const first = this.divider === undefined ? undefined : this.transcript.get(this.divider)
    if (first === undefined || comparePositions(row, first) < 0) this.divider = row.id
  }

  #countBelow(place: number): void {
    if (this.anchor !== undefined && place > this.transcript.indexOf(this.anchor.row)) this.below += 1
  }

  #countUnread(row: MessageRow): void {
    this.unread += 1
    if (row.mentions) this.mentions += 1
    this.divider ??= row.id
  }

  #rememberSpeaker({ own, peer, name }: MessageRow): void {
    if (own) return
    this.speakers.delete(peer)
    this.speakers.set(peer, name)
    if (this.speakers.size > MAX_SPEAKERS) this.speakers.delete(this.speakers.keys().next().value ?? peer)
  }
}

export interface MessageArrival {
  /** Written since the user joined, so that it counts as new. */
  readonly isNews: boolean
  readonly isLookedAt: boolean
}

/** As many as a person can have talked with lately. */
const MAX_SPEAKERS = 256
/** People remembered as present; a larger room shows their number. */
const MAX_PRESENT = 4_096
