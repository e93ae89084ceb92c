/**
 * What to write to a terminal so that it shows a frame: what only moved is moved by the terminal, and the lines that
 * changed are written, each whole and at its place, as one synchronised update. It keeps what it drew last and nothing
 * else, and writes nothing by itself.
 *
 * Lines don't wrap (DECAWM off) and begin at a place of their own, so that a terminal that thinks otherwise about the
 * width of an emoji spoils one line and not the screen.
 */
import type { Frame } from '../layout/frame.ts'
import type { ThemeName } from '../layout/theme.ts'
import { paint } from '../layout/theme.ts'
import type { ScreenSettings } from '../model/state.ts'

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

// Whether a frame is mostly the one before, moved up or down, as when a line comes at the end or the wheel is turned:
// then the terminal moves the lines itself, and only the others are written. Pure, and about lines as they are painted.

/** Lines `first` to `end` (exclusive) move up by so many; down if it is negative. */
export interface Move {
  readonly by: number
  readonly first: number
  readonly end: number
}

/** Lines that a move must save to be worth it: what it takes itself, and some terminals' work. */
const LEAST_SAVED = 3
/** Further than this a window jumps and little of it stays. */
const FURTHEST = 12

/** The move that leaves the fewest lines to be written; undefined if none saves enough. */
function bestMove(shown: readonly string[], wanted: readonly string[]): Move | undefined {
  let least = differing(shown, wanted) - LEAST_SAVED
  let best: Move | undefined
  if (least < 0 || shown.length !== wanted.length) return undefined
  for (let distance = 1; distance <= Math.min(FURTHEST, wanted.length - 1); distance++) {
    for (const by of [distance, -distance]) {
      const move = moveBy(by, shown, wanted)
      const left = move === undefined ? Number.POSITIVE_INFINITY : differing(moved(shown, move), wanted)
      if (left > least) continue
      least = left - 1
      best = move
    }
  }
  return best
}

/** What is shown after a move: what the lines went away from is blank. */
function moved(shown: readonly string[], { by, first, end }: Move): readonly string[] {
  return shown.map((line, at) => {
    if (at < first || at >= end) return line
    const from = at + by
    return from < first || from >= end ? '' : (shown[from] ?? '')
  })
}

/** From the first line that would be right after moving by so many to the last. */
function moveBy(by: number, shown: readonly string[], wanted: readonly string[]): Move | undefined {
  const fits = (line: string, at: number): boolean => line !== '' && line === shown[at + by]
  const [first, last] = [wanted.findIndex(fits), wanted.findLastIndex(fits)]
  if (first === -1) return undefined
  return { by, first: Math.min(first, first + by), end: Math.max(last, last + by) + 1 }
}

function differing(a: readonly string[], b: readonly string[]): number {
  return b.reduce((count, line, at) => (line === a[at] ? count : count + 1), 0)
}
