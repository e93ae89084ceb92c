/**
 * The line that is being typed: text, cursor, what was killed, and the way back. Values, never changed in place: each
 * operation gives the next state. The cursor always stands between two graphemes.
 */
import { boundaryAt } from '../../text/graphemes.ts'

/** Steps that can be undone; more than anybody remembers. */
const MAX_UNDO = 200
/** As many as readline's and Emacs' rings begin with to be of use. */
const MAX_KILLS = 30

interface Snapshot {
  readonly text: string
  readonly cursor: number
}

export interface Line extends Snapshot {
  readonly undo: readonly Snapshot[]
  /** Newest first. */
  readonly kills: readonly string[]
  /** What the last operation was: typing is undone by words, kills in a row are one. */
  readonly last: 'type' | 'kill' | 'yank' | 'other'
  /** What a yank inserted, so that the next kill can take its place. */
  readonly yanked?: { readonly start: number; readonly turn: number }
}

export const EMPTY_LINE: Line = { text: '', cursor: 0, undo: [], kills: [], last: 'other' }

/** Everything but line ends and tabs that acts on a terminal. */
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Inserts what was typed or pasted. */
export function insert(line: Line, raw: string): Line {
  const text = raw.replace(/\r\n?/g, '\n').replace(CONTROLS, '')
  if (text === '') return line
  const { cursor } = line
  const next = splice(line, cursor, cursor, text)
  // a word is one step back, and so is whatever was pasted
  const goesOn = line.last === 'type' && !/\s/.test(text) && text.length === 1
  return goesOn ? { ...next, undo: line.undo, last: 'type' } : { ...next, last: 'type' }
}

/** Moves the cursor. */
export function moveTo(line: Line, place: number): Line {
  const { yanked: _, ...rest } = line
  return { ...rest, cursor: boundaryAt(line.text, place), last: 'other' }
}

/** Takes out what stands between two places. */
export function remove(line: Line, start: number, end: number): Line {
  return start >= end ? line : { ...splice(line, start, end, ''), last: 'other' }
}

/** Takes it out and keeps it for a yank; `side` is where it stood, seen from the cursor. */
export function kill(line: Line, start: number, end: number, side: 'before' | 'behind'): Line {
  if (start >= end) return { ...line, last: line.last === 'kill' ? 'kill' : 'other' }
  const text = line.text.slice(start, end)
  const [newest = '', ...older] = line.kills
  const joined = side === 'before' ? text + newest : newest + text
  const kills = line.last === 'kill' ? [joined, ...older] : [text, ...line.kills].slice(0, MAX_KILLS)
  return { ...splice(line, start, end, ''), kills, last: 'kill' }
}

/** Inserts what was killed last. */
export function yank(line: Line): Line {
  const text = line.kills[0]
  if (text === undefined) return line
  const { cursor } = line
  return { ...splice(line, cursor, cursor, text), yanked: { start: cursor, turn: 0 }, last: 'yank' }
}

/** Right after a yank: what was killed before that, in its place. */
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

/** Another text altogether; what was killed stays. */
export function replaceText(line: Line, text: string): Line {
  return { ...EMPTY_LINE, kills: line.kills, text, cursor: text.length }
}

/** Puts `text` in the place of what stands between two places; the cursor goes behind it. */
export function splice(line: Line, start: number, end: number, inserted: string): Line {
  const text = line.text.slice(0, start) + inserted + line.text.slice(end)
  const cursor = boundaryAt(text, start + inserted.length)
  const undo = [{ text: line.text, cursor: line.cursor }, ...line.undo].slice(0, MAX_UNDO)
  return { text, cursor, undo, kills: line.kills, last: 'other' }
}
