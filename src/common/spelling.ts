/**
 * Suggests the word that a user probably meant. A suggestion never causes an action.
 */

/** Typing mistakes that a suggestion may bridge: one in a word of up to 4 letters, two in longer ones. */
const MAX_TYPOS = 2
const SHORT_WORD = 4

/** The candidate that is the fewest edits from `word`, or undefined if none is near enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase()
  let best: { readonly candidate: string; readonly slips: number } | undefined
  for (const candidate of candidates) {
    const slips = distance(typed, candidate.toLowerCase())
    if (best === undefined || slips < best.slips) best = { candidate, slips }
  }
  const allowed = word.length <= SHORT_WORD ? 1 : MAX_TYPOS
  return best !== undefined && best.slips <= allowed ? best.candidate : undefined
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. Candidates
 * are short words of ours; an overlong `a` is no typing mistake and isn't measured.
 */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_TYPOS) return Number.POSITIVE_INFINITY
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(cell(a, b, i, j, { row, last, beforeLast }))
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

interface Rows {
  readonly row: readonly number[]
  readonly last: readonly number[]
  readonly beforeLast: readonly number[]
}

function cell(a: string, b: string, i: number, j: number, rows: Rows): number {
  const far = Number.POSITIVE_INFINITY
  const substituted = (rows.last[j - 1] ?? far) + (a[i - 1] === b[j - 1] ? 0 : 1)
  const swapped =
    i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      ? (rows.beforeLast[j - 2] ?? far) + 1
      : far
  return Math.min(substituted, swapped, (rows.row[j - 1] ?? far) + 1, (rows.last[j] ?? far) + 1)
}
