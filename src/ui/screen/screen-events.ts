/**
 * What a session tells, as changes of the screen. Everything that others wrote is made safe here, before it becomes
 * part of the state. What happens to a message later finds its row by the message's id.
 */
import { mixedScripts } from '../../core/names.ts'
import type { MessageEvent, Recalled, UiEvent } from '../event.ts'
import { showName } from '../name-book.ts'
import { sentence } from '../plain.ts'
import { linesOf } from '../recalled.ts'
import { bounded } from '../row-layout.ts'
import { sanitiseLine } from '../sanitise.ts'
import { MAX_PRESENT, RoomView } from './room-view.ts'
import type { MessageRow } from './row.ts'
import { levelOf } from './settings.ts'
import { activeRoom, look, mentionOf, type ScreenEffect, type ScreenState } from './state.ts'

type EventOf<Type extends UiEvent['type']> = Extract<UiEvent, { readonly type: Type }>

const NOTHING: readonly ScreenEffect[] = []

/** So much later a message is said to be late, milliseconds: two who type at the same moment aren't. */
const LATE_MS = 3_000

/** Peers whose path is remembered. */
const MAX_PATHS = 4_096

/** Takes in an event. `now` is milliseconds since the epoch. */
export function onEvent(state: ScreenState, event: UiEvent, now: number): readonly ScreenEffect[] {
  switch (event.type) {
    case 'message':
      return onMessage(state, event, now)
    case 'delivered':
      return onDelivered(state, event)
    case 'ready':
      return onReady(state, event, now)
    case 'joined':
      return onJoined(state, event, now)
    case 'renamed':
      return onRenamed(state, event, now)
    case 'left':
      return onLeft(state, event, now)
    case 'path':
      return onPath(state, event)
    case 'helper':
      return onHelper(state, event, now)
    case 'notice':
      return onNotice(state, event, now)
    case 'error':
      return tell(state, 'trouble', [`${sentence(event.text)} ${sentence(event.remedy)}`], now)
    case 'synced':
    case 'sent':
    case 'bye':
      return NOTHING
  }
}

/** Tells the user something, in the room that is looked at or another one. */
export function tell(
  state: ScreenState,
  kind: 'info' | 'trouble',
  lines: readonly string[],
  now: number,
  room: RoomView = activeRoom(state),
): readonly ScreenEffect[] {
  room.transcript.tell(kind, lines, now)
  return NOTHING
}

function onMessage(state: ScreenState, event: MessageEvent, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  const isNews = event.via === 'live' || event.sentAt >= room.since
  const isLate = event.late && isNews && !event.own && now - event.sentAt > LATE_MS
  const row = rowOf(state, event, isLate ? { lateAt: now } : {})
  const isLookedAt = room.name === state.active
  if (!room.add(row, { isNews, isLookedAt }) || row.own || !isNews) return NOTHING
  return alerts(state, room, row)
}

function rowOf(state: ScreenState, message: Recalled, more: Pick<MessageRow, 'lateAt'> | object): MessageRow {
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

/** What makes itself heard. */
function alerts(state: ScreenState, room: RoomView, row: MessageRow): readonly ScreenEffect[] {
  const { alert } = state.settings
  const level = levelOf(state.settings, room.name)
  if (alert === 'off' || level === 'none' || (level === 'mentions' && !row.mentions)) return NOTHING
  const title = `${row.name} in ${room.name}`
  return [{ kind: 'alert', how: alert, title, text: row.text.replaceAll('\n', ' ') }]
}

function onDelivered(state: ScreenState, event: EventOf<'delivered'>): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  const row = room?.transcript.get(event.id)
  if (row?.kind !== 'message') return NOTHING
  room?.replace({ ...row, delivery: { count: event.count, of: event.of } })
  return NOTHING
}

function onReady(state: ScreenState, event: EventOf<'ready'>, now: number): readonly ScreenEffect[] {
  state.phase = 'ready'
  setOwnName(state, event.name)
  const text = `parley ${sanitiseLine(event.version)}: you are ${bounded(showName(event.name))} in room ${sanitiseLine(event.room)}`
  return tell(state, 'info', [text], now)
}

function setOwnName(state: ScreenState, name: string): void {
  state.names.learn(state.deps.self.peer, name)
  state.ownName = showName(name)
  state.mentions = mentionOf(state.ownName)
}

function onJoined(state: ScreenState, event: EventOf<'joined'>, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined || event.peer === state.deps.self.peer) return NOTHING
  const name = state.names.learn(event.peer, event.name)
  if (room.people.size < MAX_PRESENT) room.people.set(event.peer, { name })
  room.transcript.note({ peer: event.peer, name, what: 'joined' }, now)
  return warn(state, room, { name, claim: event.name }, now)
}

