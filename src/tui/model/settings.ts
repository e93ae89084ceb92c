/**
 * What the user can choose about the screen. The form of the file, and what fits, is `config/screen-settings.ts`.
 */
import type { ThemeName } from '../layout/theme.ts'

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
