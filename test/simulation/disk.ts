/**
 * A virtual disk: the memory log, and beside it a record of every write, so that the disk can be put back to what it
 * was after any commit, as a restored backup would be. It can refuse to write. What it tells of itself (`kept`) comes
 * from the record and not from the log, so that the log is checked too.
 */

import { ParleyError } from '../../src/common/errors.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import type { Chain } from '../../src/protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../../src/protocol/ids.ts'
import type {
  ChainPosition,
  Entry,
  Holding,
  RangeLimit,
  Retention,
  RoomLog,
  StoredMessage,
} from '../../src/room/log.ts'
import type { AmendmentQuery } from '../../src/room/messages/amendments.ts'
import { MemoryLog } from '../support/memory-log/memory-log.ts'

/** One write, and what it does to the messages kept in chains. */
interface Write {
  readonly redo: (log: MemoryLog) => void
  readonly added?: Envelope
  readonly removed?: Envelope
}

/** Told of what goes in, and of what becomes durable. */
export interface DiskWatcher {
  onAppend(envelope: Envelope): void
  onCommit(added: readonly Envelope[], removed: readonly Envelope[]): void
}

export class Disk implements RoomLog {
  /** Messages in chains that survive a loss of power. */
  readonly kept = new Map<MessageId, Envelope>()
  refuses: 'nothing' | 'commit' | 'write' = 'nothing'
  readonly #watcher: DiskWatcher
  readonly #firstLogId: LogId
  #log: MemoryLog
  #commits: Write[][] = []
  #writes: Write[] = []

  constructor(logId: LogId, watcher: DiskWatcher) {
    this.#firstLogId = logId
    this.#watcher = watcher
    this.#log = new MemoryLog(logId)
  }

  get commits(): number {
    return this.#commits.length
  }

  /** Puts the disk back to what it was some commits ago. `logId`: the store noticed, and the log gets another name. */
  restore(commitsAgo: number, logId?: LogId): void {
    const left = Math.max(0, this.#commits.length - commitsAgo)
    this.#commits = this.#commits.slice(0, left)
    this.#writes = []
    this.reopen()
    if (logId === undefined) return
    this.startNewChain(logId)
    this.commit()
  }

  /** Reads all of it again, as a new process does: nothing that was only in memory is left. */
  reopen(): void {
    this.#log = this.read()
    this.#writes = []
    this.kept.clear()
    for (const write of this.#commits.flat()) this.#note(write)
  }

  /** A log of its own with all that survives a loss of power. */
  read(): MemoryLog {
    const log = new MemoryLog(this.#firstLogId)
    for (const write of this.#commits.flat()) write.redo(log)
    log.commit()
    return log
  }

  get logId(): LogId {
    return this.#log.logId
  }

  startNewChain(logId: LogId): void {
    this.#write({ redo: log => log.startNewChain(logId) })
  }

  has(id: MessageId): boolean {
    return this.#log.has(id)
  }

  holds(place: ChainPosition): boolean {
    return this.#log.holds(place)
  }

  get(id: MessageId): Entry | undefined {
    return this.#log.get(id)
  }

  at(chain: ChainId, seq: number): readonly Entry[] {
    return this.#log.at(chain, seq)
  }

  append(entry: Entry): void {
    this.#write({ redo: log => log.append(entry), added: entry.envelope })
    this.#watcher.onAppend(entry.envelope)
  }

  remove(id: MessageId): void {
    const envelope = this.#log.get(id)?.envelope
    this.#write({ redo: log => log.remove(id), ...(envelope !== undefined && { removed: envelope }) })
  }

  chains(): Iterable<Chain> {
    return this.#log.chains()
  }

  save(chain: Chain): void {
    this.#write({ redo: log => log.save(chain) })
  }

  length(chain: ChainId): number {
    return this.#log.length(chain)
  }

  range(chain: ChainId, seq: number, limit: RangeLimit): readonly StoredMessage[] {
    return this.#log.range(chain, seq, limit)
  }

  backFrom(id: MessageId, limit: RangeLimit): readonly StoredMessage[] {
    return this.#log.backFrom(id, limit)
  }

  contiguousFrom(chain: ChainId, seq: number): number {
    return this.#log.contiguousFrom(chain, seq)
  }

  latest(count: number): readonly Entry[] {
    return this.#log.latest(count)
  }

  isAmended(ref: MessageId): boolean {
    return this.#log.isAmended(ref)
  }

  amendmentsOf(wanted: AmendmentQuery): readonly Envelope[] {
    return this.#log.amendmentsOf(wanted)
  }

  bytesOf(author: PeerKey): number {
    return this.#log.bytesOf(author)
  }

  storePending(entry: Entry): void {
    this.#write({ redo: log => log.storePending(entry) })
    this.#watcher.onAppend(entry.envelope)
  }

  dropPending(id: MessageId): void {
    this.#write({ redo: log => log.dropPending(id) })
  }

  allPending(): readonly Entry[] {
    return this.#log.allPending()
  }

  setHolding(holding: Holding): void {
    this.#write({ redo: log => log.setHolding(holding) })
  }

  dropHolding(peer: PeerKey): void {
    this.#write({ redo: log => log.dropHolding(peer) })
  }

  holdings(): readonly Holding[] {
    return this.#log.holdings()
  }

  prune(
    retention: Retention,
    keepFrom: (chain: ChainId) => number,
    count: number,
  ): ReadonlyMap<ChainId, number> {
    const from = new Map<ChainId, number>()
    const asked = (chain: ChainId): number => {
      const seq = keepFrom(chain)
      from.set(chain, seq)
      return seq
    }
    const before = this.#log.latest(Number.MAX_SAFE_INTEGER)
    this.#mayWrite()
    const bases = this.#log.prune(retention, asked, count)
    this.#writes.push({
      redo: log => log.prune(retention, chain => from.get(chain) ?? 0, count),
    })
    for (const { envelope } of before) {
      if (!this.#log.has(envelope.id)) this.#writes.push({ redo: () => {}, removed: envelope })
    }
    return bases
  }

  commit(): void {
    if (this.#writes.length === 0) return
    if (this.refuses !== 'nothing') throw new DiskFull()
    this.#log.commit()
    const writes = this.#writes
    this.#commits.push(writes)
    this.#writes = []
    for (const write of writes) this.#note(write)
    this.#watcher.onCommit(
      writes.flatMap(({ added }) => added ?? []),
      writes.flatMap(({ removed }) => (removed !== undefined && !this.kept.has(removed.id) ? removed : [])),
    )
  }

  rollback(): void {
    this.#log.rollback()
    this.#writes = []
  }

  #write(write: Write): void {
    this.#mayWrite()
    write.redo(this.#log)
    this.#writes.push(write)
  }

  #mayWrite(): void {
    if (this.refuses === 'write') throw new DiskFull()
  }

  #note({ added, removed }: Write): void {
    if (added !== undefined) this.kept.set(added.id, added)
    if (removed !== undefined) this.kept.delete(removed.id)
  }
}

/** What a full disk says. */
export class DiskFull extends ParleyError {
  constructor() {
    super('disk-full', 'the virtual disk is full', 'Wait until it is not.')
  }
}
