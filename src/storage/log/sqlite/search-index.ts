/**
 * The search index: FTS5 without the texts, which are in the messages. It lags behind the log, updated in
 * batches up to a remembered row. An edited message is found by its current text, a deleted one not at all.
 *
 * A document's number consists of the room and the time, so the index's own order is the order of messages:
 * the newest hits of a room, or those of a month, are found without looking at others. The last bits come
 * from the row, to separate messages of the same millisecond; those that still collide share a document, and
 * the search checks which of them matches. Only a few may: if a thousand chains wrote in the same
 * millisecond, someone wanted to slow the search down, and the index ignores the surplus.
 */

import type { StatementSync } from 'node:sqlite'
import { amendmentIn } from '../../../protocol/content.ts'
import type { MessageId } from '../../../protocol/ids.ts'
import { resolveAmendments } from '../../../room/messages/amendments.ts'
import type { AmendmentsTable } from './amendments-index.ts'
import type { MessagesTable } from './messages-table.ts'
import { INDEXED_KEY } from './migrations.ts'
import type { TransactionParticipant, Transactions } from './transactions.ts'

/** Of the 63 bits of a document's number: 13 for the room, 42 for the time (until the year 2109), 8 for the row. */
const TIME_BITS = 42n
const ROW_BITS = 8n
const LAST_TIME = 2 ** Number(TIME_BITS) - 1
const ROW_MASK = 2 ** Number(ROW_BITS) - 1

/** The rooms that fit into the number. */
export const MAX_ROOM_NUMBER = 2 ** 13 - 1

/** Messages that share a document, and remembered moments that have more. */
const MAX_SHARING = 4
const MAX_CROWDED = 4_096

/** Messages indexed at a time: a few milliseconds. */
const BATCH = 256

/** A message as the index needs it. */
export interface SearchRow {
  readonly number: number
  readonly room: number
  readonly ts: number
  readonly id: Uint8Array
  readonly wire: Uint8Array
}

/** Both ends included. */
export interface TimeRange {
  readonly since: number
  readonly until: number
}

export class SearchIndex implements TransactionParticipant {
  readonly #session: Transactions
  readonly #messages: MessagesTable
  readonly #amendments: AmendmentsTable
  readonly #next: StatementSync
  readonly #sharing: StatementSync
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #find: StatementSync
  readonly #setIndexed: StatementSync
  /** Rooms and times of which nothing more is indexed. */
  readonly #overfull = new Set<string>()
  #indexed: number
  #committedIndexed: number

  constructor(session: Transactions, messages: MessagesTable, amendments: AmendmentsTable) {
    this.#session = session
    this.#messages = messages
    this.#amendments = amendments
    const columns = 'number, room, ts, id, wire'
    this.#next = session.prepare(
      `SELECT ${columns} FROM message WHERE number > ? ORDER BY number LIMIT ${BATCH}`,
    )
    this.#sharing = session.prepare(
      `SELECT ${columns} FROM message
       WHERE room = ? AND ts BETWEEN ? AND ? AND number <= ? AND number & ${ROW_MASK} = ?
       LIMIT ${MAX_SHARING}`,
    )
    this.#insert = session.prepare('INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)')
    this.#delete = session.prepare('DELETE FROM search WHERE rowid = ?')
    this.#find = session.prepare(
      'SELECT rowid AS number FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC',
    )
    this.#find.setReadBigInts(true)
    this.#setIndexed = session.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
    const meta = session.prepare('SELECT value FROM meta WHERE name = ?')
    this.#indexed = Number(session.read(() => meta.get(INDEXED_KEY))?.['value'] ?? 0)
    this.#committedIndexed = this.#indexed
    session.join(this)
  }

  /** Rows after this one aren't indexed yet. */
  get indexed(): number {
    return this.#indexed
  }

  indexSome(): 'more' | 'done' {
    const rows = this.#session.read(() => this.#next.all(this.#indexed)) as unknown as SearchRow[]
    const last = rows.at(-1)?.number
    if (last === undefined) return 'done'
    this.#session.writeLazily(() => {
      const documents = new Map<bigint, string>()
      for (const row of rows) this.#add(documents, row)
      // FTS5 writes to disk whenever a number isn't higher than the previous one
      for (const [number, words] of [...documents].sort(([a], [b]) => (a < b ? -1 : 1))) {
        this.#insert.run(number, words)
      }
      this.#setIndexed.run(INDEXED_KEY, last)
      for (const row of rows) this.#renewAmended(row)
    })
    this.#indexed = last
    if (!this.#session.isWriting) this.#committedIndexed = last
    return rows.length < BATCH ? 'done' : 'more'
  }

  /** The message of this row was deleted or changed: others in its document stay. */
  remove(row: Pick<SearchRow, 'number' | 'room' | 'ts'>): void {
    if (row.number <= this.#indexed) this.#session.write(() => this.#rewrite(row))
  }

  /** A message's text may have changed, because an amendment did. */
  renew(room: number, id: MessageId): void {
    const row = this.#messages.find(room, id)
    if (row !== undefined) this.remove(row)
  }

  /**
   * Messages of a room that may contain the phrases, newest first, with false positives: check them. Stop
   * when it is enough.
   */
  *find(room: number, phrases: readonly Phrase[], { since, until }: TimeRange): Iterable<SearchRow> {
    const match = phrases.map(words => `"${words.join(' ')}"*`).join(' AND ')
    const [from, to] = [documentOf(room, since, 0), documentOf(room, until, ROW_MASK)]
    const hits = this.#session.read(() => this.#find.iterate(match, from, to))
    try {
      for (;;) {
        const { value, done } = this.#session.read(() => hits.next())
        if (done === true) return
        yield* this.#behind(room, BigInt(value['number'] as bigint))
      }
    } finally {
      hits.return?.()
    }
  }

  flush(): void {}

  committed(): void {
    this.#committedIndexed = this.#indexed
  }

  rolledBack(): void {
    this.#indexed = this.#committedIndexed
  }

  /** Indexes the current text of a document's messages. */
  #rewrite({ number, room, ts }: Pick<SearchRow, 'number' | 'room' | 'ts'>): void {
    const document = documentOf(room, ts, number)
    const words = this.#sharers(room, ts, number).map(row => this.#textOf(row))
    if (words.some(some => some !== '')) this.#insert.run(document, words.join(' '))
    else this.#delete.run(document)
  }

  /** The message that this one amends, if it is indexed, has another text from now on. */
  #renewAmended({ room, id, wire }: SearchRow): void {
    const amendment = amendmentIn(this.#messages.envelope(id, wire))
    if (amendment === undefined || amendment.kind === 'reaction') return
    const row = this.#messages.find(room, amendment.ref)
    if (row !== undefined && row.number <= this.#indexed) this.#rewrite(row)
  }

  #add(documents: Map<bigint, string>, row: SearchRow): void {
    const moment = `${row.room} ${row.ts}`
    const words = this.#overfull.has(moment) ? '' : this.#textOf(row)
    if (words === '') return
    const document = documentOf(row.room, row.ts, row.number)
    const others = documents.has(document) ? [documents.get(document)] : this.#shared(row)
    if (others.length < MAX_SHARING) documents.set(document, [...others, words].join(' '))
    else this.#markOverfull(moment)
  }

  #markOverfull(moment: string): void {
    if (this.#overfull.size >= MAX_CROWDED) this.#overfull.clear()
    this.#overfull.add(moment)
  }

  #shared({ room, ts, number }: SearchRow): string[] {
    return this.#sharers(room, ts, number).map(row => this.#textOf(row))
  }

  #behind(room: number, document: bigint): SearchRow[] {
    const ts = Number((document >> ROW_BITS) & BigInt(LAST_TIME))
    return this.#sharers(room, ts, Number(document & BigInt(ROW_MASK)))
  }

  /** The indexed messages whose document is that of this room, time and row. */
  #sharers(room: number, ts: number, number: number): SearchRow[] {
    const until = ts < LAST_TIME ? ts : Number.MAX_SAFE_INTEGER
    const parameters = [room, timeInIndex(ts), until, this.#indexed, number & ROW_MASK] as const
    return this.#session.read(() => this.#sharing.all(...parameters)) as unknown as SearchRow[]
  }

  #textOf(row: SearchRow): string {
    const envelope = this.#messages.envelope(row.id, row.wire)
    const standing = resolveAmendments(envelope, this.#amendments.in(row.room), 'words')
    return standing === undefined ? '' : wordsOf(standing.said.text).join(' ')
  }
}

