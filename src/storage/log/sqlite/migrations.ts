/**
 * The schema of the log as a list of migrations. A released step never changes; changes are further steps.
 * The file's `user_version` counts the steps done.
 */
import type { DatabaseSync } from 'node:sqlite'
import { amendmentIn, KIND } from '../../../protocol/content.ts'
import { restoreEnvelope } from '../../../protocol/envelope.ts'
import type { MessageId } from '../../../protocol/ids.ts'
import { fromHex } from '../../../protocol/ids.ts'

/** "prly": distinguishes our databases from others. https://sqlite.org/pragma.html#pragma_application_id */
export const APPLICATION_ID = 0x70_72_6c_79

export type Migration = (database: DatabaseSync) => void

/** Message rows that share one part of the id index: see id-index.ts. A power of two. */
export const GENERATION_BITS = 14

/** The words are already folded and separated: see search-index.ts. */
const SEARCH_TABLE =
  "CREATE VIRTUAL TABLE search USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');"

/** The key in `meta` for the last row whose words are indexed. */
export const INDEXED_KEY = 'indexed'

const RESET_SEARCH = `DROP TABLE search; ${SEARCH_TABLE} DELETE FROM meta WHERE name = '${INDEXED_KEY}'`

const FIRST_SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

  -- see log-witness.ts
  CREATE TABLE witness (
    one INTEGER PRIMARY KEY CHECK (one = 1), token BLOB NOT NULL, ctime INTEGER NOT NULL, inode INTEGER NOT NULL
  ) STRICT;

  -- log: names the chain that is written here
  CREATE TABLE room (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL, log BLOB NOT NULL
  ) STRICT;

  -- state: what the core knows of the chain, see sqlite-chains.ts; null until it says so
  CREATE TABLE chain (
    number INTEGER PRIMARY KEY, room INTEGER NOT NULL, author BLOB NOT NULL, log BLOB NOT NULL,
    state BLOB, length INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL,
    UNIQUE (room, author, log)
  ) STRICT;

  -- proof: 1 by its own signature, 0 by a successor
  CREATE TABLE message (
    number INTEGER PRIMARY KEY, room INTEGER NOT NULL, chain INTEGER NOT NULL, seq INTEGER NOT NULL,
    ts INTEGER NOT NULL, proof INTEGER NOT NULL, id BLOB NOT NULL, wire BLOB NOT NULL
  ) STRICT;
  CREATE INDEX message_place ON message (chain, seq);
  CREATE INDEX message_order ON message (room, ts);
  CREATE INDEX message_id ON message (number >> ${GENERATION_BITS}, substr(id, 1, 6));
  CREATE TABLE id_filter (generation INTEGER PRIMARY KEY, bits BLOB NOT NULL) STRICT;

  CREATE TABLE put_by (
    number INTEGER PRIMARY KEY, room INTEGER NOT NULL, ts INTEGER NOT NULL, proof INTEGER NOT NULL,
    id BLOB NOT NULL, wire BLOB NOT NULL, UNIQUE (room, id)
  ) STRICT;

  CREATE TABLE holding (
    number INTEGER PRIMARY KEY, room INTEGER NOT NULL, peer TEXT NOT NULL, chain TEXT NOT NULL,
    length INTEGER NOT NULL, UNIQUE (room, peer, chain)
  ) STRICT;

  ${SEARCH_TABLE}
`

const AMENDMENTS_SCHEMA = `
  -- which messages amend which: see sqlite-amendments.ts
  CREATE TABLE amendment (
    number INTEGER PRIMARY KEY, room INTEGER NOT NULL, ref BLOB NOT NULL, kind INTEGER NOT NULL, author BLOB NOT NULL,
    ts INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX amendment_ref ON amendment (room, ref, kind, author, ts);
`

/** Messages of newer kinds were stored without being understood until now. Some microseconds each. */
function addAmendments(database: DatabaseSync): void {
  database.exec(AMENDMENTS_SCHEMA)
  const insert = database.prepare('INSERT INTO amendment VALUES (?, ?, ?, ?, ?, ?)')
  const rows = database.prepare('SELECT number, room, wire FROM message').iterate()
  let news = 0
  for (const { number, room, wire } of rows) {
    // the id isn't needed, and whoever reads an unreadable message will notice
    const envelope = restoreEnvelope(wire as Uint8Array, '' as MessageId)
    if (envelope === undefined || envelope.kind <= KIND.action) continue
    news++
    const ref = amendmentIn(envelope)?.ref
    if (ref === undefined) continue
    const { kind, author, ts } = envelope
    insert.run(Number(number), Number(room), fromHex(ref), kind, fromHex(author), ts)
  }
  if (news > 0) database.exec(RESET_SEARCH)
}

export const MIGRATIONS: readonly Migration[] = [database => database.exec(FIRST_SCHEMA), addAmendments]

/** Resets the word index, which then rebuilds itself. */
export function resetSearchIndex(database: DatabaseSync): void {
  database.exec(`BEGIN IMMEDIATE; ${RESET_SEARCH}; COMMIT`)
}

/** Runs the missing steps, each in a transaction of its own. */
export function migrate(database: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): void {
  for (const [index, step] of migrations.entries()) {
    if (index < versionOf(database)) continue
    database.exec('BEGIN IMMEDIATE')
    try {
      step(database)
      database.exec(`PRAGMA user_version = ${index + 1}; COMMIT`)
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}
