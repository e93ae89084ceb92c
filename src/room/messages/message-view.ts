/**
 * The messages of a room as they are shown, with their state. Each call reads the log and the pending
 * messages anew and keeps nothing, so a restart changes nothing, and the order of arrival doesn't matter.
 */
import { amendmentIn } from '../../protocol/content.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { MessageId } from '../../protocol/ids.ts'
import type { RoomNotice, Told } from '../events.ts'
import type { RoomLog } from '../log.ts'
import type { PendingMessages } from '../validation/pending-messages.ts'
import type { AmendmentIndex, MessageState, Part } from './amendments.ts'
import { isCounted, resolveAmendments, together } from './amendments.ts'

export class MessageView {
  readonly #log: RoomLog
  readonly #waiting: PendingMessages
  readonly #references: AmendmentIndex

  constructor(log: RoomLog, waiting: PendingMessages) {
    this.#log = log
    this.#waiting = waiting
    this.#references = together(log, waiting.references)
  }

  /** The state of a message; undefined if it says nothing. */
  standingOf(envelope: Envelope, part: Part): MessageState | undefined {
    return resolveAmendments(envelope, this.#references, part)
  }

  /** The message with this id; undefined if it isn't stored or says nothing. */
  find(id: MessageId, part: Part): Told | undefined {
    const envelope = this.#log.get(id)?.envelope ?? this.#waiting.putByWith(id)
    const standing = envelope && this.standingOf(envelope, part)
    return envelope && standing && { envelope, standing }
  }

  /** The notice about an amendment, if it changes its message. */
  amended(by: Envelope, via: 'live' | 'history'): Extract<RoomNotice, { kind: 'amended' }> | undefined {
    const amendment = amendmentIn(by)
    const told = amendment && this.find(amendment.ref, 'words')
    if (amendment === undefined || told === undefined) return undefined
    const isNews = isCounted(by, amendment, told.envelope, this.#references)
    return isNews ? { kind: 'amended', by, amendment, told, via } : undefined
  }
}
