/**
 * Picking a message by going up from the line, and choosing what to do with it: answer or react, and for own
 * messages edit or delete.
 */
import { COMMANDS } from '../../api/command-table.ts'
import { graphemes } from '../../text/graphemes.ts'
import { showName } from '../../text/name-book.ts'
import type { Completion, CompletionSources } from '../editor/completion.ts'
import { complete } from '../editor/completion.ts'
import type { HistorySearch, SearchDirection } from '../editor/input-history.ts'
import { beginSearch, changeWords, foundLine, searchFurther } from '../editor/input-history.ts'
import type { Line } from '../editor/line-editor.ts'
import { moveTo, replaceText, splice } from '../editor/line-editor.ts'
import { layoutOf, windowLook } from '../layout/screen-layout.ts'
import type { TranscriptWindow } from '../layout/transcript-window.ts'
import { addTellRow } from '../model/event-reducer.ts'
import { inputTargetOf } from '../model/message-reference.ts'
import type { RoomView } from '../model/room-view.ts'
import type { Mode, ScreenEffect, ScreenState } from '../model/state.ts'
import { activeRoom, TYPING } from '../model/state.ts'
import type { MessageRow, Row } from '../model/transcript.ts'
import { isSaid } from '../model/transcript.ts'
import type { TypedKey } from './key.ts'
import { LOCAL_COMMANDS } from './local-commands.ts'
import { submit } from './submit.ts'

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
      return pickNext(state, transcript, pick, -1)
    case 'Down':
    case 'M-Down':
      return pickNext(state, transcript, pick, 1)
    case 'r':
    case 'Enter':
      return actOnPick(state, pick, 'reply', now)
    case 'e':
      return actOnPick(state, pick, 'edit', now)
    case 'd':
      return actOnPick(state, pick, 'delete', now)
    case '+':
      return actOnPick(state, pick, 'react', now)
    case 'Esc':
    case 'C-g':
      return leavePick(state, pick)
    default:
      return []
  }
}

/** The picked message; undefined if it isn't shown any more. */
function pickedRow(room: RoomView, { id }: Pick): MessageRow | undefined {
  const row = room.transcript.get(id)
  return row?.kind === 'message' ? row : undefined
}

function pickNext(state: ScreenState, transcript: TranscriptWindow, pick: Pick, by: -1 | 1): Effects {
  const messages = messagesOf(activeRoom(state))
  const at = messages.findIndex(({ id }) => id === pick.id)
  const next = messages[at + by]
  // the line is below the newest message
  if (next === undefined) return by === 1 ? leavePick(state, pick) : []
  show(state, transcript, { ...pick, id: next.id })
  return []
}

function actOnPick(
  state: ScreenState,
  pick: Pick,
  act: 'reply' | 'edit' | 'delete' | 'react',
  now: number,
): Effects {
  const room = activeRoom(state)
  const row = pickedRow(room, pick)
  leavePick(state, pick)
  if (row === undefined) return []
  const isOthers = (act === 'edit' || act === 'delete') && !row.own
  if (isOthers)
    return addTellRow(
      state,
      'trouble',
      ['Only who wrote a message can change it. Answer it: Alt-Up, r.'],
      now,
    )
  room.target = inputTargetOf(act, row)
  if (act === 'edit') room.line = replaceText(room.line, row.source.text)
  return []
}

function leavePick(state: ScreenState, { from }: Pick): Effects {
  activeRoom(state).anchor = from
  state.mode = TYPING
  return []
}

function messagesOf({ transcript }: RoomView): readonly MessageRow[] {
  return transcript.rows.filter(isSaid)
}

/** Shows the picked message with what precedes it. */
function show(state: ScreenState, transcript: TranscriptWindow, pick: Pick): void {
  const room = activeRoom(state)
  state.mode = pick
  const row = pickedRow(room, pick)
  if (row === undefined) return
  const { width, height } = layoutOf(state)
  const look = windowLook(state.settings, state.clock, width)
  transcript.showAround(room, look, height, row)
}

// The completion menu: a single choice is inserted at once; of several, the first is inserted and the others
// are shown. Tab goes on, Esc reverts, and other keys continue after the choice.

type Menu = Extract<Mode, { kind: 'menu' }>

