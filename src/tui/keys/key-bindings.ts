/**
 * The key bindings. Chords of the window and the rooms come first, then those of the current mode, then the
 * editor's. Text goes into the line.
 */
import { editorKey, lineDown, lineUp } from '../editor/editor-keys.ts'
import type { History } from '../editor/input-history.ts'
import { lineOf, newer, older } from '../editor/input-history.ts'
import type { Line } from '../editor/line-editor.ts'
import { insert, replaceText } from '../editor/line-editor.ts'
import { layoutOf, windowLook } from '../layout/screen-layout.ts'
import { activity } from '../layout/status-line.ts'
import type { TranscriptWindow } from '../layout/transcript-window.ts'
import { resolveReference } from '../model/message-reference.ts'
import type { ScreenEffect, ScreenState } from '../model/state.ts'
import { activeRoom, switchView, TYPING } from '../model/state.ts'
import type { Key, TypedKey } from './key.ts'
import { beginPick, beginRecall, menuKey, openMenu, pickKey, recallKey, searchKey } from './modes.ts'
import { submit } from './submit.ts'

type Effects = readonly ScreenEffect[]

/** A paste of more lines needs confirmation. */
const CONFIRM_PASTE_LINES = 5
/** Messages fetched from the log at a time, and how near the beginning triggers it. */
const EARLIER_COUNT = 300
const EARLIER_ROWS = 60

/** Handles a key. `now` is milliseconds since the epoch. */
export function onKey(state: ScreenState, transcript: TranscriptWindow, key: Key, now: number): Effects {
  const effects = handleKey(state, transcript, key, now)
  resolveReference(activeRoom(state))
  return effects
}

function handleKey(state: ScreenState, transcript: TranscriptWindow, key: Key, now: number): Effects {
  const { mode } = state
  if (mode.kind === 'paste') return pasteAnswer(state, key, mode.text)
  if (key.kind === 'wheel') return onWheel(state, transcript, key.lines)
  if (key.kind === 'chord') {
    const moved = windowChord(state, transcript, key.chord)
    if (moved !== undefined) return moved
  }
  if (mode.kind === 'search') return searchKey(state, transcript, mode, key)
  if (mode.kind === 'pick') return pickKey(state, transcript, mode, key, now)
  if (mode.kind === 'recall') {
    const recalled = recallKey(state, mode, key, now)
    if (recalled !== undefined) return recalled
  }
  if (mode.kind === 'menu') {
    const chosen = menuKey(state, mode, key)
    if (chosen !== undefined) return chosen
  }
  if (key.kind === 'chord' && key.chord === 'M-Up') return beginPick(state, transcript)
  return onText(state, key, now)
}

/** The wheel scrolls the window in every mode. */
function onWheel(state: ScreenState, transcript: TranscriptWindow, lines: number): Effects {
  const { width, height } = layoutOf(state)
  const look = windowLook(state.settings, state.clock, width)
  transcript.scroll(activeRoom(state), look, height, lines)
  return lines < 0 ? requestEarlier(state) : []
}

function onText(state: ScreenState, key: TypedKey, now: number): Effects {
  const room = activeRoom(state)
  switch (key.kind) {
    case 'text':
      room.line = insert(room.line, key.text)
      return []
    case 'paste':
      return paste(state, key.text)
    case 'chord':
      return lineChord(state, key.chord, now)
  }
}

function paste(state: ScreenState, text: string): Effects {
  const room = activeRoom(state)
  const trimmed = text.replace(/[\r\n]+$/, '')
  if (trimmed.split(/\r\n?|\n/).length > CONFIRM_PASTE_LINES) state.mode = { kind: 'paste', text: trimmed }
  else room.line = insert(room.line, trimmed)
  return []
}

function pasteAnswer(state: ScreenState, key: Key, text: string): Effects {
  const isYes =
    (key.kind === 'chord' && key.chord === 'Enter') || (key.kind === 'text' && /^y/i.test(key.text))
  const isNo =
    (key.kind === 'chord' && ['Esc', 'C-g', 'C-c'].includes(key.chord)) ||
    (key.kind === 'text' && /^n/i.test(key.text))
  if (!isYes && !isNo) return []
  state.mode = TYPING
  const room = activeRoom(state)
  if (isYes) room.line = insert(room.line, text)
  return []
}

