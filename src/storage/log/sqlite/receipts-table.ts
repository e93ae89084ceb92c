/**
 * The receipts of this room: how far peers hold the own chains. They are received again and again, so they
 * cause no commit of their own and are written along with the next one.
 */
import type { StatementSync } from 'node:sqlite'
import type { ChainId, PeerKey } from '../../../protocol/ids.ts'
import type { Holding } from '../../../room/log.ts'
import type { TransactionParticipant, Transactions } from './transactions.ts'

interface StoredHolding {
  readonly chain: string
  readonly peer: string
  readonly length: number
}

type Name = Pick<Holding, 'chain' | 'peer'>

export class ReceiptsTable implements TransactionParticipant {
  readonly #room: number
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  /** In the order of hearing. */
  #all: Map<string, Holding>
  /** Those that differ from the disk. */
  #dirty = new Map<string, Name>()
  /** Both at the last commit, if they changed since. */
  #before: { readonly all: Map<string, Holding>; readonly dirty: Map<string, Name> } | undefined
  #isFlushed = false

  constructor(session: Transactions, room: number) {
    this.#room = room
    this.#insert = session.prepare('INSERT INTO holding (room, peer, chain, length) VALUES (?, ?, ?, ?)')
    this.#delete = session.prepare('DELETE FROM holding WHERE room = ? AND peer = ? AND chain = ?')
    const statement = session.prepare(
      'SELECT peer, chain, length FROM holding WHERE room = ? ORDER BY number',
    )
    const rows = session.read(() => statement.all(room)) as unknown as StoredHolding[]
    this.#all = new Map(rows.map(row => [nameOf(row), row as Holding]))
    session.join(this)
  }

  get all(): readonly Holding[] {
    return [...this.#all.values()]
  }

  /** True if something isn't on disk. */
  get isDirty(): boolean {
    return this.#dirty.size > 0
  }

  set(holding: Holding): void {
    const name = nameOf(holding)
    this.#touch(name, holding)
    this.#all.delete(name)
    this.#all.set(name, holding)
  }

  drop(peer: PeerKey): void {
    for (const [name, holding] of [...this.#all]) {
      if (holding.peer !== peer) continue
      this.#touch(name, holding)
      this.#all.delete(name)
    }
  }

  flush(): void {
    if (this.#isFlushed) return
    for (const { peer, chain } of this.#dirty.values()) this.#delete.run(this.#room, peer, chain)
    for (const [name, { peer, chain, length }] of this.#all) {
      if (this.#dirty.has(name)) this.#insert.run(this.#room, peer, chain, length)
    }
    this.#isFlushed = true
  }

  committed(): void {
    if (this.#isFlushed) this.#dirty.clear()
    this.#isFlushed = false
    this.#before = undefined
  }

  rolledBack(): void {
    this.#all = this.#before?.all ?? this.#all
    this.#dirty = this.#before?.dirty ?? this.#dirty
    this.#before = undefined
    this.#isFlushed = false
  }

  #touch(name: string, { chain, peer }: Holding): void {
    this.#before ??= { all: new Map(this.#all), dirty: new Map(this.#dirty) }
    this.#dirty.set(name, { chain, peer })
    this.#isFlushed = false
  }
}

function nameOf({
  chain,
  peer,
}: {
  readonly chain: ChainId | string
  readonly peer: PeerKey | string
}): string {
  return `${chain} ${peer}`
}
