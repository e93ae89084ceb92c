/**
 * How what happens becomes rows: messages with the name that tells their author apart, and what parley itself says.
 */
import type { Recalled } from '../../api/events.ts'
import { answered, type NameOf, shownLines } from '../../text/message-text.ts'
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
  const text = shownLines(message, nameOf(state)).join('\n')
  const answers = answered(message, nameOf(state))
  const speaksToMe = state.mentions.test(text) || message.replied?.own === true
  return {
    kind: 'message',
    source: message,
    id: message.id,
    at: message.sentAt,
    peer: message.peer,
    look: state.colours.hear(message.peer),
    name,
    text,
    ...(answers === undefined ? {} : { answers }),
    action: message.action,
    own: message.own,
    mentions: !message.own && speaksToMe,
    ...more,
    ...(message.own && 'via' in message ? { delivery: { count: 0, of: 0 } } : {}),
  }
}

/** What to call people who are written about. */
export function nameOf({ names }: ScreenState): NameOf {
  return (peer, name) => names.find(peer) ?? names.learn(peer, name)
}
