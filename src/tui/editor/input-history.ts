/**
 * Searching the input history, like readline's incremental search: each character continues from the found
 * line, Ctrl-R and Ctrl-S go to the next match, and equal lines match once in a row. Case is ignored. It
 * doesn't change the history; accepting a line does.
 */
import { boundaryAt } from '../../text/graphemes.ts'

export type SearchDirection = 'older' | 'newer'

export interface HistorySearch {
  readonly words: string
  readonly way: SearchDirection
  /** Where it started; the number of lines if that was the draft. */
  readonly from: number
  /** The line found last, and where the words are in it. */
  readonly found?: { readonly at: number; readonly cursor: number }
  /** No further line contains the words. */
  readonly isMissing: boolean
}

/** A search that starts at the line that history shows. */
export function beginSearch(history: History, way: SearchDirection): HistorySearch {
  return { words: '', way, from: history.at, isMissing: false }
}

/** Changed words: an extension continues from the match, anything else starts over. */
export function changeWords(history: History, search: HistorySearch, words: string): HistorySearch {
  const { found, ...begun } = search
  if (words === '') return { ...begun, words, isMissing: false }
  const goesOn = words.startsWith(search.words) && found !== undefined
  return goesOn
    ? find(history, { ...search, words }, found.at)
    : find(history, { ...begun, words }, search.from)
}

/** The next different line in that direction that contains the words. */
export function searchFurther(history: History, search: HistorySearch, way: SearchDirection): HistorySearch {
  const turned = { ...search, way }
  if (search.words === '') return turned
  const step = way === 'older' ? -1 : 1
  return find(history, turned, (search.found?.at ?? search.from) + step, foundLine(history, search))
}

/** The found line; undefined if there is none. */
export function foundLine({ lines }: History, { found }: HistorySearch): string | undefined {
  return found === undefined ? undefined : lines[found.at]
}

/** Searches from a line on, inclusive, skipping equal lines. Keeps the previous match if there is none. */
function find(history: History, search: HistorySearch, start: number, same?: string): HistorySearch {
  const wanted = search.words.toLowerCase()
  const step = search.way === 'older' ? -1 : 1
  for (let at = start; at >= 0 && at <= history.lines.length; at += step) {
    const line = history.lines[at] ?? ''
    const place = at === history.lines.length || line === same ? -1 : line.toLowerCase().lastIndexOf(wanted)
    if (place !== -1) return { ...search, found: { at, cursor: boundaryAt(line, place) }, isMissing: false }
  }
  return { ...search, isMissing: true }
}

// The input history of a room: Up and Down go through it, and the unfinished draft waits at its end.

/** Lines kept: a day's conversation. */
const MAX_LINES = 500

export interface History {
  /** Oldest first. */
  readonly lines: readonly string[]
  /** The line shown; the number of lines if the draft is. */
  readonly at: number
  /** What was on the line before going back. */
  readonly draft: string
}

export const NO_HISTORY: History = { lines: [], at: 0, draft: '' }

/** Adds a sent line. Repetitions in a row are kept once. */
export function remember(history: History, text: string): History {
  const repeated = history.lines.at(-1) === text
  const lines = repeated ? history.lines : [...history.lines, text].slice(-MAX_LINES)
  return { lines, at: lines.length, draft: '' }
}

/** One step back, given the current line; undefined if there is none. */
export function older(history: History, current: string): History | undefined {
  if (history.at === 0) return undefined
  const draft = history.at === history.lines.length ? current : history.draft
  return { ...history, at: history.at - 1, draft }
}

/** One step forward; undefined at the end. */
export function newer(history: History): History | undefined {
  return history.at >= history.lines.length ? undefined : { ...history, at: history.at + 1 }
}

/** What the line should show. */
export function lineOf({ lines, at, draft }: History): string {
  return lines[at] ?? draft
}
