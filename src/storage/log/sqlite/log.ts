/**
 * The log of one room in the database. room/log.ts has its contract; this part knows which questions need no
 * database access: those about chains, and about places beyond the end of one.
 */

import type { Crypto } from '../../../protocol/crypto.ts'
import type { Envelope } from '../../../protocol/envelope.ts'
import type { Chain } from '../../../protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../../../protocol/ids.ts'
import { chainId, toHex } from '../../../protocol/ids.ts'
import type {
  ChainPosition,
  Entry,
  Holding,
  RangeLimit,
  Retention,
  RoomLog,
  StoredMessage,
} from '../../../room/log.ts'
import type { AmendmentIndex, AmendmentQuery } from '../../../room/messages/amendments.ts'
import type { AmendmentsTable } from './amendments-index.ts'
import type { ChainRow, ChainTable, FirstMessage } from './chains-table.ts'
import type { MessagesTable, PendingTable, RowWithoutWire } from './messages-table.ts'
import { takeBackFrom, takePart } from './messages-table.ts'
import { choosePruned, positionOf, prunable, shrink } from './pruning.ts'
import type { ReceiptsTable } from './receipts-table.ts'
import type { RoomRow, RoomTable } from './rooms-table.ts'
import type { SearchIndex } from './search-index.ts'
import type { Transactions } from './transactions.ts'

export interface SqliteLogDeps {
  readonly session: Transactions
  readonly crypto: Crypto
  readonly room: RoomRow
  readonly rooms: RoomTable
  readonly messages: MessagesTable
  readonly amendments: AmendmentsTable
  readonly search: SearchIndex
  readonly chains: ChainTable
  readonly pending: PendingTable
  readonly receipts: ReceiptsTable
}

export class SqliteLog implements RoomLog {
  readonly #deps: SqliteLogDeps
  readonly #room: number
  readonly #messages: MessagesTable
  readonly #chains: ChainTable
  readonly #amendments: AmendmentIndex

  constructor(deps: SqliteLogDeps) {
    this.#deps = deps
    this.#room = deps.room.number
    this.#messages = deps.messages
    this.#chains = deps.chains
    this.#amendments = deps.amendments.in(this.#room)
  }

  get logId(): LogId {
    return this.#deps.room.log
  }

  startNewChain(logId: LogId): void {
    this.#deps.rooms.renew(this.#deps.room, logId)
  }

  has(id: MessageId): boolean {
    return this.#messages.has(this.#room, id)
  }

  holds({ id, author, log, seq }: ChainPosition): boolean {
    const row = this.#chains.get(chainId(author, log))
    if (row === undefined || seq >= row.length) return false
    return this.#messages.at(row.number, seq).some(message => toHex(message.id) === id)
  }

  get(id: MessageId): Entry | undefined {
    const row = this.#messages.find(this.#room, id)
    return row && this.#messages.entry(row)
  }

  at(chain: ChainId, seq: number): readonly Entry[] {
    const row = this.#chains.get(chain)
    if (row === undefined || seq >= row.length) return []
    return this.#messages.at(row.number, seq).map(message => this.#messages.entry(message))
  }

