/**
 * The painter: what to write to a terminal so that it shows a frame. Moved lines are scrolled by the
 * terminal, and changed lines are rewritten, each whole and at its position, as one synchronised update. It
 * remembers the last frame and writes nothing itself.
 *
 * Lines don't wrap (DECAWM off) and are positioned absolutely, so that a terminal with another idea of an
 * emoji's width spoils one line and not the screen.
 */
import type { Frame } from '../layout/frame.ts'
import type { ThemeName } from '../layout/theme.ts'
import { paint } from '../layout/theme.ts'
import type { ScreenSettings } from '../model/state.ts'

/**
 * Alternate screen, no wrapping, bracketed paste (xterm control sequences, DECSET); the wheel's mode is saved
 * for restoring.
 */
export const ENTER_SCREEN = '\u001b[?1049h\u001b[?7l\u001b[?2004h\u001b[?1007s'
/** Restores all of that, the cursor and the normal style. */
export const LEAVE_SCREEN =
  '\u001b[0m\u001b[?1000l\u001b[?1006l\u001b[?1007r\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l'

/** The wheel as arrows (1007), as mouse reports (1000, in the form 1006), or not at all. */
export const WHEEL_MODES: Readonly<Record<ScreenSettings['wheel'], string>> = {
  arrows: '\u001b[?1000l\u001b[?1006l\u001b[?1007h',
  mouse: '\u001b[?1007l\u001b[?1006h\u001b[?1000h',
  off: '\u001b[?1000l\u001b[?1006l\u001b[?1007l',
}

/**
 * A terminal that supports it shows an update at once
 * (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036).
 */
const BEGIN_UPDATE = '\u001b[?2026h\u001b[?25l'
const END_UPDATE = '\u001b[?25h\u001b[?2026l'
const ERASE_LINE = '\u001b[0m\u001b[2K'

export class Painter {
  #shown: readonly string[] = []
  #cursor = ''
  #size = ''

  /** The sequences that draw the frame; empty if it is shown already. */
  draw(frame: Frame, theme: ThemeName): string {
    const size = `${frame.columns} ${frame.rows}`
    if (size !== this.#size) this.forget()
    const lines = paint(frame, theme)
    const move = bestScroll(this.#shown, lines)
    const before = move === undefined ? this.#shown : afterScroll(this.#shown, move)
    const written = lines.map((line, row) =>
      line === before[row] ? '' : `${cursorAt(0, row)}${ERASE_LINE}${line}`,
    )
    const changed = (move === undefined ? '' : scrollSequence(move)) + written.join('')
    const cursor = cursorAt(frame.cursor.x, frame.cursor.y)
    const isSame = changed === '' && cursor === this.#cursor
    this.#shown = lines
    this.#cursor = cursor
    this.#size = size
    return isSame ? '' : `${BEGIN_UPDATE}${changed}${cursor}${END_UPDATE}`
  }

  /** The terminal's content is unknown: the next frame is drawn in full. */
  forget(): void {
    this.#shown = []
    this.#cursor = ''
  }
}

/** Scrolls lines: set margins (DECSTBM), scroll up or down (SU, SD), reset margins. */
function scrollSequence({ by, first, end }: ScrollMove): string {
  return `\u001b[0m\u001b[${first + 1};${end}r\u001b[${Math.abs(by)}${by > 0 ? 'S' : 'T'}\u001b[r`
}

/** The cursor at a position, zero-based (CUP). */
function cursorAt(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`
}

// Detects whether a frame is mostly the previous one scrolled up or down, as when a line is added or the
// wheel turns: then the terminal scrolls the lines itself, and only the others are written. Pure, on painted
// lines.

/** Lines `first` to `end` (exclusive) scroll up by so many; down if negative. */
export interface ScrollMove {
  readonly by: number
  readonly first: number
  readonly end: number
}

/** Lines that a scroll must save to be worthwhile: its own cost, and some terminals' work. */
const MIN_SAVED_LINES = 3
/** Beyond this, a window jumps and little of it stays. */
const MAX_SCROLL_LINES = 12

/** The scroll that leaves the fewest lines to write; undefined if none saves enough. */
function bestScroll(shown: readonly string[], wanted: readonly string[]): ScrollMove | undefined {
  let least = differing(shown, wanted) - MIN_SAVED_LINES
  let best: ScrollMove | undefined
  if (least < 0 || shown.length !== wanted.length) return undefined
  for (let distance = 1; distance <= Math.min(MAX_SCROLL_LINES, wanted.length - 1); distance++) {
    for (const by of [distance, -distance]) {
      const move = scrollBy(by, shown, wanted)
      const left = move === undefined ? Number.POSITIVE_INFINITY : differing(afterScroll(shown, move), wanted)
      if (left > least) continue
      least = left - 1
      best = move
    }
  }
  return best
}

/** The content after a scroll: vacated lines are blank. */
function afterScroll(shown: readonly string[], { by, first, end }: ScrollMove): readonly string[] {
  return shown.map((line, at) => {
    if (at < first || at >= end) return line
    const from = at + by
    return from < first || from >= end ? '' : (shown[from] ?? '')
  })
}

/** From the first line that would be right after scrolling by so many to the last. */
function scrollBy(by: number, shown: readonly string[], wanted: readonly string[]): ScrollMove | undefined {
  const fits = (line: string, at: number): boolean => line !== '' && line === shown[at + by]
  const [first, last] = [wanted.findIndex(fits), wanted.findLastIndex(fits)]
  if (first === -1) return undefined
  return { by, first: Math.min(first, first + by), end: Math.max(last, last + by) + 1 }
}

function differing(a: readonly string[], b: readonly string[]): number {
  return b.reduce((count, line, at) => (line === a[at] ? count : count + 1), 0)
}
