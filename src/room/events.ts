/**
 * The two sides of the room's only door: the events that it is told, and the effects that it asks others to
 * perform.
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
  /** Someone opens the room to look at it: show its newest messages. */
  | { readonly kind: 'opened'; readonly backlog: number }
  /**
   * The user sends a message whose size was checked. With `replyTo` it answers that message, and `act` is a
   * text.
   */
  | {
      readonly kind: 'say'
      readonly act: 'text' | 'action' | 'code'
      readonly text: string
      readonly replyTo?: MessageId
    }
  /** The user amends a message. Permission and size were checked. */
  | { readonly kind: 'amend'; readonly change: Change }
  | { readonly kind: 'rename'; readonly name: string }
  /** The addresses at which this peer can be dialled now: multiaddrs in binary form, hex. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** A gossip payload arrived over the link to `from`. The room answers with exactly one `verdict`. */
  | { readonly kind: 'frame'; readonly from: PeerKey; readonly payload: Uint8Array }
  /** A sync partner introduced itself. */
  | { readonly kind: 'greeted'; readonly from: PeerKey; readonly beacon: Uint8Array }
  /** A sync partner sent its frontier. */
  | { readonly kind: 'holds'; readonly from: PeerKey; readonly chains: readonly ChainHeads[] }
  /**
   * A sync partner answered a request: messages of one chain, its newest messages, or messages of a missing
   * prefix. `exchange` is the session's number at the time of its `wants`. The room answers with exactly one
   * `verdict`.
   */
  | {
      readonly kind: 'segment' | 'tail' | 'earlier'
      readonly from: PeerKey
      readonly exchange: number
      readonly wires: readonly Uint8Array[]
    }
  /** A sync session ended, well or not. */
  | {
      readonly kind: 'synced'
      readonly from: PeerKey
      readonly exchange: number
      readonly outcome: SyncResult
    }
  /** A peer connected again; which rooms it is in is not known yet. */
  | { readonly kind: 'reached'; readonly peer: PeerKey }
  | { readonly kind: 'linked'; readonly peer: PeerKey }
  | { readonly kind: 'unlinked'; readonly peer: PeerKey }
  | { readonly kind: 'unsubscribed'; readonly peer: PeerKey }
  /** The turn of the event loop is over: messages may be published. Also: time has passed. */
  | { readonly kind: 'tick' }
  /** One step of pruning: messages outside this retention may go. The room answers with a `pruned`. */
  | { readonly kind: 'retain'; readonly retention: Retention }
  | { readonly kind: 'leave' }

/** An amendment by the user: an edit or deletion of an own message, or a reaction to any message. */
export type Change = { readonly ref: MessageId } & (
  | { readonly kind: 'edit'; readonly newText: string }
  | { readonly kind: 'deletion' }
  | { readonly kind: 'reaction'; readonly emoji: string; readonly isOn: boolean }
)

/**
 * The verdict on a gossip payload. `keep` accepts it without forwarding: everyone hears it from its author.
 */
export type Verdict = 'accept' | 'keep' | 'ignore' | 'reject'

export type RoomEffect =
  | { readonly kind: 'publish'; readonly payload: Uint8Array }
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly reason: string }
  /** Start a sync session with this peer. */
  | { readonly kind: 'sync'; readonly peer: PeerKey }
  /** Disconnect this peer: it misbehaved too often. */
  | { readonly kind: 'expel'; readonly peer: PeerKey; readonly reason: string }
  /** A member announced its addresses: multiaddrs in binary form, hex. */
  | { readonly kind: 'located'; readonly peer: PeerKey; readonly addresses: readonly string[] }
  /** How many chains were pruned in this step; 0 when nothing is left to prune. */
  | { readonly kind: 'pruned'; readonly chains: number }
  | { readonly kind: 'show'; readonly notice: RoomNotice }

/** A message with its state. */
export interface MessageWithState {
  readonly envelope: Envelope
  readonly state: MessageState
}

/** What the user should see. It may be shown after the log's next commit. */
export type RoomNotice =
  | MemberChange
  | {
      readonly kind: 'message'
      readonly envelope: Envelope
      /** The content in its current state. */
      readonly content: Said
      readonly state: MessageState
      /** The message that it answers, if it is stored, without its reactions. */
      readonly replied?: MessageWithState
      readonly via: 'live' | 'history'
      /** `late`: the message sorts before one already shown. */
      readonly place: 'newest' | 'late'
    }
  /** A valid amendment of a message that may have been shown. */
  | {
      readonly kind: 'amended'
      readonly by: Envelope
      readonly amendment: Amendment
      /** The amended message, without its reactions. */
      readonly amended: MessageWithState
      readonly via: 'live' | 'history'
    }
  /** Messages of this author arrived whose predecessors are missing; `count` is how many are missing. */
  | {
      readonly kind: 'missing'
      readonly author: PeerKey
      /** The author's latest known name; empty if unknown. */
      readonly name: string
      readonly count: number
    }
  /**
   * The own clock was set back: everyone holds back messages written before that until their clocks reach
   * them.
   */
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
