/**
 * The log as the core sees it: where the messages of one room are kept. Reads are synchronous, and see what
 * was written at once; `commit` makes it durable. Nothing is shown, acknowledged or sent before its commit, so
 * a crash can only take back what nobody was told. Where the disk refuses, any method may throw; `rollback` then
 * takes everything back to the last commit.
 */

import type { Envelope } from '../protocol/envelope.ts'
import type { Chain } from '../protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../protocol/ids.ts'
import type { AmendmentIndex, AmendmentQuery } from './messages/amendments.ts'

/** How a stored message was proved: by its own signature, or by a later one of its chain. */
export type Proof = 'signature' | 'successor'

export interface Entry {
  readonly envelope: Envelope
  readonly proof: Proof
}

/** A stored message as it travels. */
export interface Piece {
  readonly seq: number
  readonly id: MessageId
  readonly wire: Uint8Array
}

/** What one request for a part of a chain may return. */
export interface RangeLimit {
  readonly count: number
  readonly bytes: number
}

/** What says where a message stands. */
export type Place = Pick<Envelope, 'id' | 'author' | 'log' | 'seq'>

/** How far a peer is known to hold one of my chains: its first `length` places. */
export interface Holding {
  readonly chain: ChainId
  readonly peer: PeerKey
  readonly length: number
}

/** What of a room is kept; all of it where nothing is said. */
export interface Retention {
  /** Messages with an earlier `ts` go. Milliseconds since the epoch. */
  readonly since?: number
  /** While there are more bytes of messages, the earliest go. */
  readonly bytes?: number
}

/** The log of one room. */
export interface RoomLog extends AmendmentIndex {
  /** Names the chain that is written here: a restored copy gets another, and so another chain. */
  readonly logId: LogId

  /** Writes another chain from now on: somebody has messages of this one that were never written here. */
  renew(logId: LogId): void

  /** True if the message is kept in its chain. */
  has(id: MessageId): boolean

  /** The same, faster where its place is known. */
  holds(place: Place): boolean

  get(id: MessageId): Entry | undefined

  /** All kept messages at one place of a chain: more than one if its author forked it. Ascending by id. */
  at(chain: ChainId, seq: number): readonly Entry[]

  /**
   * A message that isn't there yet, at the place after its predecessor, at that before its successor, or at any place
   * of a chain that has nothing from there on: so a chain begins whose earlier messages nobody seems to have any more.
   */
  append(entry: Entry): void

  /** Takes a message out again: a fork that smaller ids displaced. */
  remove(id: MessageId): void

  /** Every chain as it was last saved, in no particular order. */
  chains(): Iterable<Chain>

  /** What is to be known of a chain beside its messages. One without heads is kept as long as it is closed. */
  save(chain: Chain): void

  /** How many places of a chain are used up: one more than its highest `seq`; 0 if it has no message. */
  length(chain: ChainId): number

  /**
   * Messages of a chain from `seq` on, ascending by place and id, up to the first empty place. The part ends with a
   * place whose messages all have their own signature as proof, so that the receiver can verify it alone: the last
   * such place within the limit, or the first one if that is beyond it. So parts don't grow from peer to peer. Empty
   * if there is none.
   */
  range(chain: ChainId, seq: number, limit: RangeLimit): readonly Piece[]

  /**
   * A message and those before it, each the predecessor of the next one, ascending: the last ones that are within the
   * limit, at least that message itself. Empty if it isn't kept.
   */
  upTo(id: MessageId, limit: RangeLimit): readonly Piece[]

  /** The lowest place of a chain from which on none is empty up to `seq`, which has a message. */
  start(chain: ChainId, seq: number): number

  /** The last `count` kept messages by (ts, id), ascending. Those put by aren't among them. */
  latest(count: number): readonly Entry[]

  /** True if any kept message amends this one, which needn't be here. Those put by don't count. */
  isReferredTo(ref: MessageId): boolean

  /** The kept messages that amend another one, in any order: those that are wanted. Those put by aren't among them. */
  references(wanted: AmendmentQuery): readonly Envelope[]

  /** Bytes of messages kept of one author, of all its chains. */
  bytesOf(author: PeerKey): number

  /** Keeps a message whose predecessor isn't here, until that comes. Nothing to do if it is put by already. */
  putBy(entry: Entry): void

  /** Drops a message that was put by; nothing to do if it wasn't. */
  dropPutBy(id: MessageId): void

  /** What is put by, the oldest first. */
  allPutBy(): readonly Entry[]

  /** Remembers how far a peer holds one of my chains. It becomes durable with some later commit: it can be had again. */
  setHolding(holding: Holding): void

  /** Forgets what a peer holds: too many are remembered. */
  dropHolding(peer: PeerKey): void

  /** What is remembered of that, those heard of longest ago first. */
  holdings(): readonly Holding[]

  /**
   * Removes messages that needn't be kept, from the beginnings of chains, at most `count` of them. The last
   * message of a chain stays, and everything from `keepFrom(chain)` on, so that it goes on and can be proved.
   * Returns the chains that now begin later, and where.
   */
  prune(
    retention: Retention,
    keepFrom: (chain: ChainId) => number,
    count: number,
  ): ReadonlyMap<ChainId, number>

  /** Makes everything written since the last commit durable. Throws a `ParleyError` if the disk refuses. */
  commit(): void

  /** Takes everything back that wasn't committed. */
  rollback(): void
}
