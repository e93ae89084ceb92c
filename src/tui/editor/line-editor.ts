/**
 * The line editor: text, cursor, kill ring and undo. Immutable values: each operation returns the next state.
 * The cursor is always at a grapheme boundary.
 */
import { boundaryAt } from '../../text/graphemes.ts'

/** Undo steps: more than anyone remembers. */
const MAX_UNDO = 200
/** The size of the kill ring, as in readline and Emacs. */
const MAX_KILLS = 30

interface Snapshot {
  readonly text: string
  readonly cursor: number
}

export interface Line extends Snapshot {
  readonly undo: readonly Snapshot[]
  /** Newest first. */
  readonly kills: readonly string[]
  /** The last operation: typing is undone by words, and kills in a row are joined. */
  readonly last: 'type' | 'kill' | 'yank' | 'other'
  /** What a yank inserted, so that the next kill can replace it. */
  readonly yanked?: { readonly start: number; readonly turn: number }
}

export const EMPTY_LINE: Line = { text: '', cursor: 0, undo: [], kills: [], last: 'other' }

/** Everything but line ends and tabs that a terminal acts on. */
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Inserts typed or pasted text. */
export function insert(line: Line, raw: string): Line {
  const text = raw.replace(/\r\n?/g, '\n').replace(CONTROLS, '')
  if (text === '') return line
  const { cursor } = line
  const next = splice(line, cursor, cursor, text)
  // a word is one undo step, and so is a paste
  const goesOn = line.last === 'type' && !/\s/.test(text) && text.length === 1
  return goesOn ? { ...next, undo: line.undo, last: 'type' } : { ...next, last: 'type' }
}

/** Moves the cursor. */
export function moveTo(line: Line, place: number): Line {
  const { yanked: _, ...rest } = line
  return { ...rest, cursor: boundaryAt(line.text, place), last: 'other' }
}

/** Deletes a range. */
export function remove(line: Line, start: number, end: number): Line {
  return start >= end ? line : { ...splice(line, start, end, ''), last: 'other' }
}

/** Deletes a range into the kill ring; `side` is where it was, seen from the cursor. */
export function kill(line: Line, start: number, end: number, side: 'before' | 'behind'): Line {
  if (start >= end) return { ...line, last: line.last === 'kill' ? 'kill' : 'other' }
  const text = line.text.slice(start, end)
  const [newest = '', ...older] = line.kills
  const joined = side === 'before' ? text + newest : newest + text
  const kills = line.last === 'kill' ? [joined, ...older] : [text, ...line.kills].slice(0, MAX_KILLS)
  return { ...splice(line, start, end, ''), kills, last: 'kill' }
}

/** Inserts the latest kill. */
export function yank(line: Line): Line {
  const text = line.kills[0]
  if (text === undefined) return line
  const { cursor } = line
  return { ...splice(line, cursor, cursor, text), yanked: { start: cursor, turn: 0 }, last: 'yank' }
}

/** Right after a yank: replaces it by the previous kill. */
export function yankPop(line: Line): Line {
  const { yanked, kills } = line
  if (line.last !== 'yank' || yanked === undefined || kills.length === 0) return line
  const turn = (yanked.turn + 1) % kills.length
  const next = splice(line, yanked.start, line.cursor, kills[turn] ?? '')
  return { ...next, undo: line.undo, yanked: { start: yanked.start, turn }, last: 'yank' }
}

/** One step back. */
export function undo(line: Line): Line {
  const [back, ...rest] = line.undo
  const { yanked: _, ...kept } = line
  return back === undefined ? line : { ...kept, ...back, undo: rest, last: 'other' }
}

/** Replaces the whole text; the kill ring stays. */
export function replaceText(line: Line, text: string): Line {
  return { ...EMPTY_LINE, kills: line.kills, text, cursor: text.length }
}

/** Replaces a range by `text`; the cursor goes after it. */
export function splice(line: Line, start: number, end: number, inserted: string): Line {
  const text = line.text.slice(0, start) + inserted + line.text.slice(end)
  const cursor = boundaryAt(text, start + inserted.length)
  const undo = [{ text: line.text, cursor: line.cursor }, ...line.undo].slice(0, MAX_UNDO)
  return { text, cursor, undo, kills: line.kills, last: 'other' }
}
