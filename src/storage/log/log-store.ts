/**
 * The log store: one database for all rooms of a data folder, as the application sees it.
 */
import type { Envelope, Position } from '../../protocol/envelope.ts'
import type { MessageId, RoomId } from '../../protocol/ids.ts'
import type { RoomLog } from '../../room/log.ts'
import type { MessageState } from '../../room/messages/amendments.ts'

export interface LogStore {
  /** The log of a room; the same object each time. `name` is stored for later readers. */
  room(id: RoomId, name: string): RoomLog

  readonly archive: Archive

  /**
   * Adds some messages to the search index, which lags behind so that appending stays fast. Few enough that
   * nobody notices. `more`: others are left.
   */
  indexSome(): 'more' | 'done'

  /** Makes all writes to any room durable. Throws a `ParleyError` if the disk fails. */
  commit(): 'written' | 'nothing'

  /** Takes back all uncommitted writes, in all rooms. */
  rollback(): void

  /** Commits and closes. Safe to call more than once. */
  close(): void
}

/** A query for messages of one room. */
export interface Query {
  readonly room: RoomId
  /** The newest so many that match. */
  readonly limit: number
  /** Not before this `ts`, milliseconds since the epoch. */
  readonly since?: number
  /** Before this position in the order. */
  readonly before?: Position
  /** All of these words, as typed, in the current text; a word also matches as a prefix. */
  readonly words?: string
}

/** A query in the other direction. */
export interface ForwardQuery extends Pick<Query, 'room' | 'limit' | 'since'> {
  readonly after?: Position
}

export interface ArchivedRoom {
  readonly id: RoomId
  readonly name: string
  /** Its messages, pending ones included, and their bytes. */
  readonly messages: number
  readonly bytes: number
}

/** A message with its state. */
export interface StoredWithState extends Envelope {
  /** Absent if nothing amends it, or if its kind is unknown. */
  readonly state?: MessageState
}

/** Read access to the stored messages of any room, open or not. */
export interface Archive {
  /** Rooms by name. */
  rooms(): readonly ArchivedRoom[]

  /**
   * Messages in order, (ts, id) ascending, pending ones included; the index is updated first. Amendments
   * aren't among them: they show in the state of their message.
   */
  read(query: Query): readonly StoredWithState[]

  /** The same without words, from the other end: the oldest that match, after a position if one is given. */
  readForward(query: ForwardQuery): readonly StoredWithState[]

  /** The stored messages among these ids, without amendments. */
  find(room: RoomId, ids: Iterable<MessageId>): ReadonlyMap<MessageId, StoredWithState>
}
