/**
 * The scroll position: which lines of a transcript a window shows. It follows the end, or stays where the
 * reader put it: at a row, and so many of its lines below the window's edge, so that messages arriving
 * elsewhere move nothing. Only rows near the window are laid out.
 */
import type { FrameLine } from '../layout/frame.ts'
import type { Row } from './transcript.ts'

/** The row at the lower edge, and how many of its lines are below. */
export interface ScrollAnchor {
  readonly row: Row
  readonly below: number
}

/** What is scrolled: rows, and the lines of each with those above it (a day, the divider). */
export interface ScrollContent {
  readonly rows: readonly Row[]
  readonly linesAt: (index: number) => readonly FrameLine[]
}

/** A position in lines: `below` lines of row `index` are below the edge. */
interface ScrollEdge {
  readonly index: number
  readonly below: number
}

/** The lines of a window, at most `height`; the last one is at the lower edge. */
export function windowLines(scrolled: ScrollContent, edge: ScrollEdge, height: number): readonly FrameLine[] {
  const parts: (readonly FrameLine[])[] = []
  let count = 0
  for (let { index, below } = edge; index >= 0 && count < height; index--) {
    const lines = scrolled.linesAt(index)
    const seen = below === 0 ? lines : lines.slice(0, Math.max(0, lines.length - below))
    below = 0
    parts.push(seen)
    count += seen.length
  }
  const all = parts.reverse().flat()
  return all.slice(Math.max(0, all.length - height))
}

/** The end of all rows. */
export function bottomEdge({ rows }: ScrollContent): ScrollEdge {
  return { index: rows.length - 1, below: 0 }
}

/** The position that shows the beginning, with the window full if there are enough lines. */
export function topEdge(scrolled: ScrollContent, height: number): ScrollEdge {
  return scrolledDown(scrolled, { index: 0, below: lineCount(scrolled, 0) }, height)
}

/** The position so many lines further up, at most at the beginning. */
export function scrolledUp(
  scrolled: ScrollContent,
  edge: ScrollEdge,
  lines: number,
  height: number,
): ScrollEdge {
  let { index, below } = edge
  below += lines
  while (index > 0 && below >= lineCount(scrolled, index)) {
    below -= lineCount(scrolled, index)
    index -= 1
  }
  const moved = { index, below: Math.min(below, lineCount(scrolled, index)) }
  const highest = topEdge(scrolled, height)
  return isAbove(moved, highest) ? highest : moved
}

/** The position so many lines further down, at most at the end. */
export function scrolledDown(scrolled: ScrollContent, edge: ScrollEdge, lines: number): ScrollEdge {
  let { index, below } = edge
  below -= lines
  while (below < 0 && index < scrolled.rows.length - 1) {
    index += 1
    below += lineCount(scrolled, index)
  }
  return { index, below: Math.max(0, below) }
}

/** The position with a row's first line at the top of the window. */
export function withRowOnTop(scrolled: ScrollContent, index: number, height: number): ScrollEdge {
  return scrolledDown(scrolled, { index, below: lineCount(scrolled, index) }, height)
}

export function isAtBottom({ rows }: ScrollContent, { index, below }: ScrollEdge): boolean {
  return index >= rows.length - 1 && below === 0
}

function isAbove(a: ScrollEdge, b: ScrollEdge): boolean {
  return a.index !== b.index ? a.index < b.index : a.below > b.below
}

function lineCount(scrolled: ScrollContent, index: number): number {
  return index < 0 || index >= scrolled.rows.length ? 0 : scrolled.linesAt(index).length
}
