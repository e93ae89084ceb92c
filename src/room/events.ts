/**
 * What a room is told and what it asks for in return: the two sides of its only door.
 */
import type { Amendment, Said } from '../protocol/content.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { ChainHeads } from '../protocol/frontier.ts'
import type { MessageId, PeerKey } from '../protocol/ids.ts'
import type { Retention } from './log.ts'
import type { MessageState } from './messages/amendments.ts'
import type { MemberChange } from './presence/members.ts'
import type { ProgressNotice, SyncResult } from './sync/accounting.ts'

export type RoomEvent =
  /** The room is opened for someone to look at: its newest messages are shown. */
  | { readonly kind: 'opened'; readonly backlog: number }
  /** The user says something, whose size was checked. `replyTo`: in answer to that message; then `act` is a text. */
  | {
      readonly kind: 'say'
      readonly act: 'text' | 'action' | 'code'
      readonly text: string
      readonly replyTo?: MessageId
    }
  /** The user changes something said: whether he may, and the size, were checked. */
  | { readonly kind: 'amend'; readonly change: Change }
  | { readonly kind: 'rename'; readonly name: string }
  /** Where this peer can be dialled now: multiaddrs in binary form, hex. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** A gossip payload came over the link to `from`. Answered by exactly one `verdict`. */
  | { readonly kind: 'frame'; readonly from: PeerKey; readonly payload: Uint8Array }
  /** A sync partner introduced itself. */
  | { readonly kind: 'greeted'; readonly from: PeerKey; readonly beacon: Uint8Array }
  /** A sync partner said what it holds. */
  | { readonly kind: 'holds'; readonly from: PeerKey; readonly chains: readonly ChainHeads[] }
  /**
   * A sync partner sent messages of one chain, or its newest ones, or what was missing before a chain, as it was asked. `exchange` is the number that the
   * exchange had when it asked for its `wants`. Answered by exactly one `verdict`.
   */
  | {
      readonly kind: 'segment' | 'tail' | 'earlier'
      readonly from: PeerKey
      readonly exchange: number
      readonly wires: readonly Uint8Array[]
    }
  /** An exchange with a partner ended, well or not. */
  | {
      readonly kind: 'synced'
      readonly from: PeerKey
      readonly exchange: number
      readonly outcome: SyncResult
    }
  /** A peer is connected again, of which rooms isn't known yet. */
  | { readonly kind: 'reached'; readonly peer: PeerKey }
  | { readonly kind: 'linked'; readonly peer: PeerKey }
  | { readonly kind: 'unlinked'; readonly peer: PeerKey }
  | { readonly kind: 'unsubscribed'; readonly peer: PeerKey }
  /** The turn of the loop is over: what was said may leave. Also: time has passed. */
  | { readonly kind: 'tick' }
  /** What isn't covered by this needn't be kept: one step of pruning. Answered by a `pruned`. */
  | { readonly kind: 'retain'; readonly retention: Retention }
  | { readonly kind: 'leave' }

/** What a user does to a message, of his own or, for a reaction, of anybody's. */
export type Change = { readonly ref: MessageId } & (
  | { readonly kind: 'edit'; readonly newText: string }
  | { readonly kind: 'deletion' }
  | { readonly kind: 'reaction'; readonly emoji: string; readonly isOn: boolean }
)

/** What becomes of a gossip payload. `keep`: it was accepted, and everyone hears it from its author: it isn't passed on. */
export type Verdict = 'accept' | 'keep' | 'ignore' | 'reject'

export type RoomEffect =
  | { readonly kind: 'publish'; readonly payload: Uint8Array }
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly reason: string }
  /** Exchange frontiers with this peer. */
  | { readonly kind: 'sync'; readonly peer: PeerKey }
  /** This link misbehaved so often that it should be cut. */
  | { readonly kind: 'expel'; readonly peer: PeerKey; readonly reason: string }
  /** A member says where it can be dialled: multiaddrs in binary form, hex. */
  | { readonly kind: 'located'; readonly peer: PeerKey; readonly addresses: readonly string[] }
  /** How many chains lost their beginning in this step; 0 when there is nothing left to prune. */
  | { readonly kind: 'pruned'; readonly chains: number }
  | { readonly kind: 'show'; readonly notice: RoomNotice }

/** A message and what became of it. */
export interface Told {
  readonly envelope: Envelope
  readonly standing: MessageState
}

/** What the user should see. It may be shown after the log's next commit. */
export type RoomNotice =
  | MemberChange
  | {
      readonly kind: 'message'
      readonly envelope: Envelope
      /** As it is to be shown now: see `standing`. */
      readonly content: Said
      readonly standing: MessageState
      /** What it answers, if that is here; without the reactions to that. */
      readonly replied?: Told
      readonly via: 'live' | 'history'
      /** `late`: it sorts before what was already shown. */
      readonly place: 'newest' | 'late'
    }
  /** A message that may have been shown was changed, and that stands. */
  | {
      readonly kind: 'amended'
      readonly by: Envelope
      readonly amendment: Amendment
      /** What it amends, without the reactions to it. */
      readonly told: Told
      readonly via: 'live' | 'history'
    }
  /** Messages of this author came whose predecessors, so many, are nowhere yet. */
  | {
      readonly kind: 'missing'
      readonly author: PeerKey
      /** As it last called itself; empty if that isn't known. */
      readonly name: string
      readonly count: number
    }
  /** The own clock was set back: what was written before it waits, everywhere, until the clocks get there. */
  | { readonly kind: 'clock'; readonly aheadMs: number }
  | ProgressNotice
  | { readonly kind: 'sent'; readonly id: MessageId; readonly text: string }
  | {
      readonly kind: 'delivered'
      readonly id: MessageId
      readonly peer: PeerKey
      readonly count: number
      readonly of: number
    }
