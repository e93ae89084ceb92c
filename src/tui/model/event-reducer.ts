/**
 * Turns a session's events into changes of the screen's state. Everything that others wrote is sanitised
 * here, before it becomes part of the state. Later events find a message's row by its id.
 */
import type { MessageEvent, Recalled, UiEvent } from '../../api/events.ts'
import { mixedScripts } from '../../room/names/names.ts'
import type { AmendingEvent, NameOf } from '../../text/message-text.ts'
import {
  amendMessage,
  amendQuote,
  answerText,
  deletedLine,
  editedLines,
  reactedLine,
  sentence,
  shownLines,
  stayingText,
  textLines,
  wholeLines,
} from '../../text/message-text.ts'
import { showName } from '../../text/name-book.ts'
import { delimited } from '../../text/row-layout.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { RoomView } from './room-view.ts'
import type { ScreenEffect, ScreenState } from './state.ts'
import { activeRoom, levelOf, mentionOf, newRoom, switchView } from './state.ts'
import type { MessageRow } from './transcript.ts'

type EventOf<Type extends UiEvent['type']> = Extract<UiEvent, { readonly type: Type }>

const NOTHING: readonly ScreenEffect[] = []

/** A message counts as late after this time, milliseconds: two people may type at the same moment. */
const LATE_MS = 3_000

/** The shortest time between two alerts. */
const ALERT_GAP_MS = 1_000

/** Answers that are updated when the quoted message is edited. */
const MAX_REQUOTED = 64

/** Peers whose path is remembered. */
const MAX_PATHS = 4_096

/** Handles an event. `now` is milliseconds since the epoch. */
export function onEvent(state: ScreenState, event: UiEvent, now: number): readonly ScreenEffect[] {
  switch (event.type) {
    case 'message':
      return onMessage(state, event, now)
    case 'edited':
    case 'deleted':
    case 'reacted':
      return onAmended(state, event, now)
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
      return onPath(state, event, now)
    case 'helper':
      return onHelper(state, event, now)
    case 'notice':
      return onNotice(state, event, now)
    case 'error':
      return addTellRow(state, 'trouble', [`${sentence(event.text)} ${sentence(event.remedy)}`], now)
    case 'synced':
    case 'sent':
    case 'bye':
      return NOTHING
  }
}

function onMessage(state: ScreenState, event: MessageEvent, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  updateQuotes(state, room, event)
  const isNews = event.via === 'live' || event.sentAt >= room.since
  const isLate = event.late && isNews && !event.own && now - event.sentAt > LATE_MS
  const row = rowOf(state, event, isLate ? { lateAt: now } : {})
  const isLookedAt = room.name === state.active
  if (!room.add(row, { isNews, isLookedAt }) || row.own || !isNews) return NOTHING
  return alertEffects(state, room, row, now)
}

/** Alerts; of many at once only the first, so that nobody can make a terminal ring without end. */
function alertEffects(
  state: ScreenState,
  room: RoomView,
  row: MessageRow,
  now: number,
): readonly ScreenEffect[] {
  const { alert } = state.settings
  const level = levelOf(state.settings, room.name)
  if (alert === 'off' || level === 'none' || (level === 'mentions' && !row.mentions)) return NOTHING
  if (Math.abs(now - state.alertedAt) < ALERT_GAP_MS) return NOTHING
  state.alertedAt = now
  const title = `${row.name} in ${room.name}`
  return [{ kind: 'alert', how: alert, title, text: row.text.replaceAll('\n', ' ') }]
}

/** A shown row gets the message's current state; an amendment of an unloaded one is reported as a line. */
function onAmended(state: ScreenState, event: AmendingEvent, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  const row = room?.transcript.get(event.id)
  if (room !== undefined && event.type !== 'reacted') updateQuotes(state, room, event)
  if (room !== undefined && row?.kind === 'message') {
    room.replace(rowWith(state, row, amendMessage(row.source as MessageEvent, event)))
    return NOTHING
  }
  return event.via === 'live' ? addTellRow(state, 'info', amendingLines(state, event), now, room) : NOTHING
}

