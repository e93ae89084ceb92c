/**
 * From what a room tells to what users and programs read: keys become peer ids, and every event names its room.
 */
import type { PeerKey } from '../core/ids.ts'
import type { RoomNotice } from '../core/room-event.ts'
import type { UiEvent } from '../ui/event.ts'
import type { Directory } from './directory.ts'

export interface NoticeContext {
  readonly room: string
  readonly self: PeerKey
  readonly directory: Directory
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The event for a notice. */
export function eventOf(notice: RoomNotice, context: NoticeContext): UiEvent {
  const { room, directory } = context
  switch (notice.kind) {
    case 'message':
      return messageEvent(notice, context)
    case 'sent':
      return { type: 'sent', room, id: notice.id, text: notice.text }
    case 'delivered': {
      const { id, count, of } = notice
      return { type: 'delivered', room, id, peer: directory.of(notice.peer).peer, count, of }
    }
    case 'joined':
      return { type: 'joined', room, name: notice.person.beacon.name, ...directory.of(notice.person.key) }
    case 'renamed': {
      const { person, was } = notice
      return { type: 'renamed', room, name: person.beacon.name, was, ...directory.of(person.key) }
    }
    case 'left': {
      const { person, reason } = notice
      return { type: 'left', room, peer: directory.of(person.key).peer, name: person.beacon.name, reason }
    }
  }
}

function messageEvent(notice: Extract<RoomNotice, { kind: 'message' }>, context: NoticeContext): UiEvent {
  const { envelope, content, via, place } = notice
  return {
    type: 'message',
    room: context.room,
    id: envelope.id,
    peer: context.directory.of(envelope.author).peer,
    name: content.name,
    text: content.text,
    action: content.kind === 'action',
    sentAt: envelope.ts,
    receivedAt: context.now(),
    via,
    late: place === 'late',
    own: envelope.author === context.self,
  }
}