/** Chords that work in every mode. */
function windowChord(state: ScreenState, transcript: TranscriptWindow, chord: string): Effects | undefined {
  const digit = /^M-([1-9])$/.exec(chord)?.[1]
  if (digit !== undefined) return switchTo(state, [...state.rooms.keys()][Number(digit) - 1])
  switch (chord) {
    case 'C-c':
      return [{ kind: 'interrupt' }]
    case 'C-z':
      return [{ kind: 'suspend' }]
    case 'C-l':
      return [{ kind: 'redraw' }]
    case 'M-Left':
    case 'C-p':
      return switchToNeighbour(state, -1)
    case 'M-Right':
    case 'C-n':
      return switchToNeighbour(state, 1)
    case 'M-a':
      return switchToActivity(state)
    default:
      return scrollChord(state, transcript, chord)
  }
}

function scrollChord(state: ScreenState, transcript: TranscriptWindow, chord: string): Effects | undefined {
  const room = activeRoom(state)
  const { width, height } = layoutOf(state)
  const look = windowLook(state.settings, state.clock, width)
  const page = Math.max(1, height - 2)
  switch (chord) {
    case 'PageUp':
      transcript.scroll(room, look, height, -page)
      return requestEarlier(state)
    case 'PageDown':
      transcript.scroll(room, look, height, page)
      return []
    case 'C-Home':
      transcript.scrollToTop(room, look, height)
      return requestEarlier(state)
    case 'C-End':
      room.follow()
      return []
    case 'M-u': {
      const row = room.divider === undefined ? undefined : room.transcript.get(room.divider)
      if (row !== undefined) transcript.showFromTop(room, look, height, row)
      return []
    }
    default:
      return undefined
  }
}

/** Requests earlier messages when the window comes near the beginning of the loaded ones. */
function requestEarlier(state: ScreenState): Effects {
  const room = activeRoom(state)
  const { anchor, transcript } = room
  if (room.earlier !== 'unasked' || anchor === undefined || room.name === '') return []
  if (transcript.indexOf(anchor.row) > EARLIER_ROWS) return []
  const first = transcript.rows.find(row => row.kind === 'message')
  if (first === undefined) return []
  room.earlier = 'asked'
  const before = { sentAt: first.at, id: first.id }
  return [{ kind: 'input', input: { kind: 'earlier', room: room.name, before, count: EARLIER_COUNT } }]
}

function lineChord(state: ScreenState, chord: string, now: number): Effects {
  const room = activeRoom(state)
  const isEmpty = room.line.text === ''
  switch (chord) {
    case 'Enter':
      return submit(state, now)
    case 'Tab':
      openMenu(state)
      return []
    case 'Up':
      room.line = lineUp(room.line) ?? lineFromHistory(state, older(room.history, room.line.text))
      return []
    case 'Down':
      room.line = lineDown(room.line) ?? lineFromHistory(state, newer(room.history))
      return []
    case 'C-r':
      return beginRecall(state, 'older')
    case 'C-s':
      return beginRecall(state, 'newer')
    case 'M-s':
      return beginSearch(state)
    case 'C-f':
      if (isEmpty) return beginSearch(state)
      break
    case 'C-d':
      if (isEmpty) return [{ kind: 'input', input: { kind: 'quit' } }]
      break
    case 'Esc':
      if (room.target === undefined) room.follow()
      else room.target = undefined
      return []
  }
  room.line = editorKey(room.line, chord) ?? room.line
  return []
}

function beginSearch(state: ScreenState): Effects {
  state.mode = { kind: 'search', words: '', from: activeRoom(state).anchor }
  return []
}

/** The line from the history; unchanged if there is no more. */
function lineFromHistory(state: ScreenState, history: History | undefined): Line {
  const room = activeRoom(state)
  if (history === undefined) return room.line
  room.history = history
  return replaceText(room.line, lineOf(history))
}

// Switching rooms. The session is told, because the next input (`/who`, `/leave`) is about the room in view.

/** Switches to an open room; no effect if there is none of this name. */
function switchTo(state: ScreenState, name: string | undefined): readonly ScreenEffect[] {
  if (name === undefined || name === state.active || !state.rooms.has(name)) return []
  switchView(state, name)
  state.pendingSwitches.push(name)
  return [{ kind: 'input', input: { kind: 'join', room: name } }]
}

/** Switches to the neighbouring room, cyclically. */
function switchToNeighbour(state: ScreenState, step: 1 | -1): readonly ScreenEffect[] {
  const names = [...state.rooms.keys()]
  const at = names.indexOf(state.active ?? '')
  return switchTo(state, names.at((at + step) % names.length))
}

/** Switches to the room with the most important activity. */
function switchToActivity(state: ScreenState): readonly ScreenEffect[] {
  return switchTo(state, activity(state)[0]?.room.name)
}