/**
 * Answers quote the message's current text, even if it changes after them. A deletion, which happens once,
 * updates all of them; an edit, which can be repeated, only the last ones.
 */
function updateQuotes(
  state: ScreenState,
  room: RoomView,
  event: EventOf<'message' | 'edited' | 'deleted'>,
): void {
  const all = room.transcript.answersTo(event.id)
  for (const answer of event.type === 'deleted' ? all : all.slice(-MAX_REQUOTED)) {
    const source = amendQuote(answer.source, event)
    if (source !== answer.source) room.replace(rowWith(state, answer, source))
  }
}

/** The row with another source, keeping its other properties. */
function rowWith(state: ScreenState, row: MessageRow, source: Recalled): MessageRow {
  const { mentions, delivery, lateAt } = row
  const kept = { mentions, ...(delivery && { delivery }), ...(lateAt !== undefined && { lateAt }) }
  return { ...rowOf(state, source, {}), ...kept }
}

function amendingLines(state: ScreenState, event: AmendingEvent): readonly string[] {
  const who = state.names.learn(event.peer, event.name)
  const when = `${state.clock.date(event.about.sentAt)} ${state.clock.minute(event.about.sentAt)}`
  switch (event.type) {
    case 'edited':
      return editedLines(event, who, when)
    case 'deleted':
      return [deletedLine(who, when)]
    case 'reacted':
      return [reactedLine(event, who, nameOf(state))]
  }
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
  const text = `parley ${sanitiseLine(event.version)}: you are ${delimited(showName(event.name))} in room ${sanitiseLine(event.room)}`
  return addTellRow(state, 'info', [text], now)
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
  room.present(event.peer, name)
  state.colours.hear(event.peer)
  room.transcript.addPresence({ peer: event.peer, name, what: 'joined' }, now)
  return warnAboutName(state, room, { name, claim: event.name }, now)
}

function onRenamed(state: ScreenState, event: EventOf<'renamed'>, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  const was = showName(event.was)
  const name = state.names.learn(event.peer, event.name)
  if (event.peer === state.deps.self.peer) setOwnName(state, event.name)
  else if (room.people.has(event.peer)) room.present(event.peer, name)
  room.transcript.tell('info', [`${delimited(was)} is now ${delimited(name)}`], now)
  return warnAboutName(state, room, { name, claim: event.name }, now)
}

/** Warnings about a name: ways to be mistaken for someone else. */
function warnAboutName(
  state: ScreenState,
  room: RoomView,
  { name, claim }: { readonly name: string; readonly claim: string },
  now: number,
): readonly ScreenEffect[] {
  const tagged = name !== showName(claim) ? ["this name looks like somebody else's: mind the tags"] : []
  const mixed = mixedScripts(claim) ? ['this name has letters of several alphabets'] : []
  for (const text of [...tagged, ...mixed])
    addTellRow(state, 'trouble', [`careful with ${delimited(name)}: ${text}`], now, room)
  return NOTHING
}

function onLeft(state: ScreenState, event: EventOf<'left'>, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  if (event.peer === state.deps.self.peer) {
    state.rooms.delete(room.name)
    if (state.active === room.name) switchView(state, [...state.rooms.keys()].at(-1))
    return NOTHING
  }
  const name = state.names.learn(event.peer, event.name)
  room.absent(event.peer)
  room.transcript.addPresence({ peer: event.peer, name, what: event.reason }, now)
  return NOTHING
}

function onPath(
  state: ScreenState,
  { peer, path, because }: EventOf<'path'>,
  now: number,
): readonly ScreenEffect[] {
  state.paths.delete(peer)
  state.paths.set(peer, path)
  if (state.paths.size > MAX_PATHS) state.paths.delete(state.paths.keys().next().value ?? peer)
  const name = state.names.find(peer)
  if (because === undefined || name === undefined) return NOTHING
  return addTellRow(state, 'info', [stayingText(delimited(name), because)], now)
}