function onRenamed(state: ScreenState, event: EventOf<'renamed'>, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  const was = state.names.find(event.peer) ?? showName(event.was)
  const name = state.names.learn(event.peer, event.name)
  if (event.peer === state.deps.self.peer) setOwnName(state, event.name)
  else if (room.people.has(event.peer)) room.people.set(event.peer, { name })
  room.transcript.tell(
    'info',
    [`${bounded(showName(event.was) === was ? was : showName(event.was))} is now ${bounded(name)}`],
    now,
  )
  return warn(state, room, { name, claim: event.name }, now)
}

/** What to beware of in a name: ways to be taken for somebody else. */
function warn(
  state: ScreenState,
  room: RoomView,
  { name, claim }: { readonly name: string; readonly claim: string },
  now: number,
): readonly ScreenEffect[] {
  const tagged = name !== showName(claim) ? ["this name looks like somebody else's: mind the tags"] : []
  const mixed = mixedScripts(claim) ? ['this name has letters of several alphabets'] : []
  for (const text of [...tagged, ...mixed])
    tell(state, 'trouble', [`careful with ${bounded(name)}: ${text}`], now, room)
  return NOTHING
}

function onLeft(state: ScreenState, event: EventOf<'left'>, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  if (event.peer === state.deps.self.peer) {
    state.rooms.delete(room.name)
    if (state.active === room.name) look(state, [...state.rooms.keys()].at(-1))
    return NOTHING
  }
  const name = state.names.learn(event.peer, event.name)
  room.people.delete(event.peer)
  room.transcript.note({ peer: event.peer, name, what: event.reason }, now)
  return NOTHING
}

function onPath(state: ScreenState, { peer, path }: EventOf<'path'>): readonly ScreenEffect[] {
  state.paths.delete(peer)
  state.paths.set(peer, path)
  if (state.paths.size > MAX_PATHS) state.paths.delete(state.paths.keys().next().value ?? peer)
  return NOTHING
}

function onHelper(state: ScreenState, event: EventOf<'helper'>, now: number): readonly ScreenEffect[] {
  const was = state.helper
  state.helper = event.state
  if (event.state === 'lost')
    return tell(state, 'info', ['helper lost: the room goes on without it, trying again'], now)
  return was === 'lost' ? tell(state, 'info', ['helper connected again'], now) : NOTHING
}

function onNotice(state: ScreenState, event: EventOf<'notice'>, now: number): readonly ScreenEffect[] {
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

function onProgress(room: RoomView | undefined, event: EventOf<'notice'>): readonly ScreenEffect[] {
  const [received, expected] = [Number(event['received']), Number(event['expected'])]
  if (room !== undefined) room.sync = received < expected ? { received, expected } : undefined
  return NOTHING
}

/** The session speaks in another room now: because it was told to, or by itself after a room was left. */
function onRoom(state: ScreenState, event: EventOf<'notice'>, now: number): readonly ScreenEffect[] {
  const name = typeof event['room'] === 'string' ? event['room'] : undefined
  if (name !== undefined && state.switches[0] === name) {
    state.switches.shift()
    return NOTHING
  }
  if (name !== undefined && !state.rooms.has(name)) state.rooms.set(name, new RoomView(name, now))
  look(state, name)
  return tell(state, 'info', linesOf(event.text), now)
}

/** What was asked for of the past goes where it belongs, and the window to its beginning. */
function onHistory(
  state: ScreenState,
  room: RoomView | undefined,
  event: EventOf<'notice'>,
  now: number,
): readonly ScreenEffect[] {
  const { messages = [] } = event
  if (room === undefined || messages.length === 0) return tell(state, 'info', linesOf(event.text), now, room)
  onEarlier(state, room, event)
  const first = room.transcript.get(messages[0]?.id ?? '')
  if (first !== undefined) room.showFirst = first
  return NOTHING
}

/** The window came near the beginning of what is kept here, and this is what was before. */
function onEarlier(
  state: ScreenState,
  room: RoomView | undefined,
  { messages = [] }: EventOf<'notice'>,
): readonly ScreenEffect[] {
  if (room === undefined) return NOTHING
  room.earlier = messages.length === 0 ? 'none' : 'unasked'
  for (const message of messages.toReversed()) room.transcript.addEarlier(rowOf(state, message, {}))
  return NOTHING
}

/** An answer; messages in it as `2026-11-22 14:03 <alice> text`. */
function noticeLines(state: ScreenState, { text, messages = [] }: EventOf<'notice'>): readonly string[] {
  if (messages.length === 0) return linesOf(text)
  const { clock } = state
  const found = messages.flatMap(message => {
    const name = state.names.learn(message.peer, message.name)
    const [first = '', ...others] = linesOf(message.text)
    const lead = message.action ? `* ${bounded(name)} ` : `<${name}> `
    const when = `${clock.date(message.sentAt)} ${clock.minute(message.sentAt)}`
    return [`${when} ${lead}${first}`, ...others.map(line => `    ${line}`)]
  })
  return [...linesOf(`${text}:`), ...found]
}
