/**
 * All that the screen is made of, besides the window's size: rooms, people's names and paths, the helper, and what
 * the user is about to do. The handlers of events and of keys change it; `screen-frame.ts` draws it.
 */
import type { Input } from '../../api/inputs.ts'
import { PersonColours } from '../../text/colours.ts'
import { NameBook } from '../../text/name-book.ts'
import type { TimeFormat } from '../../text/time-format.ts'
import { timeFormat } from '../../text/time-format.ts'
import type { Completion, Known } from '../editor/completion.ts'
import type { HistorySearch } from '../editor/input-history.ts'
import type { Line } from '../editor/line-editor.ts'
import type { Size } from '../layout/frame.ts'
import type { ThemeName } from '../layout/theme.ts'
import { RoomView } from './room-view.ts'
import type { Anchor } from './scroll.ts'
import type { Row } from './transcript.ts'

/** What the screen asks its surroundings for. */
export type ScreenEffect =
  | { readonly kind: 'input'; readonly input: Input }
  | {
      readonly kind: 'alert'
      readonly how: 'bell' | 'osc9' | 'osc777'
      readonly title: string
      readonly text: string
    }
  /** Asks for the end, as Ctrl-C does. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'suspend' }
  /** Draw everything anew. */
  | { readonly kind: 'redraw' }
  | { readonly kind: 'save'; readonly settings: ScreenSettings }

/** What the user is doing. */
export type Mode =
  | { readonly kind: 'typing' }
  /** Choosing a completion; `before` is the line without any. */
  | { readonly kind: 'menu'; readonly completion: Completion; readonly at: number; readonly before: Line }
  /** Asked whether to take a long paste. */
  | { readonly kind: 'paste'; readonly text: string }
  /** Picking a message, by its id; `from` is where the window stood. */
  | { readonly kind: 'pick'; readonly id: string; readonly from: Anchor | undefined }
  /** Looking for words in what was typed before. */
  | { readonly kind: 'recall'; readonly search: HistorySearch }
  /** Looking for words in the room; `from` is where the window stood. */
  | {
      readonly kind: 'search'
      readonly words: string
      readonly found?: Row
      readonly from: Anchor | undefined
    }

export const TYPING: Mode = { kind: 'typing' }

export type SettingResult =
  | { readonly kind: 'valid'; readonly settings: ScreenSettings }
  | { readonly kind: 'invalid'; readonly text: string; readonly remedy: string }

export interface ScreenDeps {
  /** Own peer id and name. */
  readonly self: { readonly peer: string; readonly name: string }
  /** The room that is joined first. */
  readonly room: string
  /** How many helpers are configured. */
  readonly helpers: number
  /** Whether people are found on the local network. */
  readonly lan: 'on' | 'off'
  /** The fingerprint of a peer id, for tags. Never throws. */
  readonly fingerprintOf: (peer: string) => string
  readonly settings: ScreenSettings
  /** By room: when the last message was written that the user saw before, milliseconds since the epoch. */
  readonly seen: Readonly<Record<string, number>>
  /** A setting with another value, as it was typed. */
  readonly change: (settings: ScreenSettings, key: string, value: string) => SettingResult
  /** What can be set, and to what. */
  readonly choices: Known['settings']
  /** An IANA time zone; absent: the host's own. */
  readonly timeZone?: string
}

export interface ScreenState {
  readonly deps: ScreenDeps
  readonly rooms: Map<string, RoomView>
  /** What is told while the user is in no room. */
  readonly nowhere: RoomView
  readonly names: NameBook
  readonly colours: PersonColours
  readonly clock: TimeFormat
  /** How each peer is connected. */
  readonly paths: Map<string, 'direct' | 'relayed'>
  /** Rooms that the user went to and that the session hasn't confirmed yet. */
  readonly switches: string[]
  size: Size
  settings: ScreenSettings
  active: string | undefined
  ownName: string
  mentions: RegExp
  helper: 'waiting' | 'connected' | 'lost'
  phase: 'starting' | 'ready'
  mode: Mode
  /** When something rang last, milliseconds since the epoch. */
  alertedAt: number
  /** The words that were looked for in what was typed, last time. */
  recalled: string
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
    switches: [],
    size,
    settings: deps.settings,
    active: deps.room,
    ownName: deps.self.name,
    mentions: mentionOf(deps.self.name),
    helper: 'waiting',
    phase: 'starting',
    mode: TYPING,
    alertedAt: Number.NEGATIVE_INFINITY,
    recalled: '',
  }
}

/** A room that the user comes to now. */
export function newRoom({ seen }: ScreenDeps, name: string, now: number): RoomView {
  return new RoomView(name, now, Object.hasOwn(seen, name) ? seen[name] : undefined)
}

/** The room that is looked at. */
export function activeRoom(state: ScreenState): RoomView {
  const room = state.active === undefined ? undefined : state.rooms.get(state.active)
  return room ?? state.nowhere
}

/** Looks at a room. The session is told by whoever calls. */
export function look(state: ScreenState, name: string | undefined): void {
  if (state.active === name) return
  activeRoom(state).exit()
  state.active = name
  state.mode = TYPING
  activeRoom(state).enter()
}

/** Where a name stands as a word of its own. */
export function mentionOf(name: string): RegExp {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'iu')
}

// What the user can choose about the screen. The form of the file, and what fits, is `config/screen-settings.ts`.

export interface ScreenSettings {
  readonly theme: ThemeName
  readonly time: 'minutes' | 'seconds' | '12h' | 'none'
  /** What happens when somebody speaks to the user. */
  readonly alert: 'off' | 'bell' | 'osc9' | 'osc777'
  /** The list of people beside a wide window. */
  readonly people: 'auto' | 'off'
  /** Comings and goings. */
  readonly presence: 'fold' | 'hide'
  readonly motion: 'full' | 'reduced'
  /** What the mouse wheel does: see `tui/terminal/mouse-wheel.ts`. */
  readonly wheel: 'arrows' | 'mouse' | 'off'
  /** By room; without an entry it is `mentions`. */
  readonly rooms: Readonly<Record<string, RoomLevel>>
}

/** What of a room makes itself heard: everything, what speaks to the user, or nothing. */
export type RoomLevel = 'all' | 'mentions' | 'none'

export const ROOM_LEVELS: readonly RoomLevel[] = ['all', 'mentions', 'none']

/** The level of a room. */
export function levelOf(settings: ScreenSettings, room: string): RoomLevel {
  return Object.hasOwn(settings.rooms, room) ? (settings.rooms[room] ?? 'mentions') : 'mentions'
}