/** The time in the precision of the index. */
export function timeInIndex(ts: number): number {
  return Math.min(ts, LAST_TIME)
}

/** Ascends with the time within a room. */
function documentOf(room: number, ts: number, row: number): bigint {
  const time = BigInt(timeInIndex(ts))
  return (((BigInt(room) << TIME_BITS) | time) << ROW_BITS) | BigInt(row & ROW_MASK)
}

// Words for searching: runs of letters, numbers and their marks, case-folded and without diacritics. Scripts
// without spaces between words, and pictures, give one word for each character: a typed sequence is then
// found wherever it occurs, because the characters must follow each other.

/** Characters that are words by themselves. */
const SINGLE =
  '[[\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Yiii}]' +
  '&&[\\p{L}\\p{M}\\p{N}]]|\\p{Extended_Pictographic}'
const WORD = new RegExp(`${SINGLE}|(?:(?!${SINGLE})[\\p{L}\\p{M}\\p{N}\\p{Co}])+`, 'gv')

const ASCII_WORD = /[a-z0-9]+/g
const IS_ASCII = /^[\0-\x7f]*$/
const DIACRITICS = /[\u0300-\u036f]/g

/** Further characters of a word are ignored: nobody types longer words. */
const MAX_WORD = 64

/** Phrases in one search: more only makes it slow. */
const MAX_PHRASES = 32

/** Words that must follow each other; the last one may be a prefix. */
export type Phrase = readonly string[]

/** The words of a text, folded, in order. */
export function wordsOf(text: string): readonly string[] {
  const words = IS_ASCII.test(text) ? text.toLowerCase().match(ASCII_WORD) : foldCase(text).match(WORD)
  return words?.map(word => (word.length > MAX_WORD ? word.slice(0, MAX_WORD) : word)) ?? []
}

/** The phrases of a search: one for each part separated by spaces. Empty if it contains no word. */
export function phrasesOf(wanted: string): readonly Phrase[] {
  const phrases = wanted.split(/\s+/u).map(wordsOf)
  return phrases.filter(phrase => phrase.length > 0).slice(0, MAX_PHRASES)
}

/** True if a text with these words contains every phrase. */
export function hasPhrases(words: readonly string[], phrases: readonly Phrase[]): boolean {
  return phrases.every(phrase => words.some((_, at) => occursAt(words, at, phrase)))
}

function occursAt(words: readonly string[], at: number, phrase: Phrase): boolean {
  return phrase.every((part, index) => {
    const word = words[at + index] ?? ''
    return index === phrase.length - 1 ? word.startsWith(part) : word === part
  })
}

/** One form for all ways to write a letter; the final sigma is a sigma. */
function foldCase(text: string): string {
  const bare = text.toLowerCase().normalize('NFKD').replace(DIACRITICS, '').replaceAll('ς', 'σ')
  return bare.normalize('NFC').toLowerCase()
}
