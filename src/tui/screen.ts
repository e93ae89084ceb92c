/**
 * The full screen as a state machine, the door of this folder: a session's events, keys and window sizes go
 * in, a frame comes out. It reads no clock, draws nothing and knows no terminal; `tui/terminal` does.
 */
import type { UiEvent } from '../api/events.ts'
import { sanitiseLine } from '../text/sanitise.ts'
import type { Key } from './keys/key.ts'
import { onKey } from './keys/key-bindings.ts'
import { FIRST_HINT } from './keys/local-commands.ts'
import type { Frame, Size } from './layout/frame.ts'
import { drawScreen, layoutOf, windowLook } from './layout/screen-layout.ts'
import type { ThemeName } from './layout/theme.ts'
import { TranscriptWindow } from './layout/transcript-window.ts'
import { addTellRow, onEvent } from './model/event-reducer.ts'
import type { ScreenSettings } from './model/state.ts'
import { activeRoom, newState, type ScreenDeps, type ScreenEffect, type ScreenState } from './model/state.ts'

/** Times are milliseconds since the epoch. */
export class Screen {
  readonly #state: ScreenState
  readonly #transcript = new TranscriptWindow()

  constructor(deps: ScreenDeps, size: Size, now: number) {
    this.#state = newState(deps, size, now)
  }

  get theme(): ThemeName {
    return this.#state.settings.theme
  }

  get wheel(): ScreenSettings['wheel'] {
    return this.#state.settings.wheel
  }

  /** By room: the timestamp of the last message that the user saw. */
  get seen(): Readonly<Record<string, number>> {
    const rooms = [...this.#state.rooms.values()]
    return Object.fromEntries(
      rooms.flatMap(({ name, seenUntil }) => (seenUntil === undefined ? [] : [[name, seenUntil]])),
    )
  }

  /** Handles a session's event. */
  onEvent(event: UiEvent, now: number): readonly ScreenEffect[] {
    return onEvent(this.#state, event, now)
  }

  onKey(key: Key, now: number): readonly ScreenEffect[] {
    return onKey(this.#state, this.#transcript, key, now)
  }

  /** The window has another size. The line and the scroll position stay. */
  onResize(size: Size): void {
    this.#state.size = size
  }

  /** A line of the program's own log. */
  onLog(line: string, now: number): void {
    addTellRow(this.#state, 'info', [sanitiseLine(line)], now)
  }

  /** Explains the screen to a newcomer. */
  welcome(now: number): void {
    addTellRow(this.#state, 'info', FIRST_HINT, now)
  }

  frame(): Frame {
    this.#showFirst()
    return drawScreen(this.#state, this.#transcript)
  }

  /** A long answer is shown from its beginning. */
  #showFirst(): void {
    const room = activeRoom(this.#state)
    const { showFirst } = room
    if (showFirst === undefined) return
    room.showFirst = undefined
    const { width, height } = layoutOf(this.#state)
    const look = windowLook(this.#state.settings, this.#state.clock, width)
    this.#transcript.showFromTop(room, look, height, showFirst)
  }
}
