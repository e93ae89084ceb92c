/**
 * The events of a chat session, and the contract of `--json`: a line of output is one of these values,
 * serialised. Fields may be added, never renamed or removed. Times are milliseconds since the epoch. Text and
 * names are as their authors wrote them; each output sanitises them itself.
 */

/** Who wrote or did something. */
export interface Person {
  /** libp2p peer id, base58btc. */
  readonly peer: string
  /** The claimed username, not unique. */
  readonly name: string
}

export type UiEvent =
  | ReadyEvent
  | {
      readonly type: 'helper'
      readonly state: 'connected' | 'lost'
      readonly peer: string
      readonly address: string
    }
  | (InRoom & Person & { readonly type: 'joined'; readonly fingerprint: string })
  | (InRoom & Person & { readonly type: 'renamed'; readonly was: string; readonly fingerprint: string })
  | PathEvent
  | (InRoom & Person & { readonly type: 'left'; readonly reason: 'quit' | 'lost' })
  | MessageEvent
  | EditedEvent
  | DeletedEvent
  | ReactedEvent
  | (InRoom & { readonly type: 'sent'; readonly id: string; readonly text: string })
  | DeliveredEvent
  | (InRoom & {
      readonly type: 'synced'
      readonly peer: string
      readonly received: number
      readonly sent: number
    })
  | NoticeEvent
  | ErrorEvent
  | { readonly type: 'bye'; readonly undelivered: number }

/** Every event of a room names it. */
interface InRoom {
  readonly room: string
}

interface ErrorEvent {
  readonly type: 'error'
  readonly code: string
  readonly text: string
  readonly remedy: string
  /** What exactly happened, if a code covers several things. */
  readonly reason?: string
  /** The helper that it concerns, as the user wrote it. */
  readonly address?: string
}

interface ReadyEvent {
  readonly type: 'ready'
  readonly version: string
  readonly peer: string
  readonly name: string
  readonly room: string
  readonly addresses: readonly string[]
}

interface PathEvent {
  readonly type: 'path'
  readonly peer: string
  readonly path: 'direct' | 'relayed'
  readonly transport: string
  readonly rttMs: number
  /** Why the path stays relayed, once that is known. */
  readonly because?: string
}

export interface MessageEvent extends InRoom, Person {
  readonly type: 'message'
  readonly id: string
  readonly text: string
  /** True for `/me`. */
  readonly action: boolean
  readonly sentAt: number
  readonly receivedAt: number
  /** `live` by gossip, `history` by a sync. */
  readonly via: 'live' | 'history'
  /** True if it sorts before a message already shown. */
  readonly late: boolean
  readonly own: boolean
  /**
   * Program output, to be shown verbatim. Absent otherwise, as are the following fields where they don't
   * apply.
   */
  readonly code?: true
  /** The id of the message that it answers, which may not be stored here. */
  readonly replyTo?: string
  /** That message, if it is. */
  readonly replied?: Quote
  /** When `text` was last edited. */
  readonly editedAt?: number
  /** When its author deleted it; `text` is empty then. */
  readonly deletedAt?: number
  /** The reactions, in order. */
  readonly reactions?: readonly (Person & { readonly emoji: string })[]
}

/** A message that another event refers to. */
export interface Quote extends Person {
  readonly id: string
  readonly sentAt: number
  readonly own: boolean
  /** The beginning of its current text; empty if it was deleted. */
  readonly text: string
}

/** Someone amended a message. `peer` and `name` are who did it. */
interface Amending extends InRoom, Person {
  /** The amended message. */
  readonly id: string
  /** The amendment's own id: `delivered` uses that one. */
  readonly eventId: string
  readonly via: 'live' | 'history'
  readonly own: boolean
  /** The amended message in its current state. */
  readonly about: Quote
}

export interface EditedEvent extends Amending {
  readonly type: 'edited'
  readonly text: string
  readonly editedAt: number
}

export interface DeletedEvent extends Amending {
  readonly type: 'deleted'
  readonly deletedAt: number
}

export interface ReactedEvent extends Amending {
  readonly type: 'reacted'
  /** One emoji. */
  readonly emoji: string
  /** False if the reaction was removed. */
  readonly on: boolean
  readonly reactedAt: number
}

interface DeliveredEvent extends InRoom {
  readonly type: 'delivered'
  readonly id: string
  /** The peer that now holds the message. */
  readonly peer: string
  /** How many hold it now, of how many who are here. */
  readonly count: number
  readonly of: number
}

/** A message from the log. */
export type Recalled = Omit<MessageEvent, 'type' | 'room' | 'receivedAt' | 'via' | 'late'>

/** The answer to a command, or something worth knowing. Commands add a structured field. */
interface NoticeEvent {
  readonly type: 'notice'
  readonly code: string
  /** One or more lines, for people. */
  readonly text: string
  /** The result of `/history` and `/search`, in order. */
  readonly messages?: readonly Recalled[]
  readonly [detail: string]: unknown
}
