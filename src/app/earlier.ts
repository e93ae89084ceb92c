/**
 * What the log has before a message, for a screen that is scrolled back: read page by page, as somebody gets there.
 */
import { contentOf } from '../core/content.ts'
import type { Envelope } from '../core/envelope.ts'
import type { MessageId } from '../core/ids.ts'
import type { Recalled, UiEvent } from '../ui/event.ts'
import type { Input } from '../ui/input.ts'
import type { Rooms } from './rooms.ts'

/** The answer: a notice with the messages, in order; none when there is nothing before. */
export function earlierNotice(
  { room: name, before, count }: Extract<Input, { kind: 'earlier' }>,
  rooms: Rooms,
): UiEvent {
  const room = rooms.get(name)
  const place = { ts: before.sentAt, id: before.id as MessageId }
  const found =
    room === undefined ? [] : rooms.log.store.archive.read({ room: room.id, limit: count, before: place })
  const messages = found.flatMap(envelope => recalledOf(envelope, rooms))
  return {
    type: 'notice',
    code: 'earlier',
    text: `${messages.length} earlier messages`,
    room: name,
    messages,
  }
}

function recalledOf(envelope: Envelope, { directory, self, ignored }: Rooms): readonly Recalled[] {
  const content = contentOf(envelope)
  if (!('text' in content) || ignored.has(envelope.author)) return []
  const { id, author, ts: sentAt } = envelope
  const { peer } = directory.of(author)
  const { name, text, kind } = content
  return [{ id, peer, name, text, action: kind === 'action', sentAt, own: peer === self.peer }]
}
