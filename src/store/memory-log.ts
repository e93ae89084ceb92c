/**
 * The log in memory: the twin of the log on disk, for tests and for as long as nothing has to survive the
 * process. It keeps the same promises but one: `commit` makes nothing durable.
 */
import type { Envelope } from '../core/envelope.ts'
import type { ChainId, LogId, MessageId } from '../core/ids.ts'
import { chainId } from '../core/ids.ts'
import type { Entry, RangeLimit, RoomLog } from '../core/log.ts'
import { compare } from '../core/order.ts'

export class MemoryLog implements RoomLog {
  readonly logId: LogId
  readonly #entries = new Map<MessageId, Entry>()
  readonly #places = new Map<ChainId, Entry[][]>()
  readonly #bytes = new Map<string, number>()
  /** By (ts, id) ascending. Almost every message is the newest, so it is appended; others are inserted. */
  readonly #ordered: Envelope[] = []

  constructor(logId: LogId) {
    this.logId = logId
  }

  has(id: MessageId): boolean {
    return this.#entries.has(id)
  }

  get(id: MessageId): Entry | undefined {
    return this.#entries.get(id)
  }

  at(chain: ChainId, seq: number): readonly Entry[] {
    return this.#places.get(chain)?.[seq] ?? []
  }

  append(entry: Entry): void {
    const kept = { envelope: compact(entry.envelope), proof: entry.proof }
    const { envelope } = kept
    if (this.#entries.has(envelope.id)) throw new Error(`message ${envelope.id} is in the log already`)
    this.#entries.set(envelope.id, kept)
    this.#place(envelope).push(kept)
    this.#place(envelope).sort((a, b) => (a.envelope.id < b.envelope.id ? -1 : 1))
    this.#ordered.splice(this.#position(envelope), 0, envelope)
    this.#bytes.set(envelope.author, this.bytesOf(envelope.author) + envelope.wire.length)
  }

  remove(id: MessageId): void {
    const envelope = this.#entries.get(id)?.envelope
    if (envelope === undefined) return
    this.#entries.delete(id)
    const place = this.#place(envelope)
    place.splice(
      place.findIndex(entry => entry.envelope.id === id),
      1,
    )
    this.#trim(chainId(envelope.author, envelope.log))
    this.#ordered.splice(this.#position(envelope) - 1, 1)
    this.#bytes.set(envelope.author, this.bytesOf(envelope.author) - envelope.wire.length)
  }

  chains(): Iterable<ChainId> {
    return this.#places.keys()
  }

  length(chain: ChainId): number {
    return this.#places.get(chain)?.length ?? 0
  }

  range(chain: ChainId, seq: number, limit: RangeLimit): readonly Entry[] {
    const places = this.#places.get(chain) ?? []
    const out: Entry[] = []
    let bytes = 0
    for (let place = seq; place < places.length; place++) {
      const entries = places[place] ?? []
      bytes += entries.reduce((sum, entry) => sum + entry.envelope.wire.length, 0)
      const full = out.length + entries.length > limit.count || bytes > limit.bytes
      // a part ends at a message that proves the ones before it
      if (full && out.at(-1)?.proof === 'signature') return out
      out.push(...entries)
    }
    return out
  }

  latest(count: number): readonly Entry[] {
    const tail = this.#ordered.slice(Math.max(0, this.#ordered.length - count))
    return tail.flatMap(envelope => this.#entries.get(envelope.id) ?? [])
  }

  bytesOf(author: string): number {
    return this.#bytes.get(author) ?? 0
  }

  commit(): void {}

  #place(envelope: Envelope): Entry[] {
    const chain = chainId(envelope.author, envelope.log)
    let places = this.#places.get(chain)
    if (places === undefined) {
      places = []
      this.#places.set(chain, places)
    }
    const place = places[envelope.seq]
    if (place !== undefined) return place
    if (envelope.seq !== places.length)
      throw new Error(`place ${envelope.seq} of a chain of ${places.length}`)
    const fresh: Entry[] = []
    places.push(fresh)
    return fresh
  }

  /** Drops the empty places at a chain's end. */
  #trim(chain: ChainId): void {
    const places = this.#places.get(chain)
    while (places?.at(-1)?.length === 0) places.pop()
    if (places?.length === 0) this.#places.delete(chain)
  }

  /** Where a message stands among the ordered ones: after all that aren't later. */
  #position(envelope: Envelope): number {
    const all = this.#ordered
    const last = all.at(-1)
    if (last === undefined || compare(last, envelope) < 0) return all.length
    let low = 0
    let high = all.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = all[middle]
      if (at !== undefined && compare(at, envelope) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The message without what it shares with the network's buffers, which are much larger than it. */
function compact(envelope: Envelope): Envelope {
  return { ...envelope, wire: envelope.wire.slice() }
}
