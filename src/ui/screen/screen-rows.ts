/**
 * How what happens becomes rows: messages with the name that tells their author apart, and what parley itself says.
 */
import type { Recalled } from '../event.ts'
import { linesOf } from '../recalled.ts'
import type { RoomView } from './room-view.ts'
import type { MessageRow } from './row.ts'
import { activeRoom, type ScreenEffect, type ScreenState } from './state.ts'

/** Tells the user something, in the room that is looked at or another one. */
export function tell(
  state: ScreenState,
  kind: 'info' | 'trouble',
  lines: readonly string[],
  now: number,
  room: RoomView = activeRoom(state),
): readonly ScreenEffect[] {
  room.transcript.tell(kind, lines, now)
  return []
}

/** A message, made safe. */
export function rowOf(
  state: ScreenState,
  message: Recalled,
  more: Pick<MessageRow, 'lateAt'> | object,
): MessageRow {
  const name = state.names.learn(message.peer, message.name)
  const text = linesOf(message.text).join('\n')
  return {
    kind: 'message',
    id: message.id,
    at: message.sentAt,
    peer: message.peer,
    name,
    text,
    action: message.action,
    own: message.own,
    mentions: !message.own && state.mentions.test(text),
    ...more,
    ...(message.own && 'via' in message ? { delivery: { count: 0, of: 0 } } : {}),
  }
}
