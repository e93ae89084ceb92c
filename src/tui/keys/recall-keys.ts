/**
 * Ctrl-R: searching in what was typed before in this room. The line stays as it is until what was found is taken.
 */
import { graphemes } from '../../text/graphemes.ts'
import {
  beginSearch,
  foundLine,
  further,
  type HistorySearch,
  retype,
  type Way,
} from '../editor/input-history.ts'
import { moveTo, replaceText } from '../editor/line-editor.ts'
import type { RoomView } from '../model/room-view.ts'
import { activeRoom, type Mode, type ScreenEffect, type ScreenState, TYPING } from '../model/state.ts'
import type { TypedKey } from './key.ts'
import { submit } from './submit.ts'

type Recall = Extract<Mode, { kind: 'recall' }>
type RecallEffects = readonly ScreenEffect[]

/** Longer words find nothing that shorter ones don't, UTF-16 units. */
const MAX_WORDS = 1_000

export function beginRecall(state: ScreenState, way: Way): RecallEffects {
  state.mode = { kind: 'recall', search: beginSearch(activeRoom(state).history, way) }
  return []
}

/** Undefined: what was found is taken, and the key is for the line. */
export function recallKey(
  state: ScreenState,
  { search }: Recall,
  key: TypedKey,
  now: number,
): RecallEffects | undefined {
  if (key.kind !== 'chord')
    return typeWords(state, search, search.words + key.text.replace(/[\0-\x1f\x7f]+/g, ' '))
  switch (key.chord) {
    case 'Backspace':
    case 'C-h':
      return typeWords(state, search, graphemes(search.words).slice(0, -1).join(''))
    case 'C-u':
      return typeWords(state, search, '')
    case 'C-r':
    case 'Up':
      return go(state, search, 'older')
    case 'C-s':
    case 'Down':
      return go(state, search, 'newer')
    case 'C-g':
      state.mode = TYPING
      return []
    case 'Enter':
      return carryOut(state, search, now)
    case 'Esc':
      take(state, search)
      return []
    default:
      take(state, search)
      return undefined
  }
}

function typeWords(state: ScreenState, search: HistorySearch, words: string): RecallEffects {
  const next = retype(activeRoom(state).history, search, words.slice(0, MAX_WORDS))
  if (next.words !== '') state.recalled = next.words
  state.mode = { kind: 'recall', search: next }
  return []
}

/** Without words it begins with those of last time, as in readline. */
function go(state: ScreenState, search: HistorySearch, way: Way): RecallEffects {
  if (search.words === '' && state.recalled !== '')
    return typeWords(state, { ...search, way }, state.recalled)
  state.mode = { kind: 'recall', search: further(activeRoom(state).history, search, way) }
  return []
}

/** As if it had been typed; but what wasn't found is nothing to send. */
function carryOut(state: ScreenState, search: HistorySearch, now: number): RecallEffects {
  const isFound = search.found !== undefined && !search.isMissing
  take(state, search)
  return isFound ? submit(state, now) : []
}

/** Puts what was found into the line. */
function take(state: ScreenState, search: HistorySearch): void {
  state.mode = TYPING
  const room: RoomView = activeRoom(state)
  const { history, line } = room
  const text = foundLine(history, search)
  if (text === undefined || search.found === undefined) return
  const { at, cursor } = search.found
  const draft = history.at === history.lines.length ? line.text : history.draft
  room.history = { ...history, at, draft }
  room.line = moveTo(replaceText(line, text), cursor)
}
