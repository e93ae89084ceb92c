/**
 * The state of the screen: rooms, people's names and paths, the helper, and the current mode. The event
 * reducer and the key handlers change it; `screen-layout.ts` draws it.
 */
import type { Input } from '../../api/inputs.ts'
import { PersonColours } from '../../text/colours.ts'
import { NameBook } from '../../text/name-book.ts'
import type { TimeFormat } from '../../text/time-format.ts'
import { timeFormat } from '../../text/time-format.ts'
import type { Completion, CompletionSources } from '../editor/completion.ts'
import type { HistorySearch } from '../editor/input-history.ts'
import type { Line } from '../editor/line-editor.ts'
import type { Size } from '../layout/frame.ts'
import type { ThemeName } from '../layout/theme.ts'
import { RoomView } from './room-view.ts'
import type { ScrollAnchor } from './scroll.ts'
import type { Row } from './transcript.ts'

/** What the screen asks its surroundings to do. */
export type ScreenEffect =
  | { readonly kind: 'input'; readonly input: Input }
  | {
      readonly kind: 'alert'
      readonly how: 'bell' | 'osc9' | 'osc777'
      readonly title: string
      readonly text: string
    }
  /** Asks to leave, as Ctrl-C does. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'suspend' }
  /** Draw everything again. */
  | { readonly kind: 'redraw' }
  | { readonly kind: 'save'; readonly settings: ScreenSettings }

/** What the user is doing. */
export type Mode =
  | { readonly kind: 'typing' }
  /** Choosing a completion; `before` is the line without any. */
  | { readonly kind: 'menu'; readonly completion: Completion; readonly at: number; readonly before: Line }
  /** Confirming a long paste. */
  | { readonly kind: 'paste'; readonly text: string }
  /** Picking a message, by its id; `from` is the previous scroll position. */
  | { readonly kind: 'pick'; readonly id: string; readonly from: ScrollAnchor | undefined }
  /** Searching the input history. */
  | { readonly kind: 'recall'; readonly search: HistorySearch }
  /** Searching in the room; `from` is the previous scroll position. */
  | {
      readonly kind: 'search'
      readonly words: string
      readonly found?: Row
      readonly from: ScrollAnchor | undefined
    }

export const TYPING: Mode = { kind: 'typing' }

export type SettingResult =
  | { readonly kind: 'valid'; readonly settings: ScreenSettings }
  | { readonly kind: 'invalid'; readonly text: string; readonly remedy: string }

export interface ScreenDeps {
  /** Own peer id and name. */
  readonly self: { readonly peer: string; readonly name: string }
  /** The first room. */
  readonly room: string
  /** How many helpers are configured. */
  readonly helpers: number
  /** Whether local discovery is on. */
  readonly lan: 'on' | 'off'
  /** The fingerprint of a peer id, for tags. Never throws. */
  readonly fingerprintOf: (peer: string) => string
  readonly settings: ScreenSettings
  /** By room: the timestamp of the last message that the user saw before, milliseconds since the epoch. */
  readonly seen: Readonly<Record<string, number>>
  /** Changes a setting to a value as typed. */
  readonly change: (settings: ScreenSettings, key: string, value: string) => SettingResult
  /** The settings and their values. */
  readonly choices: CompletionSources['settings']
  /** An IANA time zone; absent: the host's own. */
  readonly timeZone?: string
}

export interface ScreenState {
  readonly deps: ScreenDeps
  readonly rooms: Map<string, RoomView>
  /** Receives messages while the user is in no room. */
  readonly nowhere: RoomView
  readonly names: NameBook
  readonly colours: PersonColours
  readonly clock: TimeFormat
  /** How each peer is connected. */
  readonly paths: Map<string, 'direct' | 'relayed'>
  /** Rooms that the user switched to and that the session hasn't confirmed yet. */
  readonly pendingSwitches: string[]
  size: Size
  settings: ScreenSettings
  active: string | undefined
  ownName: string
  mentions: RegExp
  helper: 'waiting' | 'connected' | 'lost'
  phase: 'starting' | 'ready'
  mode: Mode
  /** The last alert, milliseconds since the epoch. */
  alertedAt: number
  /** The words of the last history search. */
  lastHistorySearch: string
}

/** A screen before anything happened. */
export function newState(deps: ScreenDeps, size: Size, now: number): ScreenState {
  return {
    deps,
    rooms: new Map([[deps.room, newRoom(deps, deps.room, now)]]),
    nowhere: newRoom(deps, '', now),
    names: new NameBook(deps.fingerprintOf),
    colours: new PersonColours(),
    clock: timeFormat(deps.timeZone),
    paths: new Map(),
    pendingSwitches: [],
    size,
    settings: deps.settings,
    active: deps.room,
    ownName: deps.self.name,
    mentions: mentionOf(deps.self.name),
    helper: 'waiting',
    phase: 'starting',
    mode: TYPING,
    alertedAt: Number.NEGATIVE_INFINITY,
    lastHistorySearch: '',
  }
}

/** A room that the user joins now. */
export function newRoom({ seen }: ScreenDeps, name: string, now: number): RoomView {
  return new RoomView(name, now, Object.hasOwn(seen, name) ? seen[name] : undefined)
}

/** The room in view. */
export function activeRoom(state: ScreenState): RoomView {
  const room = state.active === undefined ? undefined : state.rooms.get(state.active)
  return room ?? state.nowhere
}

/** Switches the view. The caller tells the session. */
export function switchView(state: ScreenState, name: string | undefined): void {
  if (state.active === name) return
  activeRoom(state).exit()
  state.active = name
  state.mode = TYPING
  activeRoom(state).enter()
}

/** Matches a name as a word of its own. */
export function mentionOf(name: string): RegExp {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'iu')
}

// The user's settings of the screen. `config/screen-settings.ts` has the file's form and the valid values.

export interface ScreenSettings {
  readonly theme: ThemeName
  readonly time: 'minutes' | 'seconds' | '12h' | 'none'
  /** The alert for a mention. */
  readonly alert: 'off' | 'bell' | 'osc9' | 'osc777'
  /** The member list beside a wide window. */
  readonly people: 'auto' | 'off'
  /** Joins and leaves. */
  readonly presence: 'fold' | 'hide'
  readonly motion: 'full' | 'reduced'
  /** What the mouse wheel does: see `tui/terminal/mouse-wheel.ts`. */
  readonly wheel: 'arrows' | 'mouse' | 'off'
  /** By room; without an entry it is `mentions`. */
  readonly rooms: Readonly<Record<string, RoomLevel>>
}

/** What alerts in a room: everything, mentions, or nothing. */
export type RoomLevel = 'all' | 'mentions' | 'none'

export const ROOM_LEVELS: readonly RoomLevel[] = ['all', 'mentions', 'none']

/** The level of a room. */
export function levelOf(settings: ScreenSettings, room: string): RoomLevel {
  return Object.hasOwn(settings.rooms, room) ? (settings.rooms[room] ?? 'mentions') : 'mentions'
}
