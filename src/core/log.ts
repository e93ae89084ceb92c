/**
 * The log as the core sees it: where accepted messages of one room are kept. Reads are synchronous, and see what
 * was appended at once; `commit` makes it durable. Nothing is shown, acknowledged or sent before its commit, so
 * a crash can only take back what nobody was told.
 */
import type { Envelope } from './envelope.ts'
import type { ChainId, LogId, MessageId } from './ids.ts'

/** How a stored message was proved: by its own signature, or by a later one of its chain. */
export type Proof = 'signature' | 'successor'

export interface Entry {
  readonly envelope: Envelope
  readonly proof: Proof
}

/** What one request for a part of a chain may return. */
export interface RangeLimit {
  readonly count: number
  readonly bytes: number
}

/** The log of one room. */
export interface RoomLog {
  /** Names this database: a restored copy gets another, and so another chain. */
  readonly logId: LogId

  has(id: MessageId): boolean
  get(id: MessageId): Entry | undefined

  /** All kept messages at one place of a chain: more than one if its author forked it. Ascending by id. */
  at(chain: ChainId, seq: number): readonly Entry[]

  /** A message that isn't there yet. Durable after `commit`. */
  append(entry: Entry): void

  /** Takes a message out again: a fork that smaller ids displaced. */
  remove(id: MessageId): void

  /** Every chain that has messages, in no particular order. */
  chains(): Iterable<ChainId>

  /** How many places of a chain are filled: one more than its highest `seq`; 0 if there is none. */
  length(chain: ChainId): number

  /**
   * Messages of a chain from `seq` on, ascending by place and id. The part ends with a place whose messages all have
   * their own signature as proof, so that the receiver can verify it alone: the last such place within the limit,
   * or the first one if that is beyond it. So parts don't grow from peer to peer. Empty if there is none.
   */
  range(chain: ChainId, seq: number, limit: RangeLimit): readonly Entry[]

  /** The last `count` messages by (ts, id), ascending. */
  latest(count: number): readonly Entry[]

  /** Bytes kept of one author, of all its chains. */
  bytesOf(author: string): number

  /** Makes everything appended or removed durable. Throws a `ParleyError` if the disk refuses. */
  commit(): void
}
