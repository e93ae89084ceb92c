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
  readonly #places = new Map<ChainId, (readonly Entry[])[]>()
  readonly #bytes = new Map<string, number>()

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
    this.#place(kept)
    this.#entries.set(envelope.id, kept)
    this.#bytes.set(envelope.author, this.bytesOf(envelope.author) + envelope.wire.length)
  }

  remove(id: MessageId): void {
    const envelope = this.#entries.get(id)?.envelope
    if (envelope === undefined) return
    const chain = chainId(envelope.author, envelope.log)
    const places = this.#places.get(chain) ?? []
    this.#entries.delete(id)
    places[envelope.seq] = this.at(chain, envelope.seq).filter(entry => entry.envelope.id !== id)
    while (places.at(-1)?.length === 0) places.pop()
    if (places.length === 0) this.#places.delete(chain)
    this.#bytes.set(envelope.author, this.bytesOf(envelope.author) - envelope.wire.length)
    if (this.bytesOf(envelope.author) === 0) this.#bytes.delete(envelope.author)
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
    let proved = 0
    let bytes = 0
    for (let place = seq; place < places.length; place++) {
      const entries = places[place] ?? []
      bytes += entries.reduce((sum, entry) => sum + entry.envelope.wire.length, 0)
      const isFull = out.length + entries.length > limit.count || bytes > limit.bytes
      if (isFull && proved > 0) break
      out.push(...entries)
      if (entries.every(entry => entry.proof === 'signature')) proved = out.length
    }
    return out.slice(0, proved)
  }

  /** Sorted when asked for: keeping the order would make each message with an old time move all later ones. */
  latest(count: number): readonly Entry[] {
    const all = [...this.#entries.values()].sort((a, b) => compare(a.envelope, b.envelope))
    return all.slice(Math.max(0, all.length - count))
  }

  bytesOf(author: string): number {
    return this.#bytes.get(author) ?? 0
  }

  commit(): void {}

  /** Puts an entry where it belongs. Places are replaced and never changed, so that what `at` gave stays. */
  #place(entry: Entry): void {
    const { author, log, seq } = entry.envelope
    const chain = chainId(author, log)
    const length = this.length(chain)
    if (seq > length) throw new Error(`place ${seq} of a chain of ${length}`)
    const place = [...this.at(chain, seq), entry].sort((a, b) => compareIds(a, b))
    const places = this.#places.get(chain)
    if (places === undefined) this.#places.set(chain, [place])
    else places[seq] = place
  }
}

function compareIds(a: Entry, b: Entry): number {
  return a.envelope.id < b.envelope.id ? -1 : 1
}

/** The message without what it shares with the network's buffers, which are much larger than it. */
function compact(envelope: Envelope): Envelope {
  const { wire } = envelope
  return wire.length === wire.buffer.byteLength ? envelope : { ...envelope, wire: new Uint8Array(wire) }
}
