/**
 * A room as its exchanges see it.
 */
import type { Crypto } from '../../protocol/crypto.ts'
import type { ChainHeads, Want } from '../../protocol/frontier.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import type { Greeting } from '../../protocol/sync-message.ts'
import type { Verdict } from '../events.ts'
import type { Piece, RangeLimit } from '../log.ts'
import type { SyncResult } from './accounting.ts'

export type { SyncResult } from './accounting.ts'

export interface SyncRoom extends Pick<Crypto, 'sha256'> {
  greeting(): Greeting
  /** True if there is something to ask this partner for that is missing before the beginnings of chains. */
  lacks(peer: PeerKey): boolean
  /** Sorted. */
  frontier(): readonly ChainHeads[]
  /** What to ask a partner for, given what it holds. `exchange` is told again with what comes. */
  wants(exchange: number, peer: PeerKey, theirs: readonly ChainHeads[]): Wanted
  /** The newest messages, ascending. */
  newest(count: number): readonly Uint8Array[]
  /** The next part of what a partner asked for. */
  part(want: Want, limit: RangeLimit): readonly Piece[]
  /** A message and those before it: the last ones of them. */
  upTo(id: MessageId, limit: RangeLimit): readonly Piece[]
  onGreeted(peer: PeerKey, beacon: Uint8Array): void
  onHolds(peer: PeerKey, chains: readonly ChainHeads[]): void
  onTail(exchange: number, peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  onSegment(exchange: number, peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  onEarlier(exchange: number, peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  /** True once others bring better what this exchange was to bring. */
  isGivenUp(exchange: number): boolean
  onEnded(exchange: number, peer: PeerKey, outcome: SyncResult): void
}

/**
 * Where chains are to go on from, how many of the newest messages of all are to come first, and which messages are
 * wanted with all that is before them.
 */
export interface Wanted {
  readonly wants: readonly Want[]
  readonly tail: number
  readonly earlier: readonly MessageId[]
}
