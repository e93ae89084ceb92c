/**
 * Baselines of the log: SQLite with the same settings, and the same bytes in one table without an index; and a plain
 * file that they are appended to.
 */
import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Sink } from './fill.ts'

export class BareLog implements Disposable {
  readonly #path: string
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.#path = path
    this.#database = new DatabaseSync(path)
    this.#database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -16384;
      CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, wire BLOB NOT NULL) STRICT;
    `)
  }

  get sink(): Sink {
    const insert = this.#database.prepare('INSERT INTO message (wire) VALUES (?)')
    return batch => {
      this.#database.exec('BEGIN IMMEDIATE')
      for (const { envelope } of batch) insert.run(envelope.wire)
      this.#database.exec('COMMIT')
    }
  }

  /** Closes it. Returns its bytes on disk. */
  close(): number {
    this.#database.close()
    return statSync(this.#path).size
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

export class BareFile implements Disposable {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  readonly sink: Sink = batch => {
    for (const { envelope } of batch) writeSync(this.#file, envelope.wire)
    fdatasyncSync(this.#file)
  };

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}
