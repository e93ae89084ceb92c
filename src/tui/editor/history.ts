/**
 * What was typed before in a room: Up and Down go through it, and what was being typed meanwhile waits at its end.
 */

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
