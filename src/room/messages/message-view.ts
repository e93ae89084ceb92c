/**
 * The messages of a room as they are shown, with their state. Each call reads the log and the pending
 * messages anew and keeps nothing, so a restart changes nothing, and the order of arrival doesn't matter.
 */
import { amendmentIn } from '../../protocol/content.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { MessageId } from '../../protocol/ids.ts'
import type { MessageWithState, RoomNotice } from '../events.ts'
import type { RoomLog } from '../log.ts'
import type { PendingMessages } from '../validation/pending-messages.ts'
import type { AmendmentIndex, MessageState, StatePart } from './amendments.ts'
import { isEffective, joinedIndex, resolveAmendments } from './amendments.ts'

export class MessageView {
  readonly #log: RoomLog
  readonly #pending: PendingMessages
  readonly #amendments: AmendmentIndex

  constructor(log: RoomLog, waiting: PendingMessages) {
    this.#log = log
    this.#pending = waiting
    this.#amendments = joinedIndex(log, waiting.amendments)
  }

  /** The state of a message; undefined if it says nothing. */
  stateOf(envelope: Envelope, part: StatePart): MessageState | undefined {
    return resolveAmendments(envelope, this.#amendments, part)
  }

  /** The message with this id; undefined if it isn't stored or says nothing. */
  find(id: MessageId, part: StatePart): MessageWithState | undefined {
    const envelope = this.#log.get(id)?.envelope ?? this.#pending.stored(id)
    const state = envelope && this.stateOf(envelope, part)
    return envelope && state && { envelope, state }
  }

  /** The notice about an amendment, if it changes its message. */
  amendmentNotice(
    by: Envelope,
    via: 'live' | 'history',
  ): Extract<RoomNotice, { kind: 'amended' }> | undefined {
    const amendment = amendmentIn(by)
    const amended = amendment && this.find(amendment.ref, 'words')
    if (amendment === undefined || amended === undefined) return undefined
    const isNews = isEffective(by, amendment, amended.envelope, this.#amendments)
    return isNews ? { kind: 'amended', by, amendment, amended, via } : undefined
  }
}
