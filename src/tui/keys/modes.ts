/**
 * Picking a message by going up from the line, and saying what is to become of it: an answer, and of one's own other
 * words or an end.
 */
import { replaceText } from '../editor/line-editor.ts'
import { layoutOf, windowLook } from '../layout/screen-layout.ts'
import type { TranscriptWindow } from '../layout/transcript-window.ts'
import { aboutRow } from '../model/about.ts'
import type { RoomView } from '../model/room-view.ts'
import { isSaid, type MessageRow } from '../model/row.ts'
import { tell } from '../model/screen-rows.ts'
import { activeRoom, type Mode, type ScreenEffect, type ScreenState, TYPING } from '../model/state.ts'
import type { TypedKey } from './key.ts'

type Pick = Extract<Mode, { kind: 'pick' }>
type Effects = readonly ScreenEffect[]

/** Picks the newest message, if there is one. */
export function beginPick(state: ScreenState, transcript: TranscriptWindow): Effects {
  const room = activeRoom(state)
  const newest = messagesOf(room).at(-1)
  if (newest !== undefined) show(state, transcript, { kind: 'pick', id: newest.id, from: room.anchor })
  return []
}

export function pickKey(
  state: ScreenState,
  transcript: TranscriptWindow,
  pick: Pick,
  key: TypedKey,
  now: number,
): Effects {
  const act = key.kind === 'paste' ? '' : key.kind === 'text' ? key.text : key.chord
  switch (act) {
    case 'Up':
    case 'M-Up':
      return step(state, transcript, pick, -1)
    case 'Down':
    case 'M-Down':
      return step(state, transcript, pick, 1)
    case 'r':
    case 'Enter':
      return choose(state, pick, 'reply', now)
    case 'e':
      return choose(state, pick, 'edit', now)
    case 'd':
      return choose(state, pick, 'delete', now)
    case '+':
      return choose(state, pick, 'react', now)
    case 'Esc':
    case 'C-g':
      return leave(state, pick)
    default:
      return []
  }
}

/** The message that is picked; undefined if it isn't shown any more. */
function pickedRow(room: RoomView, { id }: Pick): MessageRow | undefined {
  const row = room.transcript.get(id)
  return row?.kind === 'message' ? row : undefined
}

function step(state: ScreenState, transcript: TranscriptWindow, pick: Pick, by: -1 | 1): Effects {
  const messages = messagesOf(activeRoom(state))
  const at = messages.findIndex(({ id }) => id === pick.id)
  const next = messages[at + by]
  // below the newest one is the line
  if (next === undefined) return by === 1 ? leave(state, pick) : []
  show(state, transcript, { ...pick, id: next.id })
  return []
}

function choose(
  state: ScreenState,
  pick: Pick,
  act: 'reply' | 'edit' | 'delete' | 'react',
  now: number,
): Effects {
  const room = activeRoom(state)
  const row = pickedRow(room, pick)
  leave(state, pick)
  if (row === undefined) return []
  const isOthers = (act === 'edit' || act === 'delete') && !row.own
  if (isOthers)
    return tell(state, 'trouble', ['Only who wrote a message can change it. Answer it: Alt-Up, r.'], now)
  room.about = aboutRow(act, row)
  if (act === 'edit') room.line = replaceText(room.line, row.source.text)
  return []
}

function leave(state: ScreenState, { from }: Pick): Effects {
  activeRoom(state).anchor = from
  state.mode = TYPING
  return []
}

function messagesOf({ transcript }: RoomView): readonly MessageRow[] {
  return transcript.rows.filter(isSaid)
}

/** In the window, with what was said before it. */
function show(state: ScreenState, transcript: TranscriptWindow, pick: Pick): void {
  const room = activeRoom(state)
  state.mode = pick
  const row = pickedRow(room, pick)
  if (row === undefined) return
  const { width, height } = layoutOf(state)
  const look = windowLook(state.settings, state.clock, width)
  transcript.showAround(room, look, height, row)
}
