/**
 * What to write to a terminal so that it shows a frame: what only moved is moved by the terminal, and the lines that
 * changed are written, each whole and at its place, as one synchronised update. It keeps what it drew last and nothing
 * else, and writes nothing by itself.
 *
 * Lines don't wrap (DECAWM off) and begin at a place of their own, so that a terminal that thinks otherwise about the
 * width of an emoji spoils one line and not the screen.
 */
import type { Frame } from '../layout/frame.ts'
import { paint, type ThemeName } from '../layout/theme.ts'
import type { ScreenSettings } from '../model/settings.ts'
import { bestMove, type Move, moved } from './scroll-move.ts'

/**
 * Alternate screen, no wrapping, pastes are told (xterm control sequences, DECSET); what the wheel does is kept, to be
 * given back.
 */
export const OPEN = '\u001b[?1049h\u001b[?7l\u001b[?2004h\u001b[?1007s'
/** All of that back, and the cursor and the normal style with it. */
export const CLOSE =
  '\u001b[0m\u001b[?1000l\u001b[?1006l\u001b[?1007r\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l'

/** What the terminal sends for the wheel: arrows (1007), reports of the mouse (1000, in the form 1006), or nothing. */
export const WHEEL: Readonly<Record<ScreenSettings['wheel'], string>> = {
  arrows: '\u001b[?1000l\u001b[?1006l\u001b[?1007h',
  mouse: '\u001b[?1007l\u001b[?1006h\u001b[?1000h',
  off: '\u001b[?1000l\u001b[?1006l\u001b[?1007l',
}

/** A terminal that knows it shows all of an update or nothing (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036). */
const BEGIN = '\u001b[?2026h\u001b[?25l'
const END = '\u001b[?25h\u001b[?2026l'
const ERASE = '\u001b[0m\u001b[2K'

export class Painter {
  #shown: readonly string[] = []
  #cursor = ''
  #size = ''

  /** What draws the frame; empty if it is shown already. */
  draw(frame: Frame, theme: ThemeName): string {
    const size = `${frame.columns} ${frame.rows}`
    if (size !== this.#size) this.forget()
    const lines = paint(frame, theme)
    const move = bestMove(this.#shown, lines)
    const before = move === undefined ? this.#shown : moved(this.#shown, move)
    const written = lines.map((line, row) => (line === before[row] ? '' : `${at(0, row)}${ERASE}${line}`))
    const changed = (move === undefined ? '' : moving(move)) + written.join('')
    const cursor = at(frame.cursor.x, frame.cursor.y)
    const isSame = changed === '' && cursor === this.#cursor
    this.#shown = lines
    this.#cursor = cursor
    this.#size = size
    return isSame ? '' : `${BEGIN}${changed}${cursor}${END}`
  }

  /** Nothing is known of what the terminal shows: the next frame is drawn whole. */
  forget(): void {
    this.#shown = []
    this.#cursor = ''
  }
}

/** Moves lines: margins around them (DECSTBM), so many up or down (SU, SD), and no margins again. */
function moving({ by, first, end }: Move): string {
  return `\u001b[0m\u001b[${first + 1};${end}r\u001b[${Math.abs(by)}${by > 0 ? 'S' : 'T'}\u001b[r`
}

/** The cursor at a place, zero-based (CUP). */
function at(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`
}
