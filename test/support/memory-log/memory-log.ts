/**
 * The log in memory: the twin of the log on disk, for tests. It keeps the same promises but one: what was
 * committed outlives a rollback, and not the process.
 */
import { amendmentIn } from '../../../src/protocol/content.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { compare } from '../../../src/protocol/envelope.ts'
import type { Chain } from '../../../src/protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../../../src/protocol/ids.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import type {
  ChainPosition,
  Entry,
  Holding,
  RangeLimit,
  Retention,
  RoomLog,
  StoredMessage,
} from '../../../src/room/log.ts'
import type { AmendmentQuery } from '../../../src/room/messages/amendments.ts'

export class MemoryLog implements RoomLog {
  #logId: LogId
  #committedLogId: LogId
  readonly #entries = new UndoMap<MessageId, Entry>()
  readonly #places = new UndoMap<string, readonly Entry[]>()
  readonly #lengths = new UndoMap<ChainId, number>()
  /** By what they amend. */
  readonly #amending = new UndoMap<MessageId, readonly Envelope[]>()
  readonly #bytes = new UndoMap<PeerKey, number>()
  readonly #chains = new UndoMap<ChainId, Chain>()
  readonly #putBy = new UndoMap<MessageId, Entry>()
  readonly #holdings = new UndoMap<string, Holding>()

  constructor(logId: LogId) {
    this.#logId = logId
    this.#committedLogId = logId
  }

  get logId(): LogId {
    return this.#logId
  }

  startNewChain(logId: LogId): void {
    this.#logId = logId
  }

  has(id: MessageId): boolean {
    return this.#entries.has(id)
  }

  holds({ id }: ChainPosition): boolean {
    return this.#entries.has(id)
  }

  get(id: MessageId): Entry | undefined {
    return this.#entries.get(id)
  }

  at(chain: ChainId, seq: number): readonly Entry[] {
    return this.#places.get(placeOf(chain, seq)) ?? []
  }