/** Offers completions of the word before the cursor. */
export function openMenu(state: ScreenState): void {
  const room = activeRoom(state)
  const { line } = room
  const completion = complete(line.text, line.cursor, knownIn(state, room))
  if (completion === undefined) return
  room.line = lineWithChoice(line, completion, 0)
  if (completion.choices.length > 1) state.mode = { kind: 'menu', completion, at: 0, before: line }
}

/** Undefined: the menu is closed, and the key isn't its. */
export function menuKey(state: ScreenState, menu: Menu, key: TypedKey): readonly ScreenEffect[] | undefined {
  const room = activeRoom(state)
  const step = key.kind === 'chord' ? STEPS.get(key.chord) : undefined
  if (step !== undefined) {
    const { length } = menu.completion.choices
    const at = (menu.at + step + length) % length
    room.line = lineWithChoice(menu.before, menu.completion, at)
    state.mode = { ...menu, at }
    return []
  }
  state.mode = TYPING
  if (key.kind !== 'chord') return undefined
  if (key.chord === 'Esc' || key.chord === 'C-g') room.line = menu.before
  // Enter accepts the choice without sending
  return ['Esc', 'C-g', 'Enter'].includes(key.chord) ? [] : undefined
}

const STEPS: ReadonlyMap<string, 1 | -1> = new Map([
  ['Tab', 1],
  ['Down', 1],
  ['S-Tab', -1],
  ['Up', -1],
])

function lineWithChoice(line: Line, { start, end, choices }: Completion, at: number): Line {
  return splice(line, start, end, choices[at]?.text ?? '')
}

function knownIn(state: ScreenState, room: RoomView): CompletionSources {
  const spoke = [...room.speakers.values()].reverse()
  const present = [...room.people.values()].map(({ name }) => name)
  const commands = new Map([...COMMANDS, ...LOCAL_COMMANDS].map(({ name, help }) => [name, help]))
  return {
    names: [...new Set([...spoke, ...present])].map(showName),
    rooms: [...state.rooms.keys()],
    commands: [...commands].map(([text, about]) => ({ text, about })),
    settings: state.deps.choices,
  }
}

// Ctrl-R: searching the input history of this room. The line stays as it is until a match is accepted.

type Recall = Extract<Mode, { kind: 'recall' }>
type RecallEffects = readonly ScreenEffect[]

/** Longer words find nothing more, UTF-16 units. */
const MAX_WORDS = 1_000

export function beginRecall(state: ScreenState, way: SearchDirection): RecallEffects {
  state.mode = { kind: 'recall', search: beginSearch(activeRoom(state).history, way) }
  return []
}

/** Undefined: the match is accepted, and the key is for the line. */
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
      return continueSearch(state, search, 'older')
    case 'C-s':
    case 'Down':
      return continueSearch(state, search, 'newer')
    case 'C-g':
      state.mode = TYPING
      return []
    case 'Enter':
      return sendMatch(state, search, now)
    case 'Esc':
      acceptMatch(state, search)
      return []
    default:
      acceptMatch(state, search)
      return undefined
  }
}

function typeWords(state: ScreenState, search: HistorySearch, words: string): RecallEffects {
  const next = changeWords(activeRoom(state).history, search, words.slice(0, MAX_WORDS))
  if (next.words !== '') state.lastHistorySearch = next.words
  state.mode = { kind: 'recall', search: next }
  return []
}

/** Without words it starts with the previous ones, as in readline. */
function continueSearch(state: ScreenState, search: HistorySearch, way: SearchDirection): RecallEffects {
  if (search.words === '' && state.lastHistorySearch !== '')
    return typeWords(state, { ...search, way }, state.lastHistorySearch)
  state.mode = { kind: 'recall', search: searchFurther(activeRoom(state).history, search, way) }
  return []
}

/** Sends the match as if it had been typed; without a match there is nothing to send. */
function sendMatch(state: ScreenState, search: HistorySearch, now: number): RecallEffects {
  const isFound = search.found !== undefined && !search.isMissing
  acceptMatch(state, search)
  return isFound ? submit(state, now) : []
}

/** Puts the match into the line. */
function acceptMatch(state: ScreenState, search: HistorySearch): void {
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

// Searching in a room, from the newest message on; the window shows the match. It searches what is loaded;
// `/search` searches the whole log.

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
  // continuing from the last match: it stays
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

/** Shows the match in the middle of the window, with its context. */
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
