/**
 * Looking for words in what was typed before, as readline's incremental search does: each character goes on from the
 * line that was found, Ctrl-R and Ctrl-S go to the next one that has the words, and the same line isn't found twice in
 * a row. Case doesn't count. It changes no history; who takes what was found does.
 */
import { boundaryAt } from '../../text/graphemes.ts'

export type Way = 'older' | 'newer'

export interface HistorySearch {
  readonly words: string
  readonly way: Way
  /** Where it began; the number of lines if that was the draft. */
  readonly from: number
  /** The line that was found last, and where in it the words stand. */
  readonly found?: { readonly at: number; readonly cursor: number }
  /** The words aren't in any line further on. */
  readonly isMissing: boolean
}

/** A search that begins at the line that history shows. */
export function beginSearch(history: History, way: Way): HistorySearch {
  return { words: '', way, from: history.at, isMissing: false }
}

/** Other words: more of them go on from what was found, fewer begin anew. */
export function retype(history: History, search: HistorySearch, words: string): HistorySearch {
  const { found, ...begun } = search
  if (words === '') return { ...begun, words, isMissing: false }
  const goesOn = words.startsWith(search.words) && found !== undefined
  return goesOn
    ? find(history, { ...search, words }, found.at)
    : find(history, { ...begun, words }, search.from)
}

/** The next line that has the words, that way, and isn't the same as the one that was found. */
export function further(history: History, search: HistorySearch, way: Way): HistorySearch {
  const turned = { ...search, way }
  if (search.words === '') return turned
  const step = way === 'older' ? -1 : 1
  return find(history, turned, (search.found?.at ?? search.from) + step, foundLine(history, search))
}

/** The line that was found; undefined if none was. */
export function foundLine({ lines }: History, { found }: HistorySearch): string | undefined {
  return found === undefined ? undefined : lines[found.at]
}

/** From a line on, itself included, but for the same line again. What was found before stays if there is nothing. */
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

// What was typed before in a room: Up and Down go through it, and what was being typed meanwhile waits at its end.

/** Lines that are kept; a day's talk. */
const MAX_LINES = 500

export interface History {
  /** Oldest first. */
  readonly lines: readonly string[]
  /** Which one is shown; the number of lines: none, the draft is. */
  readonly at: number
  /** What was being typed when going back began. */
  readonly draft: string
}

export const NO_HISTORY: History = { lines: [], at: 0, draft: '' }

/** Keeps a line that was sent. The same one twice in a row is kept once. */
export function remember(history: History, text: string): History {
  const repeated = history.lines.at(-1) === text
  const lines = repeated ? history.lines : [...history.lines, text].slice(-MAX_LINES)
  return { lines, at: lines.length, draft: '' }
}

/** One back, given what is on the line now; undefined if there is none. */
export function older(history: History, current: string): History | undefined {
  if (history.at === 0) return undefined
  const draft = history.at === history.lines.length ? current : history.draft
  return { ...history, at: history.at - 1, draft }
}

/** One forward; undefined at the end. */
export function newer(history: History): History | undefined {
  return history.at >= history.lines.length ? undefined : { ...history, at: history.at + 1 }
}

/** What the line should show. */
export function shownOf({ lines, at, draft }: History): string {
  return lines[at] ?? draft
}