  append(entry: Entry): void {
    const { author, log, seq, id, wire } = entry.envelope
    const row = this.#chains.open(author, log)
    if (seq < row.length) this.#checkPlace(row, seq, id)
    const number = this.#messages.insert(this.#room, row.number, entry)
    this.#deps.amendments.add(this.#room, number, entry.envelope)
    this.#chains.change(row, {
      length: Math.max(row.length, seq + 1),
      count: row.count + 1,
      bytes: row.bytes + wire.length,
      ...(row.first !== undefined && seq <= row.first.seq && { first: undefined }),
    })
  }

  remove(id: MessageId): void {
    const row = this.#messages.find(this.#room, id)
    if (row === undefined) return
    const { author, log } = this.#messages.entry(row).envelope
    const chain = this.#chains.open(author, log)
    this.#delete(chain, { ...row, bytes: row.wire.length })
    const isLast = row.seq === chain.length - 1
    if (isLast) this.#chains.change(chain, { length: (this.#messages.lastPlace(chain.number) ?? -1) + 1 })
  }

  chains(): Iterable<Chain> {
    return [...this.#chains.all()].flatMap(({ chain }) => chain ?? [])
  }

  save(chain: Chain): void {
    const row = this.#chains.open(chain.author, chain.log)
    const isKept = chain.heads.length > 0 || chain.closedAt !== undefined
    this.#deps.session.write(() => this.#chains.change(row, { chain: isKept ? chain : undefined }))
  }

  length(chain: ChainId): number {
    return this.#chains.get(chain)?.length ?? 0
  }

  range(chain: ChainId, seq: number, limit: RangeLimit): readonly StoredMessage[] {
    const row = this.#chains.get(chain)
    if (row === undefined || seq >= row.length) return []
    return this.#verified(takePart(this.#messages.part(row.number, seq), seq, limit))
  }

  backFrom(id: MessageId, limit: RangeLimit): readonly StoredMessage[] {
    const row = this.#messages.find(this.#room, id)
    if (row === undefined) return []
    const rows = this.#messages.back(row.chain, row.seq)
    return this.#verified(
      takeBackFrom(rows, id, limit, one => this.#messages.envelope(one.id, one.wire).prev),
    )
  }

  contiguousFrom(chain: ChainId, seq: number): number {
    const row = this.#chains.get(chain)
    return row === undefined ? seq : this.#messages.start(row.number, seq)
  }

  latest(count: number): readonly Entry[] {
    const limit = Math.min(count, Number.MAX_SAFE_INTEGER)
    const rows = this.#messages.latest(this.#room, limit)
    return rows.map(row => this.#messages.entry(row)).reverse()
  }

  isAmended(ref: MessageId): boolean {
    return this.#amendments.isAmended(ref)
  }

  amendmentsOf(wanted: AmendmentQuery): readonly Envelope[] {
    return this.#amendments.amendmentsOf(wanted)
  }

  bytesOf(author: PeerKey): number {
    return this.#chains.bytesOf(author)
  }

  storePending(entry: Entry): void {
    this.#deps.pending.add(this.#room, entry)
  }

  dropPending(id: MessageId): void {
    this.#deps.pending.drop(this.#room, id)
  }

  allPending(): readonly Entry[] {
    return this.#deps.pending.of(this.#room).map(row => this.#messages.entry(row))
  }

  setHolding(holding: Holding): void {
    this.#deps.receipts.set(holding)
  }

  dropHolding(peer: PeerKey): void {
    this.#deps.receipts.drop(peer)
  }

  holdings(): readonly Holding[] {
    return this.#deps.receipts.all
  }

  prune(
    retention: Retention,
    keepFrom: (chain: ChainId) => number,
    count: number,
  ): ReadonlyMap<ChainId, number> {
    const bases = new Map<ChainId, number>()
    if (retention.since === undefined && this.#chains.bytes <= (retention.bytes ?? this.#chains.bytes)) {
      return bases
    }
    const chains = prunable(this.#chains.all(), keepFrom, row => this.#firstOf(row))
    const byNumber = new Map(chains.map(({ row }) => [row.number, row]))
    const doomed = choosePruned(chains, retention, this.#chains.bytes, count, (...part) =>
      this.#messages.from(...part),
    )
    for (const message of doomed) {
      const chain = byNumber.get(message.chain)
      if (chain === undefined) continue
      this.#delete(chain, message)
      bases.set(chainId(chain.author, chain.log), message.seq + 1)
    }
    if (doomed.length > 0) shrink(this.#deps.session, doomed.length)
    return bases
  }

  commit(): void {
    this.#deps.session.commit()
  }

  rollback(): void {
    this.#deps.session.rollback()
  }

  /** What is served must be what was written; otherwise the receiver takes this peer for a hostile one. */
  #verified(pieces: readonly StoredMessage[]): readonly StoredMessage[] {
    for (const { id, wire } of pieces) {
      if (this.#deps.crypto.sha256(wire) !== id) this.#deps.session.throwCorrupt(`message ${id}`)
    }
    return pieces
  }

  #firstOf(row: ChainRow): FirstMessage | undefined {
    if (row.first !== undefined) return row.first
    const [first] = this.#messages.from(row.number, 0, 1)
    row.first = first && { ...positionOf(first), seq: first.seq }
    return row.first
  }

  #checkPlace(row: ChainRow, seq: number, id: MessageId): void {
    if (this.#messages.at(row.number, seq).some(message => toHex(message.id) === id)) {
      throw new Error(`message ${id} is in the log already`)
    }
    const isBeside = [seq - 1, seq + 1].some(place => this.#messages.at(row.number, place).length > 0)
    if (seq > 0 && !isBeside) {
      throw new Error(`place ${seq} of a chain that goes on elsewhere`)
    }
  }

  #delete(chain: ChainRow, row: RowWithoutWire): void {
    const ref = this.#deps.amendments.refOf(row.number)
    this.#messages.delete(row.number)
    this.#deps.amendments.remove(row.number)
    this.#deps.search.remove(row)
    if (ref !== undefined) this.#deps.search.renew(this.#room, toHex(ref) as MessageId)
    this.#chains.change(chain, { count: chain.count - 1, bytes: chain.bytes - row.bytes, first: undefined })
  }
}
