/**
 * The connection to the log's database, and its one transaction: begun by the first write of a turn, ended by
 * `commit` or `rollback`. SQLite may abort a transaction when the disk fails; nothing is written from then on
 * until `rollback`, so that half a turn never becomes durable.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { corruptLog, isCorruptLog, logFailure } from './database-file.ts'

/** Something that caches part of the database in memory. */
export interface TransactionParticipant {
  /** Writes what is only in memory so far. Called inside the transaction, perhaps more than once. */
  flush(): void
  /** All writes are durable now. */
  committed(): void
  /** Everything since the last commit is taken back. Must not read: the disk may be what fails. */
  rolledBack(): void
}

export interface TransactionsDeps {
  readonly path: string
  /** Records for the next start that the database is damaged. Must not throw. */
  readonly onCorrupt: () => void
}

export class Transactions {
  readonly #database: DatabaseSync
  readonly #deps: TransactionsDeps
  readonly #participants: TransactionParticipant[] = []
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  #isWriting = false
  #failure: { readonly error: unknown } | undefined

  constructor(database: DatabaseSync, deps: TransactionsDeps) {
    this.#database = database
    this.#deps = deps
    this.#begin = this.prepare('BEGIN IMMEDIATE')
    this.#commit = this.prepare('COMMIT')
    this.#rollback = this.prepare('ROLLBACK')
  }

  /** True if there are uncommitted writes. */
  get isWriting(): boolean {
    return this.#isWriting
  }

  join(participant: TransactionParticipant): void {
    this.#participants.push(participant)
  }

  prepare(sql: string): StatementSync {
    return this.read(() => this.#database.prepare(sql))
  }

  /** Runs a read. */
  read<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      throw this.#explain(cause, this.#isWriting && !this.#database.isTransaction)
    }
  }

  /** Runs a write as part of the transaction. */
  write<T>(work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure.error
    try {
      if (!this.#isWriting) this.#begin.run()
      this.#isWriting = true
      return work()
    } catch (cause) {
      throw this.#explain(cause, true)
    }
  }

  /**
   * Runs a write that needn't be durable at once: as part of the transaction if there is one, otherwise in
   * one of its own that doesn't wait for the disk. A later commit makes it durable.
   */
  writeLazily<T>(work: () => T): T {
    if (this.#isWriting || this.#failure !== undefined) return this.write(work)
    try {
      this.#database.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE')
      const result = work()
      this.#commit.run()
      return result
    } catch (cause) {
      if (this.#database.isTransaction) this.#rollback.run()
      throw this.#explain(cause, false)
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL')
    }
  }

  /** Runs several statements without parameters or results. */
  run(sql: string): void {
    this.read(() => this.#database.exec(sql))
  }

  /** Writes what is only in memory, so that statements see everything. */
  flush(): void {
    if (!this.#isWriting) return
    this.write(() => {
      for (const participant of this.#participants) participant.flush()
    })
  }

  /** Makes everything written since the last commit durable. */
  commit(): 'written' | 'nothing' {
    if (this.#failure !== undefined) throw this.#failure.error
    const isWriting = this.#isWriting
    this.flush()
    if (isWriting) this.write(() => this.#commit.run())
    this.#isWriting = false
    for (const participant of this.#participants) participant.committed()
    return isWriting ? 'written' : 'nothing'
  }

  rollback(): void {
    this.read(() => {
      if (this.#database.isTransaction) this.#rollback.run()
    })
    this.#isWriting = false
    this.#failure = undefined
    for (const participant of this.#participants) participant.rolledBack()
  }

  /** Throws: the data read can't have been written here. */
  throwCorrupt(what: string): never {
    throw this.#explain(corruptLog(this.#deps.path, what), false)
  }

  #explain(cause: unknown, isLost: boolean): unknown {
    const error = logFailure(this.#deps.path, cause)
    if (isLost) this.#failure ??= { error }
    if (isCorruptLog(error)) this.#deps.onCorrupt()
    return error
  }
}
