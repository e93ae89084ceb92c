/**
 * What a session tells, as changes of the screen. Everything that others wrote is made safe here, before it becomes
 * part of the state. What happens to a message later finds its row by the message's id.
 */

import type { MessageEvent, Recalled, UiEvent } from '../../api/events.ts'
import { mixedScripts } from '../../room/names/names.ts'
import { type AmendingEvent, amendMessage, amendQuote } from '../../text/amend-message.ts'
import { deletedLine, editedLines, reactedLine, sentence, stayingText } from '../../text/message-text.ts'
import { showName } from '../../text/name-book.ts'
import { bounded } from '../../text/row-layout.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { RoomView } from './room-view.ts'
import type { MessageRow } from './row.ts'
import { onNotice } from './screen-notices.ts'
import { nameOf, rowOf, tell } from './screen-rows.ts'
import { levelOf } from './settings.ts'
import { look, mentionOf, type ScreenEffect, type ScreenState } from './state.ts'

type EventOf<Type extends UiEvent['type']> = Extract<UiEvent, { readonly type: Type }>

const NOTHING: readonly ScreenEffect[] = []

/** So much later a message is said to be late, milliseconds: two who type at the same moment aren't. */
const LATE_MS = 3_000

/** Between two that ring. */
const ALERT_GAP_MS = 1_000

/** Answers that change with an edit of what they answer. */
const MAX_REQUOTED = 64

/** Peers whose path is remembered. */
const MAX_PATHS = 4_096

/** Takes in an event. `now` is milliseconds since the epoch. */
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
      return tell(state, 'trouble', [`${sentence(event.text)} ${sentence(event.remedy)}`], now)
    case 'synced':
    case 'sent':
    case 'bye':
      return NOTHING
  }
}

function onMessage(state: ScreenState, event: MessageEvent, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  requote(state, room, event)
  const isNews = event.via === 'live' || event.sentAt >= room.since
  const isLate = event.late && isNews && !event.own && now - event.sentAt > LATE_MS
  const row = rowOf(state, event, isLate ? { lateAt: now } : {})
  const isLookedAt = room.name === state.active
  if (!room.add(row, { isNews, isLookedAt }) || row.own || !isNews) return NOTHING
  return alerts(state, room, row, now)
}

/** What makes itself heard; of many at once the first, so that nobody can make a terminal ring without end. */
function alerts(state: ScreenState, room: RoomView, row: MessageRow, now: number): readonly ScreenEffect[] {
  const { alert } = state.settings
  const level = levelOf(state.settings, room.name)
  if (alert === 'off' || level === 'none' || (level === 'mentions' && !row.mentions)) return NOTHING
  if (Math.abs(now - state.alertedAt) < ALERT_GAP_MS) return NOTHING
  state.alertedAt = now
  const title = `${row.name} in ${room.name}`
  return [{ kind: 'alert', how: alert, title, text: row.text.replaceAll('\n', ' ') }]
}

/** A row that is shown becomes what the message is now; of one that isn't loaded it is told. */
function onAmended(state: ScreenState, event: AmendingEvent, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  const row = room?.transcript.get(event.id)
  if (room !== undefined && event.type !== 'reacted') requote(state, room, event)
  if (room !== undefined && row?.kind === 'message') {
    room.replace(rowWith(state, row, amendMessage(row.source as MessageEvent, event)))
    return NOTHING
  }
  return event.via === 'live' ? tell(state, 'info', amendingLines(state, event), now, room) : NOTHING
}

/**
 * Answers quote what the message says now, also where it comes after them. Of one that is deleted all do, once; of one
 * that is edited, which can be done again and again, only the last ones.
 */
function requote(state: ScreenState, room: RoomView, event: EventOf<'message' | 'edited' | 'deleted'>): void {
  const all = room.transcript.answersTo(event.id)
  for (const answer of event.type === 'deleted' ? all : all.slice(-MAX_REQUOTED)) {
    const source = amendQuote(answer.source, event)
    if (source !== answer.source) room.replace(rowWith(state, answer, source))
  }
}

/** The row with another source, and what it had besides. */
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
  room.present(event.peer, name)
  state.colours.hear(event.peer)
  room.transcript.note({ peer: event.peer, name, what: 'joined' }, now)
  return warn(state, room, { name, claim: event.name }, now)
}

function onRenamed(state: ScreenState, event: EventOf<'renamed'>, now: number): readonly ScreenEffect[] {
  const room = state.rooms.get(event.room)
  if (room === undefined) return NOTHING
  const was = showName(event.was)
  const name = state.names.learn(event.peer, event.name)
  if (event.peer === state.deps.self.peer) setOwnName(state, event.name)
  else if (room.people.has(event.peer)) room.present(event.peer, name)
  room.transcript.tell('info', [`${bounded(was)} is now ${bounded(name)}`], now)
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
  room.absent(event.peer)
  room.transcript.note({ peer: event.peer, name, what: event.reason }, now)
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
  return tell(state, 'info', [stayingText(bounded(name), because)], now)
}

function onHelper(state: ScreenState, event: EventOf<'helper'>, now: number): readonly ScreenEffect[] {
  const was = state.helper
  state.helper = event.state
  if (event.state === 'lost')
    return tell(state, 'info', ['helper lost: the room goes on without it, trying again'], now)
  return was === 'lost' ? tell(state, 'info', ['helper connected again'], now) : NOTHING
}