  append(entry: Entry): void {
    const kept = { envelope: compact(entry.envelope), proof: entry.proof }
    const { author, log, seq, id, wire } = kept.envelope
    const chain = chainId(author, log)
    if (this.#entries.has(id)) throw new Error(`message ${id} is in the log already`)
    const isBelow = seq > 0 && seq < this.length(chain) && this.at(chain, seq - 1).length === 0
    if (isBelow && this.at(chain, seq + 1).length === 0)
      throw new Error(`place ${seq} of a chain that goes on elsewhere`)
    const place = [...this.at(chain, seq), kept].sort((a, b) => (a.envelope.id < b.envelope.id ? -1 : 1))
    this.#places.set(placeOf(chain, seq), place)
    this.#lengths.set(chain, Math.max(this.length(chain), seq + 1))
    this.#entries.set(id, kept)
    const ref = amendmentIn(kept.envelope)?.ref
    if (ref !== undefined) this.#amending.set(ref, [...(this.#amending.get(ref) ?? []), kept.envelope])
    this.#bytes.set(author, this.bytesOf(author) + wire.length)
  }

  remove(id: MessageId): void {
    const envelope = this.#entries.get(id)?.envelope
    if (envelope === undefined) return
    const { author, log, seq, wire } = envelope
    const chain = chainId(author, log)
    this.#entries.delete(id)
    this.#forgetAmending(envelope)
    const left = this.at(chain, seq).filter(entry => entry.envelope.id !== id)
    if (left.length > 0) this.#places.set(placeOf(chain, seq), left)
    else this.#places.delete(placeOf(chain, seq))
    this.#shorten(chain)
    const bytes = this.bytesOf(author) - wire.length
    if (bytes > 0) this.#bytes.set(author, bytes)
    else this.#bytes.delete(author)
  }

  chains(): Iterable<Chain> {
    return [...this.#chains.values()]
  }

  save(chain: Chain): void {
    const id = chainId(chain.author, chain.log)
    if (chain.heads.length === 0 && chain.closedAt === undefined) this.#chains.delete(id)
    else this.#chains.set(id, chain)
  }

  length(chain: ChainId): number {
    return this.#lengths.get(chain) ?? 0
  }

  range(chain: ChainId, seq: number, limit: RangeLimit): readonly StoredMessage[] {
    return partFrom(place => this.at(chain, place), seq, limit)
  }

  backFrom(id: MessageId, limit: RangeLimit): readonly StoredMessage[] {
    return partUpTo(name => this.get(name), id, limit)
  }

  contiguousFrom(chain: ChainId, seq: number): number {
    let start = seq
    while (start > 0 && this.at(chain, start - 1).length > 0) start--
    return start
  }

  /** Sorted when asked for: keeping the order would make each message with an old time move all later ones. */
  latest(count: number): readonly Entry[] {
    const all = [...this.#entries.values()].sort((a, b) => compare(a.envelope, b.envelope))
    return all.slice(Math.max(0, all.length - count))
  }

  isAmended(ref: MessageId): boolean {
    return this.#amending.has(ref)
  }

  amendmentsOf({ ref, kind, author, count }: AmendmentQuery): readonly Envelope[] {
    const all = this.#amending.get(ref) ?? []
    const wanted = all.filter(one => one.kind === kind && (author ?? one.author) === one.author)
    const byAuthor = Map.groupBy(wanted.toSorted(compare), one => one.author)
    return [...byAuthor.values()].flatMap(own => own.slice(-count))
  }

  bytesOf(author: PeerKey): number {
    return this.#bytes.get(author) ?? 0
  }

  storePending(entry: Entry): void {
    if (!this.#putBy.has(entry.envelope.id)) this.#putBy.set(entry.envelope.id, entry)
  }

  dropPending(id: MessageId): void {
    this.#putBy.delete(id)
  }

  allPending(): readonly Entry[] {
    return [...this.#putBy.values()]
  }

  setHolding(holding: Holding): void {
    const name = `${holding.chain} ${holding.peer}`
    this.#holdings.delete(name)
    this.#holdings.set(name, holding)
  }

  dropHolding(peer: PeerKey): void {
    for (const [name, holding] of [...this.#holdings]) if (holding.peer === peer) this.#holdings.delete(name)
  }

  holdings(): readonly Holding[] {
    return [...this.#holdings.values()]
  }

  prune(
    retention: Retention,
    keepFrom: (chain: ChainId) => number,
    count: number,
  ): ReadonlyMap<ChainId, number> {
    const gone = prunable([...this.#entries.values()], retention, envelope => {
      const chain = chainId(envelope.author, envelope.log)
      const forkedAt = this.#chains.get(chain)?.forkedAt ?? Number.POSITIVE_INFINITY
      return envelope.seq < Math.min(this.length(chain) - 1, forkedAt, keepFrom(chain))
    })
    const bases = new Map<ChainId, number>()
    for (const { id, author, log, seq } of gone.slice(0, count)) {
      this.remove(id)
      bases.set(chainId(author, log), seq + 1)
    }
    return bases
  }

  commit(): void {
    for (const map of this.#maps) map.commit()
    this.#committedLogId = this.#logId
  }

  rollback(): void {
    for (const map of this.#maps) map.rollback()
    this.#logId = this.#committedLogId
  }

  get #maps() {
    return [
      this.#entries,
      this.#places,
      this.#lengths,
      this.#amending,
      this.#bytes,
      this.#chains,
      this.#putBy,
      this.#holdings,
    ]
  }

  #forgetAmending(envelope: Envelope): void {
    const ref = amendmentIn(envelope)?.ref
    if (ref === undefined) return
    const left = (this.#amending.get(ref) ?? []).filter(one => one.id !== envelope.id)
    if (left.length > 0) this.#amending.set(ref, left)
    else this.#amending.delete(ref)
  }

  #shorten(chain: ChainId): void {
    let length = this.length(chain)
    while (length > 0 && this.at(chain, length - 1).length === 0) length--
    if (length === 0) this.#lengths.delete(chain)
    else this.#lengths.set(chain, length)
  }
}

function placeOf(chain: ChainId, seq: number): string {
  return `${chain}/${seq}`
}

/** The message without what it shares with the network's buffers, which are much larger than it. */
function compact(envelope: Envelope): Envelope {
  const { wire } = envelope
  return wire.length === wire.buffer.byteLength ? envelope : { ...envelope, wire: new Uint8Array(wire) }
}

// Parts of a chain as they are handed out, when all messages are at hand: see `RoomLog.range` and `RoomLog.upTo`.

/** The part that begins at a place. */
function partFrom(
  at: (seq: number) => readonly Entry[],
  seq: number,
  limit: RangeLimit,
): readonly StoredMessage[] {
  const out: StoredMessage[] = []
  let proved = 0
  let bytes = 0
  for (let place = seq; ; place++) {
    const entries = at(place)
    if (entries.length === 0) break
    bytes += entries.reduce((sum, entry) => sum + entry.envelope.wire.length, 0)
    const isFull = out.length + entries.length > limit.count || bytes > limit.bytes
    if (isFull && proved > 0) break
    out.push(...entries.map(pieceOf))
    if (entries.every(entry => entry.proof === 'signature')) proved = out.length
  }
  return out.slice(0, proved)
}

/** The part that ends with a message. */
function partUpTo(
  get: (id: MessageId) => Entry | undefined,
  id: MessageId,
  limit: RangeLimit,
): readonly StoredMessage[] {
  const out: StoredMessage[] = []
  let bytes = 0
  for (let wanted: MessageId | null = id; wanted !== null; ) {
    const entry = get(wanted)
    if (entry === undefined) break
    bytes += entry.envelope.wire.length
    if (out.length > 0 && (out.length === limit.count || bytes > limit.bytes)) break
    out.push(pieceOf(entry))
    wanted = entry.envelope.prev
  }
  return out.reverse()
}

function pieceOf({ envelope: { seq, id, wire } }: Entry): StoredMessage {
  return { seq, id, wire }
}

// Which messages a retention lets go, when all are at hand.

/**
 * Of messages in their order those that may go, the earliest first. A chain loses its beginning only: in the order
 * of time a message never comes before its predecessor, so the first of a chain that must stay keeps all later ones.
 */
function prunable(
  entries: readonly Entry[],
  { since = 0, bytes = Number.POSITIVE_INFINITY }: Retention,
  mayGo: (envelope: Envelope) => boolean,
): readonly Envelope[] {
  let kept = entries.reduce((sum, { envelope }) => sum + envelope.wire.length, 0)
  const chains = Map.groupBy(entries.map(entry => entry.envelope).filter(mayGo), ({ author, log }) =>
    chainId(author, log),
  )
  // a chain loses its messages in the order of their places, whatever their times
  const fronts = [...chains.values()].map(chain => chain.sort((a, b) => b.seq - a.seq))
  const gone: Envelope[] = []
  for (;;) {
    const firsts = fronts.flatMap(chain => chain.at(-1) ?? [])
    const [earliest] = firsts.sort(compare)
    if (earliest === undefined || (earliest.ts >= since && kept <= bytes)) return gone
    gone.push(earliest)
    kept -= earliest.wire.length
    fronts.find(chain => chain.at(-1) === earliest)?.pop()
  }
}

// A map that can take back what was changed since its last commit.

class UndoMap<Key, Value> implements Iterable<[Key, Value]> {
  #map = new Map<Key, Value>()
  /** The whole map as it was committed, once something was deleted: order can't be had back otherwise. */
  #before: Map<Key, Value> | undefined
  /** Keys that were added, or changed from a value, since the last commit. */
  readonly #changed = new Map<Key, { readonly was: Value } | 'absent'>()

  has(key: Key): boolean {
    return this.#map.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  set(key: Key, value: Value): void {
    if (this.#before === undefined && !this.#changed.has(key)) {
      const was = this.#map.get(key)
      this.#changed.set(key, was === undefined ? 'absent' : { was })
    }
    this.#map.set(key, value)
  }

  delete(key: Key): void {
    if (!this.#map.has(key)) return
    if (this.#before === undefined) {
      this.#before = this.#committed()
    }
    this.#map.delete(key)
  }

  values(): Iterable<Value> {
    return this.#map.values()
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return this.#map[Symbol.iterator]()
  }

  commit(): void {
    this.#before = undefined
    this.#changed.clear()
  }

  rollback(): void {
    this.#map = this.#committed()
    this.commit()
  }

  #committed(): Map<Key, Value> {
    if (this.#before !== undefined) return this.#before
    if (this.#changed.size === 0) return new Map(this.#map)
    const committed = new Map<Key, Value>()
    for (const [key, value] of this.#map) {
      const change = this.#changed.get(key)
      if (change === undefined) committed.set(key, value)
      else if (change !== 'absent') committed.set(key, change.was)
    }
    return committed
  }
}
