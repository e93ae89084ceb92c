/**
 * The archive: reads the log of any room, open or not, by time and by words. Pending messages are included.
 */
import type { StatementSync } from 'node:sqlite'
import type { Logger } from '../../../common/logger.ts'
import type { Said } from '../../../protocol/content.ts'
import { amendmentIn, isAmending, saidIn } from '../../../protocol/content.ts'
import type { Envelope } from '../../../protocol/envelope.ts'
import { compare } from '../../../protocol/envelope.ts'
import type { MessageId, RoomId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'
import type { AmendmentIndex } from '../../../room/messages/amendments.ts'
import { indexOf, joinedIndex, resolveAmendments } from '../../../room/messages/amendments.ts'
import type { Archive, ArchivedRoom, ForwardQuery, Query, StoredWithState } from '../log-store.ts'
import type { AmendmentsTable } from './amendments-index.ts'
import type { MessagesTable, PendingTable } from './messages-table.ts'
import type { RoomTable } from './rooms-table.ts'
import type { Phrase, SearchIndex } from './search-index.ts'
import { hasPhrases, phrasesOf, timeInIndex, wordsOf } from './search-index.ts'
import type { Transactions } from './transactions.ts'

interface FoundMessage {
  readonly id: Uint8Array
  readonly wire: Uint8Array
}

/** Greater than every id. */
const AFTER_ALL_IDS = new Uint8Array(33).fill(0xff)
/** Less than every id. */
const BEFORE_ALL_IDS = new Uint8Array(0)

export interface ArchiveDeps {
  readonly session: Transactions
  readonly rooms: RoomTable
  readonly messages: MessagesTable
  readonly pending: PendingTable
  readonly amendments: AmendmentsTable
  readonly search: SearchIndex
  readonly logger: Logger
  /** How many of the latest messages are scanned for words before the index is used. */
  readonly scanCount: number
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
       WHERE room = ? AND ts BETWEEN ? AND ? AND (ts < ? OR id < ?) ORDER BY ts DESC, id DESC`,
    )
    this.#oldest = session.prepare(
      'SELECT id, wire FROM message WHERE room = ?1 AND ts >= ?2 AND (ts > ?2 OR id > ?3) ORDER BY ts, id',
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

  read(query: Query): readonly StoredWithState[] {
    const number = this.#deps.rooms.get(query.room)?.number
    if (number === undefined || query.limit <= 0) return []
    const phrases = query.words === undefined ? undefined : phrasesOf(query.words)
    if (phrases?.length === 0) return []
    const view = this.#viewOf(number)
    const kept = phrases === undefined ? inTime(view, query) : this.#matching(view, phrases, query)
    const putBy = view.pending
      .flatMap(envelope => view.withState(envelope) ?? [])
      .filter(wants(query, phrases))
    const all = new Map([...kept, ...putBy].map(one => [one.id, one]))
    return [...all.values()].sort(compare).slice(-query.limit)
  }

  readForward({ room, limit, since = 0, after }: ForwardQuery): readonly StoredWithState[] {
    const number = this.#deps.rooms.get(room)?.number
    if (number === undefined || limit <= 0) return []
    const from = Math.max(since, after?.ts ?? 0)
    const id = after?.ts === from ? fromHex(after.id) : BEFORE_ALL_IDS
    const { session, messages } = this.#deps
    const view = this.#viewOf(number)
    const rows = eachOf(session, this.#oldest.iterate(number, from, id), messages)
    const alone = view.pending.filter(
      envelope => envelope.ts >= from && (after === undefined || compare(envelope, after) > 0),
    )
    const kept = [...firstOf(rows, view, limit), ...alone.flatMap(one => view.withState(one) ?? [])]
    return kept.sort(compare).slice(0, limit)
  }

  find(room: RoomId, ids: Iterable<MessageId>): ReadonlyMap<MessageId, StoredWithState> {
    const number = this.#deps.rooms.get(room)?.number
    const wanted = new Set(ids)
    if (number === undefined || wanted.size === 0) return new Map()
    const { messages } = this.#deps
    const view = this.#viewOf(number)
    const early = view.pending.filter(({ id }) => wanted.has(id))
    const rows = [...wanted].flatMap(id => messages.find(number, id) ?? [])
    const all = [...early, ...rows.map(({ id, wire }) => messages.envelope(id, wire))]
    return new Map(all.flatMap(one => view.withState(one) ?? []).map(one => [one.id, one]))
  }

  #viewOf(room: number): RoomView {
    const { session, messages, amendments, pending } = this.#deps
    const early = pending.of(room).map(({ id, wire }) => messages.envelope(id, wire))
    const references = joinedIndex(amendments.in(room), indexOf(early))
    return {
      room,
      pending: early,
      withState: envelope => withStateOf(envelope, references),
      newest: (since, until, id) =>
        eachOf(session, this.#newest.iterate(room, since, until, until, id), messages),
    }
  }

  /**
   * The newest messages with these words, and perhaps some more. A frequent word is found among the latest
   * messages, a rare one in the index.
   */
  #matching(view: RoomView, phrases: readonly Phrase[], query: Query): readonly StoredWithState[] {
    const { scanCount } = this.#deps
    const last = inTime(view, { ...query, limit: scanCount })
    const found = last.filter(wants(query, phrases))
    if (found.length >= query.limit || last.length < scanCount) return found
    this.#updateIndex()
    const before = last.at(-1) ?? query.before
    const rest = { ...query, ...(before && { before }), limit: query.limit - found.length }
    return [...found, ...this.#indexed(view, phrases, rest), ...this.#notIndexed(view, phrases, rest)]
  }

  #indexed(view: RoomView, phrases: readonly Phrase[], query: Query): readonly StoredWithState[] {
    const isWanted = wants(query, phrases)
    const { since = 0, before, limit } = query
    const found: StoredWithState[] = []
    const range = { since, until: before?.ts ?? Number.MAX_SAFE_INTEGER }
    for (const { id, wire } of this.#deps.search.find(view.room, phrases, range)) {
      const kept = view.withState(this.#deps.messages.envelope(id, wire))
      const last = found[limit - 1]
      if (kept === undefined) continue
      if (last !== undefined && timeInIndex(kept.ts) < timeInIndex(last.ts)) break
      if (isWanted(kept)) found.push(kept)
    }
    return found
  }

  /** Updates the index. What a full disk prevents from being written is scanned instead. */
  #updateIndex(): void {
    const { session, search, logger } = this.#deps
    if (session.isWriting) return
    try {
      while (search.indexSome() === 'more');
    } catch (error) {
      logger.warn('the search index cannot be written', { error })
    }
  }

  /** Messages that aren't in the index yet, and those that they edit. */
  #notIndexed(view: RoomView, phrases: readonly Phrase[], query: Query): readonly StoredWithState[] {
    const { session, search, messages } = this.#deps
    const rows = session.read(() => this.#after.all(search.indexed, view.room)) as unknown as FoundMessage[]
    const isWanted = wants(query, phrases)
    return rows.flatMap(({ id, wire }) => {
      const envelope = messages.envelope(id, wire)
      const ref = amendmentIn(envelope)?.ref
      const amended = ref === undefined ? undefined : messages.find(view.room, ref)
      const said = amended === undefined ? envelope : messages.envelope(amended.id, amended.wire)
      const kept = view.withState(said)
      return kept !== undefined && isWanted(kept) ? kept : []
    })
  }
}

/** A room as one query sees it. */
interface RoomView {
  readonly room: number
  readonly pending: readonly Envelope[]
  /** Undefined for amendments. */
  readonly withState: (envelope: Envelope) => StoredWithState | undefined
  /** Messages of a time range, before an id at its end, newest first: stop when it is enough. */
  readonly newest: (since: number, until: number, id: Uint8Array) => Iterable<Envelope>
}

function inTime(view: RoomView, { since = 0, before, limit }: Query): readonly StoredWithState[] {
  const until = before?.ts ?? Number.MAX_SAFE_INTEGER
  const id = before === undefined ? AFTER_ALL_IDS : fromHex(before.id)
  return firstOf(view.newest(since, until, id), view, limit)
}

/** The first so many of these that aren't amendments. */
function firstOf(envelopes: Iterable<Envelope>, view: RoomView, limit: number): readonly StoredWithState[] {
  const found: StoredWithState[] = []
  for (const envelope of envelopes) {
    const kept = view.withState(envelope)
    if (kept !== undefined) found.push(kept)
    if (found.length >= limit) break
  }
  return found
}

function* eachOf(
  session: Transactions,
  rows: Iterator<unknown>,
  messages: MessagesTable,
): Iterable<Envelope> {
  try {
    for (;;) {
      const { value, done } = session.read(() => rows.next())
      if (done === true) return
      const { id, wire } = value as FoundMessage
      yield messages.envelope(id, wire)
    }
  } finally {
    rows.return?.()
  }
}

function withStateOf(envelope: Envelope, references: AmendmentIndex): StoredWithState | undefined {
  if (isAmending(envelope.kind)) return undefined
  if (!references.isAmended(envelope.id)) return envelope
  const state = resolveAmendments(envelope, references, 'whole')
  return state === undefined ? envelope : { ...envelope, state }
}

/** True for messages that match a query, except for its limit. */
function wants(
  { since = 0, before }: Query,
  phrases: readonly Phrase[] | undefined,
): (kept: StoredWithState) => boolean {
  return kept => {
    if (kept.ts < since) return false
    if (before !== undefined && compare(kept, before) >= 0) return false
    return phrases === undefined || hasPhrases(wordsOf(textOf(kept)?.text ?? ''), phrases)
  }
}

function textOf(kept: StoredWithState): Said | undefined {
  return kept.state === undefined ? saidIn(kept) : kept.state.said
}
