/**
 * What the log has before a message, for a screen that is scrolled back: read page by page, as somebody gets there.
 */

import type { UiEvent } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import type { Rooms } from '../rooms.ts'
import { recall } from './history-queries.ts'

/** The answer: a notice with the messages, in order; none when there is nothing before. */
export function earlierNotice(
  { room: name, before, count }: Extract<Input, { kind: 'earlier' }>,
  rooms: Rooms,
): UiEvent {
  const room = rooms.get(name)
  const { directory, ignored, log, selfKey } = rooms
  const isIgnored = (author: PeerKey): boolean => ignored.has(author)
  const { archive } = log.store
  const place = { ts: before.sentAt, id: before.id as MessageId }
  const context = room && { archive, room: room.id, directory, self: selfKey, isIgnored }
  const messages = context === undefined ? [] : recall({ limit: count, before: place }, context)
  return {
    type: 'notice',
    code: 'earlier',
    text: `${messages.length} earlier messages`,
    room: name,
    messages,
  }
}
