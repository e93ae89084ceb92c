/**
 * The log of one room, as the core sees it. Reads are synchronous and see earlier writes at once; `commit`
 * makes writes durable. Nothing is shown, acknowledged or sent before its commit, so a crash takes back only
 * what nobody was told. Any method may throw if the disk fails; `rollback` then restores the last commit.
 */

import type { Envelope } from '../protocol/envelope.ts'
import type { Chain } from '../protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../protocol/ids.ts'
import type { AmendmentIndex, AmendmentQuery } from './messages/amendments.ts'

/** How a stored message was proved: by its own signature, or by that of a successor. */
export type Proof = 'signature' | 'successor'

export interface Entry {
  readonly envelope: Envelope
  readonly proof: Proof
}

/** A stored message in its wire form. */
export interface StoredMessage {
  readonly seq: number
  readonly id: MessageId
  readonly wire: Uint8Array
}

/** How much one read of a chain may return. */
export interface RangeLimit {
  readonly count: number
  readonly bytes: number
}

/** The position of a message. */
export type ChainPosition = Pick<Envelope, 'id' | 'author' | 'log' | 'seq'>

/** How many places of an own chain a peer is known to hold: the first `length`. */
export interface Holding {
  readonly chain: ChainId
  readonly peer: PeerKey
  readonly length: number
}

/** Which messages of a room to keep; all of them if no limit is set. */
export interface Retention {
  /** Delete messages with an earlier `ts`. Milliseconds since the epoch. */
  readonly since?: number
  /** Delete the earliest messages while the room has more bytes than this. */
  readonly bytes?: number
}

/** The log of one room. */
export interface RoomLog extends AmendmentIndex {
  /** The log id of the chain that is written here. A restored copy gets another one, and so another chain. */
  readonly logId: LogId

  /**
   * Writes another chain from now on, because someone holds messages of this one that were never written
   * here.
   */
  startNewChain(logId: LogId): void

  /** True if the message is stored in its chain. */
  has(id: MessageId): boolean

  /** The same as `has`, and faster if the position is known. */
  holds(place: ChainPosition): boolean

  get(id: MessageId): Entry | undefined

  /** All stored messages at one place of a chain, ascending by id: more than one if the author forked it. */
  at(chain: ChainId, seq: number): readonly Entry[]

  /**
   * Appends a message that isn't stored yet: after its predecessor, before its successor, or at any place of
   * a chain that has nothing from there on. The last case starts a chain whose earlier messages nobody seems
   * to have.
   */
  append(entry: Entry): void

  /** Removes a message: smaller ids of a fork displaced it. */
  remove(id: MessageId): void

  /** Every chain as last saved, in no particular order. */
  chains(): Iterable<Chain>

  /** Saves a chain's state beside its messages. A chain without heads is kept while it is closed. */
  save(chain: Chain): void

  /** How many places of a chain are used: its highest `seq` plus one; 0 if it has no message. */
  length(chain: ChainId): number

  /**
   * Messages of a chain from `seq` on, ascending by place and id, up to the first empty place. The result
   * ends with a place whose messages all have a signature as proof, so that the receiver can verify it alone:
   * the last such place within the limit, or the first one if it lies beyond the limit. So parts don't grow
   * from peer to peer. Empty if there is none.
   */
  range(chain: ChainId, seq: number, limit: RangeLimit): readonly StoredMessage[]

  /**
   * A message and its predecessors, ascending: as many as the limit allows, and at least the message itself.
   * Empty if it isn't stored.
   */
  backFrom(id: MessageId, limit: RangeLimit): readonly StoredMessage[]

  /** The lowest place of a chain from which no place is empty up to `seq`, which has a message. */
  contiguousFrom(chain: ChainId, seq: number): number

  /** The last `count` stored messages by (ts, id), ascending, without pending ones. */
  latest(count: number): readonly Entry[]

  /**
   * True if a stored message amends this one, which need not be stored itself. Pending messages don't count.
   */
  isAmended(ref: MessageId): boolean

  /** The stored messages that amend a message, in any order, without pending ones. */
  amendmentsOf(wanted: AmendmentQuery): readonly Envelope[]

  /** Stored bytes of one author, over all its chains. */
  bytesOf(author: PeerKey): number

  /** Stores a pending message, whose predecessor is missing. No effect if it is stored already. */
  storePending(entry: Entry): void

  /** Deletes a pending message; no effect if it isn't stored. */
  dropPending(id: MessageId): void

  /** All stored pending messages, oldest first. */
  allPending(): readonly Entry[]

  /** Remembers how far a peer holds an own chain. A later commit makes it durable; losing it is harmless. */
  setHolding(holding: Holding): void

  /** Forgets what a peer holds, because too many peers are remembered. */
  dropHolding(peer: PeerKey): void

  /** What is remembered of peers' holdings, least recently heard first. */
  holdings(): readonly Holding[]

  /**
   * Deletes messages from the start of chains, at most `count`. The last message of a chain stays, and so
   * does everything from `keepFrom(chain)` on, so that the chain can continue and be proved. Returns the
   * chains whose base moved, with the new base.
   */
  prune(
    retention: Retention,
    keepFrom: (chain: ChainId) => number,
    count: number,
  ): ReadonlyMap<ChainId, number>

  /** Makes all writes since the last commit durable. Throws a `ParleyError` if the disk fails. */
  commit(): void

  /** Takes back all writes since the last commit. */
  rollback(): void
}
