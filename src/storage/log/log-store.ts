/**
 * The log on disk as the application sees it: one database for all rooms of a data folder.
 */
import type { Envelope, Position } from '../../protocol/envelope.ts'
import type { MessageId, RoomId } from '../../protocol/ids.ts'
import type { RoomLog } from '../../room/log.ts'
import type { MessageState } from '../../room/messages/amendments.ts'

export interface LogStore {
  /** The log of a room; the same one each time. `name` is remembered for those who read later. */
  room(id: RoomId, name: string): RoomLog

  readonly archive: Archive

  /**
   * Puts some messages into the search index, which follows behind so that taking messages in stays fast. Few enough
   * that nobody notices. `more`: there are others.
   */
  indexSome(): 'more' | 'done'

  /** Makes everything written to any room durable. Throws a `ParleyError` if the disk refuses. */
  commit(): 'written' | 'nothing'

  /** Takes everything back that wasn't committed, in all rooms. */
  rollback(): void

  /** Commits and closes. Safe to call more than once. */
  close(): void
}

/** What is wanted of the messages of one room. */
export interface Query {
  readonly room: RoomId
  /** The newest so many that fit. */
  readonly limit: number
  /** Not before this `ts`, milliseconds since the epoch. */
  readonly since?: number
  /** Before this place in the order. */
  readonly before?: Position
  /** All of these words, as the user typed them, in what is said now; a word also finds those that it begins. */
  readonly words?: string
}

/** Where to read on. */
export interface ReadOn extends Pick<Query, 'room' | 'limit' | 'since'> {
  readonly after?: Position
}

export interface ArchivedRoom {
  readonly id: RoomId
  readonly name: string
  /** Messages that it has, those put by included, and their bytes. */
  readonly messages: number
  readonly bytes: number
}

/** A message and what became of it. */
export interface Kept extends Envelope {
  /** Absent where nothing was changed, or this version doesn't know the kind. */
  readonly standing?: MessageState
}

/** Reading what is kept, of any room, whether it is open or not. */
export interface Archive {
  /** Rooms by name. */
  rooms(): readonly ArchivedRoom[]

  /**
   * Messages in their order, (ts, id) ascending, those put by included; the index is brought up to date first. What only
   * amends another one isn't among them: it shows in that one's standing.
   */
  read(query: Query): readonly Kept[]

  /** The same without words, from the other end: the oldest that fit, behind a place if one is given. */
  readOn(query: ReadOn): readonly Kept[]

  /** Those of the messages with these ids that are here; what only amends another one isn't among them. */
  find(room: RoomId, ids: Iterable<MessageId>): ReadonlyMap<MessageId, Kept>
}
