/**
 * The input box: the line being typed, as lines of the window with the cursor. Control characters show as
 * something harmless; the text itself is unchanged.
 */
import { graphemes } from '../../text/graphemes.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import { widthOf } from '../../text/width.ts'
import { type FrameLine, span } from './frame.ts'

export interface InputBox {
  readonly lines: readonly FrameLine[]
  /** Within `lines`. */
  readonly cursor: { readonly x: number; readonly y: number }
}

export interface InputBoxConfig {
  readonly columns: number
  readonly maxLines: number
  /** Before the first line; further lines are indented by its width. */
  readonly prompt: string
}

const TAB = '    '

/** Lays out the text with the cursor at an offset. Of a long text, the lines around the cursor are shown. */
export function inputBox(text: string, cursor: number, config: InputBoxConfig): InputBox {
  const lead = widthOf(config.prompt)
  // one column is left for the cursor after the last character
  const grid = fill(text, cursor, Math.max(1, config.columns - lead - 1))
  const first = Math.min(
    Math.max(0, grid.y - Math.floor(config.maxLines / 2)),
    Math.max(0, grid.lines.length - config.maxLines),
  )
  const shown = grid.lines.slice(first, first + config.maxLines)
  const lines = shown.map((line, at) => [
    span(first + at === 0 ? config.prompt : ' '.repeat(lead), 'prompt'),
    span(line),
  ])
  return { lines, cursor: { x: lead + grid.x, y: grid.y - first } }
}

interface Grid {
  readonly lines: readonly string[]
  readonly x: number
  readonly y: number
}

function fill(text: string, cursor: number, columns: number): Grid {
  const lines: string[] = ['']
  let [width, place] = [0, 0]
  let at = { x: 0, y: 0 }
  for (const grapheme of graphemes(text)) {
    const shown = shownAs(grapheme)
    const isFull = width > 0 && width + widthOf(shown) > columns
    if (isFull) lines.push('')
    if (isFull) width = 0
    if (place === cursor) at = { x: width, y: lines.length - 1 }
    place += grapheme.length
    lines[lines.length - 1] += shown
    width += widthOf(shown)
    if (grapheme === '\n') lines.push('')
    if (grapheme === '\n') width = 0
  }
  if (cursor >= place) at = { x: width, y: lines.length - 1 }
  return { lines, ...at }
}

function shownAs(grapheme: string): string {
  if (grapheme === '\n') return ''
  return grapheme === '\t' ? TAB : sanitiseLine(grapheme)
}
