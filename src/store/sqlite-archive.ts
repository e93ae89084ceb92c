/** Reading the log of any room, open or not: by time, and by words. Messages put by are among the others. */
import type { StatementSync } from 'node:sqlite'
import { contentOf } from '../core/content.ts'
import type { Envelope } from '../core/envelope.ts'
import { fromHex } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import { compare } from '../core/order.ts'
import type { Archive, ArchivedRoom, Query, ReadOn } from './log-store.ts'
import type { Phrase } from './log-words.ts'
import { hasPhrases, phrasesOf, wordsOf } from './log-words.ts'
import type { Messages } from './sqlite-messages.ts'
import type { PutBy } from './sqlite-put-by.ts'
import type { RoomTable } from './sqlite-rooms.ts'
import type { Search } from './sqlite-search.ts'
import { timeInIndex } from './sqlite-search.ts'
import type { Session } from './sqlite-session.ts'

interface Found {
  readonly id: Uint8Array
  readonly wire: Uint8Array
}

/** Greater than every id. */
const AFTER_ALL_IDS = new Uint8Array(33).fill(0xff)
/** Less than every id. */
const BEFORE_ALL_IDS = new Uint8Array(0)

export interface ArchiveDeps {
  readonly session: Session
  readonly rooms: RoomTable
  readonly messages: Messages
  readonly putBy: PutBy
  readonly search: Search
  readonly logger: Logger
  /** How many of the last messages are looked through for words before the index is asked. */
  readonly lookThrough: number
}

export class SqliteArchive implements Archive {
  readonly #deps: ArchiveDeps
  readonly #sums: StatementSync
  readonly #newest: StatementSync
  readonly #oldest: StatementSync
  readonly #after: StatementSync

  constructor(deps: ArchiveDeps) {
    this.#deps = deps
    const { session } = deps
    this.#sums = session.prepare(
      `SELECT coalesce(sum(count), 0) AS messages, coalesce(sum(bytes), 0) AS bytes FROM (
         SELECT count, bytes FROM chain WHERE room = ?1
         UNION ALL SELECT count(*), sum(length(wire)) FROM put_by WHERE room = ?1
       )`,
    )
    this.#newest = session.prepare(
      `SELECT id, wire FROM message
       WHERE room = ? AND ts BETWEEN ? AND ? AND (ts < ? OR id < ?) ORDER BY ts DESC, id DESC LIMIT ?`,
    )
    this.#oldest = session.prepare(
      'SELECT id, wire FROM message WHERE room = ?1 AND ts >= ?2 AND (ts > ?2 OR id > ?3) ORDER BY ts, id LIMIT ?4',
    )
    this.#after = session.prepare('SELECT id, wire FROM message WHERE number > ? AND +room = ?')
  }

  rooms(): readonly ArchivedRoom[] {
    const { session, rooms } = this.#deps
    session.flush()
    const all = rooms.all.map(({ number, id, name }) => {
      const sums = session.read(() => this.#sums.get(number))
      return { id, name, messages: Number(sums?.['messages']), bytes: Number(sums?.['bytes']) }
    })
    return all.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  read(query: Query): readonly Envelope[] {
    const number = this.#deps.rooms.get(query.room)?.number
    if (number === undefined || query.limit <= 0) return []
    const phrases = query.words === undefined ? undefined : phrasesOf(query.words)
    if (phrases?.length === 0) return []
    const isWanted = wants(query, phrases)
    const kept = phrases === undefined ? this.#inTime(number, query) : this.#matching(number, phrases, query)
    const putBy = this.#envelopes(this.#deps.putBy.of(number)).filter(isWanted)
    return [...kept, ...putBy].sort(compare).slice(-query.limit)
  }

  readOn({ room, limit, since = 0, after }: ReadOn): readonly Envelope[] {
    const number = this.#deps.rooms.get(room)?.number
    if (number === undefined || limit <= 0) return []
    const from = Math.max(since, after?.ts ?? 0)
    const id = after?.ts === from ? fromHex(after.id) : BEFORE_ALL_IDS
    const { session, putBy } = this.#deps
    const rows = session.read(() => this.#oldest.all(number, from, id, limit)) as unknown as Found[]
    const alone = this.#envelopes(putBy.of(number)).filter(
      envelope => envelope.ts >= from && (after === undefined || compare(envelope, after) > 0),
    )
    return [...this.#envelopes(rows), ...alone].sort(compare).slice(0, limit)
  }

  #inTime(room: number, { since = 0, before, limit }: Query): readonly Envelope[] {
    const until = before?.ts ?? Number.MAX_SAFE_INTEGER
    const id = before === undefined ? AFTER_ALL_IDS : fromHex(before.id)
    const count = Math.min(limit, Number.MAX_SAFE_INTEGER)
    const { session } = this.#deps
    const rows = session.read(() => this.#newest.all(room, since, until, until, id, count))
    return this.#envelopes(rows as unknown as Found[])
  }

  /** The newest with these words, and maybe some more. What is frequent is among the last messages; what is rare, in the index. */
  #matching(room: number, phrases: readonly Phrase[], query: Query): readonly Envelope[] {
    const isWanted = wants(query, phrases)
    const { lookThrough } = this.#deps
    const last = this.#inTime(room, { ...query, limit: lookThrough })
    const found = last.filter(isWanted)
    if (found.length >= query.limit || last.length < lookThrough) return found
    this.#catchUp()
    const before = last.at(-1) ?? query.before
    const rest = { ...query, ...(before && { before }), limit: query.limit - found.length }
    return [...found, ...this.#indexed(room, phrases, rest), ...this.#notIndexed(room, phrases, rest)]
  }

  #indexed(room: number, phrases: readonly Phrase[], query: Query): Envelope[] {
    const isWanted = wants(query, phrases)
    const { since = 0, before, limit } = query
    const found: Envelope[] = []
    const range = { since, until: before?.ts ?? Number.MAX_SAFE_INTEGER }
    for (const { id, wire } of this.#deps.search.find(room, phrases, range)) {
      const envelope = this.#deps.messages.envelope(id, wire)
      const last = found[limit - 1]
      if (last !== undefined && timeInIndex(envelope.ts) < timeInIndex(last.ts)) break
      if (isWanted(envelope)) found.push(envelope)
    }
    return found
  }

  /** Brings the index up to date. What can't be written because of a full disk is read instead. */
  #catchUp(): void {
    const { session, search, logger } = this.#deps
    if (session.isWriting) return
    try {
      while (search.indexSome() === 'more');
    } catch (error) {
      logger.warn('the search index cannot be written', { error })
    }
  }

  #notIndexed(room: number, phrases: readonly Phrase[], query: Query): Envelope[] {
    const { session, search } = this.#deps
    const rows = session.read(() => this.#after.all(search.indexed, room))
    return this.#envelopes(rows as unknown as Found[]).filter(wants(query, phrases))
  }

  #envelopes(rows: readonly Found[]): Envelope[] {
    return rows.map(({ id, wire }) => this.#deps.messages.envelope(id, wire))
  }
}

/** True for the messages that a query is about, all but its limit. */
function wants(
  { since = 0, before }: Query,
  phrases: readonly Phrase[] | undefined,
): (envelope: Envelope) => boolean {
  return envelope => {
    if (envelope.ts < since) return false
    if (before !== undefined && compare(envelope, before) >= 0) return false
    return phrases === undefined || hasPhrases(textOf(envelope), phrases)
  }
}

function textOf(envelope: Envelope): readonly string[] {
  const content = contentOf(envelope)
  return 'text' in content ? wordsOf(content.text) : []
}
