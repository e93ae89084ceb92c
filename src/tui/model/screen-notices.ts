/**
 * Notices of a session, as changes of the screen: answers are shown where they were asked for, messages of the past go
 * where they belong, and what is only told for the status line goes there.
 */
import type { UiEvent } from '../../api/events.ts'
import { answered, textLines, wholeLines } from '../../text/message-text.ts'
import { bounded } from '../../text/row-layout.ts'
import type { RoomView } from './room-view.ts'
import { nameOf, rowOf, tell } from './screen-rows.ts'
import { look, newRoom, type ScreenEffect, type ScreenState } from './state.ts'

type NoticeOf<Type extends UiEvent['type']> = Extract<UiEvent, { readonly type: Type }>

const NO_EFFECTS: readonly ScreenEffect[] = []

export function onNotice(
  state: ScreenState,
  event: NoticeOf<'notice'>,
  now: number,
): readonly ScreenEffect[] {
  const room = typeof event['room'] === 'string' ? state.rooms.get(event['room']) : undefined
  switch (event.code) {
    case 'sync-progress':
      return onProgress(room, event)
    case 'room':
      return onRoom(state, event, now)
    case 'history':
      return onHistory(state, room, event, now)
    case 'earlier':
      return onEarlier(state, room, event)
    default:
      return tell(state, 'info', noticeLines(state, event), now, room)
  }
}

function onProgress(room: RoomView | undefined, event: NoticeOf<'notice'>): readonly ScreenEffect[] {
  const [received, expected] = [Number(event['received']), Number(event['expected'])]
  if (room !== undefined) room.sync = received < expected ? { received, expected } : undefined
  return NO_EFFECTS
}

/** The session speaks in another room now: because it was told to, or by itself after a room was left. */
function onRoom(state: ScreenState, event: NoticeOf<'notice'>, now: number): readonly ScreenEffect[] {
  const name = typeof event['room'] === 'string' ? event['room'] : undefined
  if (name !== undefined && state.switches[0] === name) {
    state.switches.shift()
    return NO_EFFECTS
  }
  if (name !== undefined && !state.rooms.has(name)) state.rooms.set(name, newRoom(state.deps, name, now))
  look(state, name)
  return tell(state, 'info', textLines({ text: event.text }), now)
}

/** What was asked for of the past goes where it belongs, and the window to its beginning. */
function onHistory(
  state: ScreenState,
  room: RoomView | undefined,
  event: NoticeOf<'notice'>,
  now: number,
): readonly ScreenEffect[] {
  const { messages = [] } = event
  if (room === undefined || messages.length === 0)
    return tell(state, 'info', textLines({ text: event.text }), now, room)
  onEarlier(state, room, event)
  const first = room.transcript.get(messages[0]?.id ?? '')
  if (first !== undefined) room.showFirst = first
  return NO_EFFECTS
}

/** The window came near the beginning of what is kept here, and this is what was before. */
function onEarlier(
  state: ScreenState,
  room: RoomView | undefined,
  { messages = [] }: NoticeOf<'notice'>,
): readonly ScreenEffect[] {
  if (room === undefined) return NO_EFFECTS
  room.earlier = messages.length === 0 ? 'none' : 'unasked'
  for (const message of messages.toReversed()) room.transcript.addEarlier(rowOf(state, message, {}))
  return NO_EFFECTS
}

/** An answer; messages in it as `2026-11-22 14:03 <alice> text`. */
function noticeLines(state: ScreenState, { text, messages = [] }: NoticeOf<'notice'>): readonly string[] {
  if (messages.length === 0) return textLines({ text })
  const { clock } = state
  const found = messages.flatMap(message => {
    const name = state.names.learn(message.peer, message.name)
    const [first = '', ...others] = wholeLines(message, nameOf(state))
    const to = answered(message, nameOf(state))
    const quote = to === undefined ? '' : `↪ ${to}  `
    const lead = message.action ? `* ${bounded(name)} ` : `<${name}> ${quote}`
    const when = `${clock.date(message.sentAt)} ${clock.minute(message.sentAt)}`
    return [`${when} ${lead}${first}`, ...others.map(line => `    ${line}`)]
  })
  return [...textLines({ text: `${text}:` }), ...found]
}
