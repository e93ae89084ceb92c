/**
 * Searching in a room: what is typed is looked for from the newest on, and the window goes to what is found. It finds
 * what is loaded; `/search` looks through the whole log.
 */
import { graphemes } from '../../text/graphemes.ts'
import { layoutOf, windowLook } from '../layout/screen-layout.ts'
import type { TranscriptWindow } from '../layout/transcript-window.ts'
import type { RoomView } from '../model/room-view.ts'
import type { Row } from '../model/row.ts'
import { activeRoom, type Mode, type ScreenEffect, type ScreenState, TYPING } from '../model/state.ts'
import type { TypedKey } from './key.ts'

type Search = Extract<Mode, { kind: 'search' }>

export function searchKey(
  state: ScreenState,
  transcript: TranscriptWindow,
  search: Search,
  key: TypedKey,
): readonly ScreenEffect[] {
  if (key.kind !== 'chord') {
    const words = search.words + key.text.replace(/[\0-\x1f\x7f]+/g, ' ')
    return find(state, transcript, { ...search, words }, 'from-newest')
  }
  switch (key.chord) {
    case 'Backspace':
    case 'C-h':
      return find(state, transcript, { ...search, words: withoutLast(search.words) }, 'from-newest')
    case 'C-u':
      return find(state, transcript, { ...search, words: '' }, 'from-newest')
    case 'Up':
    case 'C-r':
      return find(state, transcript, search, 'older')
    case 'Down':
    case 'C-s':
      return find(state, transcript, search, 'newer')
    case 'Enter':
      state.mode = TYPING
      return []
    case 'Esc':
    case 'C-g':
      activeRoom(state).anchor = search.from
      state.mode = TYPING
      return []
    default:
      return []
  }
}

function find(
  state: ScreenState,
  transcript: TranscriptWindow,
  search: Search,
  way: 'from-newest' | 'older' | 'newer',
): readonly ScreenEffect[] {
  const room = activeRoom(state)
  const { words } = search
  const found = words === '' ? undefined : nextMatch(room, search, way)
  const { found: before, ...rest } = search
  // going on from the last one found: it stays
  const kept = found ?? (way === 'from-newest' ? undefined : before)
  state.mode = kept === undefined ? rest : { ...rest, found: kept }
  if (kept === undefined) room.anchor = search.from
  else showMatch(state, transcript, kept)
  return []
}

function nextMatch(room: RoomView, { words, found }: Search, way: string): Row | undefined {
  const { rows } = room.transcript
  const wanted = words.toLowerCase()
  const at = found === undefined || way === 'from-newest' ? rows.length : room.transcript.indexOf(found)
  const fits = (row: Row): boolean => textOf(row).includes(wanted)
  return way === 'newer' ? rows.slice(at + 1).find(fits) : rows.slice(0, at).findLast(fits)
}

/** In the middle of the window, where what was said around it can be read. */
function showMatch(state: ScreenState, transcript: TranscriptWindow, row: Row): void {
  const room = activeRoom(state)
  const { width, height } = layoutOf(state)
  const look = windowLook(state.settings, state.clock, width)
  transcript.showAround(room, look, height, row)
}

function textOf(row: Row): string {
  switch (row.kind) {
    case 'message':
      return `${row.name} ${row.text}`.toLowerCase()
    case 'info':
    case 'trouble':
      return row.lines.join('\n').toLowerCase()
    case 'presence':
      return ''
  }
}

function withoutLast(text: string): string {
  return graphemes(text).slice(0, -1).join('')
}