function onHelper(state: ScreenState, event: EventOf<'helper'>, now: number): readonly ScreenEffect[] {
  const was = state.helper
  state.helper = event.state
  if (event.state === 'lost')
    return addTellRow(state, 'info', ['helper lost: the room goes on without it, trying again'], now)
  return was === 'lost' ? addTellRow(state, 'info', ['helper connected again'], now) : NOTHING
}

// A session's notices: answers are shown where they were requested, earlier messages go to their place, and
// information for the status line goes there.

type NoticeOf<Type extends UiEvent['type']> = Extract<UiEvent, { readonly type: Type }>

const NO_EFFECTS: readonly ScreenEffect[] = []

function onNotice(state: ScreenState, event: NoticeOf<'notice'>, now: number): readonly ScreenEffect[] {
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
      return addTellRow(state, 'info', noticeLines(state, event), now, room)
  }
}

function onProgress(room: RoomView | undefined, event: NoticeOf<'notice'>): readonly ScreenEffect[] {
  const [received, expected] = [Number(event['received']), Number(event['expected'])]
  if (room !== undefined) room.sync = received < expected ? { received, expected } : undefined
  return NO_EFFECTS
}

/** The session's current room changed: on request, or because a room was left. */
function onRoom(state: ScreenState, event: NoticeOf<'notice'>, now: number): readonly ScreenEffect[] {
  const name = typeof event['room'] === 'string' ? event['room'] : undefined
  if (name !== undefined && state.pendingSwitches[0] === name) {
    state.pendingSwitches.shift()
    return NO_EFFECTS
  }
  if (name !== undefined && !state.rooms.has(name)) state.rooms.set(name, newRoom(state.deps, name, now))
  switchView(state, name)
  return addTellRow(state, 'info', textLines({ text: event.text }), now)
}

/** Requested history goes to its place, and the window to its beginning. */
function onHistory(
  state: ScreenState,
  room: RoomView | undefined,
  event: NoticeOf<'notice'>,
  now: number,
): readonly ScreenEffect[] {
  const { messages = [] } = event
  if (room === undefined || messages.length === 0)
    return addTellRow(state, 'info', textLines({ text: event.text }), now, room)
  onEarlier(state, room, event)
  const first = room.transcript.get(messages[0]?.id ?? '')
  if (first !== undefined) room.showFirst = first
  return NO_EFFECTS
}

/** The window came near the beginning of the loaded messages, and these are the earlier ones. */
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
    const to = answerText(message, nameOf(state))
    const quote = to === undefined ? '' : `↪ ${to}  `
    const lead = message.action ? `* ${delimited(name)} ` : `<${name}> ${quote}`
    const when = `${clock.date(message.sentAt)} ${clock.minute(message.sentAt)}`
    return [`${when} ${lead}${first}`, ...others.map(line => `    ${line}`)]
  })
  return [...textLines({ text: `${text}:` }), ...found]
}

// Turns events into rows: messages with distinguishable names, and what parley itself says.

/** Shows something to the user, in the room in view or another one. */
export function addTellRow(
  state: ScreenState,
  kind: 'info' | 'trouble',
  lines: readonly string[],
  now: number,
  room: RoomView = activeRoom(state),
): readonly ScreenEffect[] {
  room.transcript.tell(kind, lines, now)
  return []
}

/** A sanitised message. */
function rowOf(state: ScreenState, message: Recalled, more: Pick<MessageRow, 'lateAt'> | object): MessageRow {
  const name = state.names.learn(message.peer, message.name)
  const text = shownLines(message, nameOf(state)).join('\n')
  const answers = answerText(message, nameOf(state))
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

/** The names of people who are written about. */
function nameOf({ names }: ScreenState): NameOf {
  return (peer, name) => names.find(peer) ?? names.learn(peer, name)
}
