/**
 * A room as its sync sessions see it.
 */
import type { Crypto } from '../../protocol/crypto.ts'
import type { ChainHeads, Want } from '../../protocol/frontier.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import type { Greeting } from '../../protocol/sync-message.ts'
import type { Verdict } from '../events.ts'
import type { RangeLimit, StoredMessage } from '../log.ts'
import type { SyncResult } from './accounting.ts'

export type { SyncResult } from './accounting.ts'

export interface SyncRoom extends Pick<Crypto, 'sha256'> {
  greeting(): Greeting
  /** True if this partner could be asked for a missing prefix. */
  canBackfillFrom(peer: PeerKey): boolean
  /** Sorted. */
  frontier(): readonly ChainHeads[]
  /** What to request from a partner, given its frontier. `exchange` is given again with what arrives. */
  wants(exchange: number, peer: PeerKey, theirs: readonly ChainHeads[]): Request
  /** The newest messages, ascending. */
  newest(count: number): readonly Uint8Array[]
  /** The next part of what a partner requested. */
  chainPart(want: Want, limit: RangeLimit): readonly StoredMessage[]
  /** A message and its predecessors, the last ones first to be kept within the limit. */
  backFrom(id: MessageId, limit: RangeLimit): readonly StoredMessage[]
  onGreeting(peer: PeerKey, beacon: Uint8Array): void
  onHolds(peer: PeerKey, chains: readonly ChainHeads[]): void
  onTail(exchange: number, peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  onSegment(exchange: number, peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  onEarlier(exchange: number, peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  /** True once others deliver better what this session should deliver. */
  isReassigned(exchange: number): boolean
  onEnded(exchange: number, peer: PeerKey, outcome: SyncResult): void
}

/**
 * The places from which to continue chains, how many of the newest messages should come first, and the
 * messages that are wanted with their predecessors.
 */
export interface Request {
  readonly wants: readonly Want[]
  readonly tail: number
  readonly earlier: readonly MessageId[]
}
