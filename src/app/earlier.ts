/**
 * What the log has before a message, for a screen that is scrolled back: read page by page, as somebody gets there.
 */
import type { MessageId, PeerKey } from '../core/ids.ts'
import type { UiEvent } from '../ui/event.ts'
import type { Input } from '../ui/input.ts'
import { recall } from './recall.ts'
import type { Rooms } from './rooms.ts'

/** The answer: a notice with the messages, in order; none when there is nothing before. */
export function earlierNotice(
  { room: name, before, count }: Extract<Input, { kind: 'earlier' }>,
  rooms: Rooms,
): UiEvent {
  const room = rooms.get(name)
  const { directory, ignored, log, selfKey } = rooms
  const context = { directory, self: selfKey, isIgnored: (author: PeerKey) => ignored.has(author) }
  const place = { ts: before.sentAt, id: before.id as MessageId }
  const query = room && { room: room.id, limit: count, before: place }
  const messages = query === undefined ? [] : recall(log.store.archive, query, context)
  return {
    type: 'notice',
    code: 'earlier',
    text: `${messages.length} earlier messages`,
    room: name,
    messages,
  }
}
