/**
 * The transcript window: a room's rows as lines, with a line at the start of each day and one above unread
 * messages. Layouts are cached with their row, as long as the row and the look stay the same.
 */

import { fitTo } from '../../text/width.ts'
import type { RoomView } from '../model/room-view.ts'
import {
  bottomEdge,
  isAtBottom,
  type ScrollContent,
  scrolledDown,
  scrolledUp,
  topEdge,
  windowLines,
  withRowOnTop,
} from '../model/scroll.ts'
import type { Row } from '../model/transcript.ts'
import { type FrameLine, span } from './frame.ts'
import { linesOfRow, type RowLook } from './message-rows.ts'

export interface WindowLook extends RowLook {
  /** Changes whenever anything but the width does. */
  readonly key: string
  readonly date: (ms: number) => string
  readonly presence: 'fold' | 'hide'
}

interface CachedLayout {
  readonly key: string
  readonly columns: number
  /** The day of writing. */
  readonly day: string
  readonly lines: readonly FrameLine[]
}

export class TranscriptWindow {
  readonly #layouts = new WeakMap<Row, CachedLayout>()

  /** The lines in the window, at most `height`; the message with the id `picked` is highlighted. */
  lines(room: RoomView, look: WindowLook, height: number, picked?: string): readonly FrameLine[] {
    const scrolled = this.#scrolled(room, look)
    const linesAt = (index: number): readonly FrameLine[] => {
      const lines = scrolled.linesAt(index)
      const isPicked = picked !== undefined && scrolled.rows[index]?.id === picked
      return isPicked ? lines.map(line => line.map(part => ({ ...part, style: 'selected' as const }))) : lines
    }
    return windowLines({ ...scrolled, linesAt }, this.#edge(room, scrolled), height)
  }

  /** Scrolls the window by lines; negative is up. */
  scroll(room: RoomView, look: WindowLook, height: number, lines: number): void {
    const scrolled = this.#scrolled(room, look)
    const edge = this.#edge(room, scrolled)
    const moved = lines < 0 ? scrolledUp(scrolled, edge, -lines, height) : scrolledDown(scrolled, edge, lines)
    this.#applyScrollRequest(room, scrolled, moved)
  }

  scrollToTop(room: RoomView, look: WindowLook, height: number): void {
    const scrolled = this.#scrolled(room, look)
    this.#applyScrollRequest(room, scrolled, topEdge(scrolled, height))
  }

  /** True if nothing is above the window. */
  isAtTop(room: RoomView, look: WindowLook, height: number): boolean {
    const scrolled = this.#scrolled(room, look)
    const edge = this.#edge(room, scrolled)
    const highest = topEdge(scrolled, height)
    return edge.index <= highest.index && (edge.index < highest.index || edge.below >= highest.below)
  }

  /** Scrolls a row to the upper edge, as far as the rows after it fill the window. */
  showFromTop(room: RoomView, look: WindowLook, height: number, row: Row): void {
    const index = room.transcript.indexOf(row)
    if (index === -1) return
    const scrolled = this.#scrolled(room, look)
    this.#applyScrollRequest(room, scrolled, withRowOnTop(scrolled, index, height))
  }

  /** Scrolls a row to the middle, with its context; the last ones stay at the end. */
  showAround(room: RoomView, look: WindowLook, height: number, row: Row): void {
    this.showFromTop(room, look, height, row)
    if (room.anchor !== undefined) this.scroll(room, look, height, -Math.floor(height / 2))
  }

  #edge(room: RoomView, scrolled: ScrollContent): { readonly index: number; readonly below: number } {
    if (room.anchor === undefined) return bottomEdge(scrolled)
    const index = room.transcript.indexOf(room.anchor.row)
    return index === -1 ? { index: 0, below: 0 } : { index, below: room.anchor.below }
  }

  #applyScrollRequest(room: RoomView, scrolled: ScrollContent, edge: { index: number; below: number }): void {
    const row = scrolled.rows[edge.index]
    if (row === undefined || isAtBottom(scrolled, edge)) room.follow()
    else room.anchor = { row, below: edge.below }
  }

  #scrolled(room: RoomView, look: WindowLook): ScrollContent {
    const { rows } = room.transcript
    return { rows, linesAt: index => this.#linesAt(room, index, look) }
  }

  #linesAt(room: RoomView, index: number, look: WindowLook): readonly FrameLine[] {
    const { rows } = room.transcript
    const row = rows[index]
    if (row === undefined) return []
    const { lines, day } = this.#layoutOf(row, look)
    const before = rows[index - 1]
    const isNewDay = before === undefined || this.#layoutOf(before, look).day !== day
    const isUnread = room.divider === row.id
    if (!isNewDay && !isUnread) return lines
    return [
      ...(isNewDay ? [dividerLine(day, 'faint', look)] : []),
      ...(isUnread ? [dividerLine('new', 'divider', look)] : []),
      ...lines,
    ]
  }

  #layoutOf(row: Row, look: WindowLook): CachedLayout {
    const known = this.#layouts.get(row)
    if (known !== undefined && known.key === look.key && known.columns === look.columns) return known
    const isHidden = row.kind === 'presence' && look.presence === 'hide'
    const lines = isHidden ? [] : linesOfRow(row, look)
    const laid = { key: look.key, columns: look.columns, day: look.date(row.at), lines }
    this.#layouts.set(row, laid)
    return laid
  }
}

/** `── 2026-11-25 ─────` across the window. */
function dividerLine(text: string, style: 'faint' | 'divider', { columns }: RowLook): FrameLine {
  return [span(fitTo(`── ${text} `, Math.min(columns, DIVIDER_COLUMNS)).replace(/ +$/, dashes), style)]
}

/** Columns of a dividing line. */
const DIVIDER_COLUMNS = 40

function dashes(blank: string): string {
  return ` ${'─'.repeat(Math.max(0, blank.length - 1))}`
}
