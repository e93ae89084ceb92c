/**
 * The width of text in terminal columns, and cutting and wrapping by it. Text must be safe to print already.
 */
import stringWidth from 'string-width'
import { graphemes } from './graphemes.ts'

const PLAIN = /^[\x20-\x7e]*$/

/** Cached widths of graphemes: people use few, and a look-up costs a hundredth of the computation. */
const known = new Map<string, number>()
const MAX_KNOWN = 4_096
/** Longer texts are lines, which rarely repeat. */
const MAX_GRAPHEME = 16

/** Columns. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  return text.length > MAX_GRAPHEME ? measured(text) : knownWidth(text)
}

/** Over the word behind it, without a column of its own for some; a terminal that gives it one would wrap the line. */
const ABBREVIATION_MARK = /\u{70f}/gu

function measured(text: string): number {
  return stringWidth(text) + (text.match(ABBREVIATION_MARK)?.length ?? 0)
}

function knownWidth(text: string): number {
  const width = known.get(text) ?? measured(text)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(text, width)
  return width
}

/** The text in at most so many columns; an ellipsis marks what is cut off. */
export function cutTo(text: string, columns: number): string {
  if (columns <= 0) return ''
  if (widthOf(text) <= columns) return text
  return `${takeColumns(text, columns - 1)}…`
}

/** The text padded or cut to exactly this width. */
export function fitTo(text: string, columns: number): string {
  const cut = cutTo(text, columns)
  const padded = cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
  // a few characters join what follows them, so that the first space takes no column
  return padded + ' '.repeat(Math.max(0, columns - widthOf(padded)))
}

/**
 * One line of text as lines of at most `first` and then `rest` columns, broken at spaces if possible. A wider
 * grapheme has a line of its own. Never empty.
 */
export function wrap(text: string, first: number, rest: number): readonly string[] {
  if (widthOf(text) <= first) return [text]
  const cells = graphemes(text)
  const widths = cells.map(widthOf)
  const lines: string[] = []
  let start = 0
  for (let columns = first; start < cells.length; columns = rest) {
    const mayBeEmpty = lines.length === 0 && first < rest
    const end = lineEnd({ cells, widths, start, columns }, mayBeEmpty)
    lines.push(cells.slice(start, end).join(''))
    // the space at the break
    start = end < cells.length && cells[end] === ' ' ? end + 1 : end
  }
  return lines
}

interface Rest {
  readonly cells: readonly string[]
  readonly widths: readonly number[]
  readonly start: number
  readonly columns: number
}

/** The end of the line that begins at `start`. */
function lineEnd({ cells, widths, start, columns }: Rest, mayBeEmpty: boolean): number {
  let [width, space, at] = [0, -1, start]
  for (; at < cells.length; at++) {
    const next = width + (widths[at] ?? 0)
    const isFirst = at === start && !mayBeEmpty
    if (next > columns && !isFirst) break
    if (cells[at] === ' ') space = at
    width = next
  }
  const isBroken = at < cells.length && cells[at] !== ' '
  return isBroken && space > start ? space : at
}

/** As many graphemes as fit. */
function takeColumns(text: string, columns: number): string {
  let taken = ''
  let width = 0
  for (const grapheme of graphemes(text)) {
    width += widthOf(grapheme)
    if (width > columns) break
    taken += grapheme
  }
  return taken
}
