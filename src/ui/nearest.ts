/**
 * The word that somebody probably meant. Only for suggestions: nothing is ever done by a guess.
 */

/** Typing mistakes that a suggestion bridges, and how long a word must be for each. */
const MAX_SLIPS = 2
const LETTERS_PER_SLIP = 2

/** The candidate that is fewest slips from `word`; undefined if none is near enough to have been meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.min(MAX_SLIPS, Math.ceil(word.length / LETTERS_PER_SLIP))
  let best: string | undefined
  let fewest = allowed + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > allowed) continue
    const slips = slipsBetween(word, candidate)
    if (slips >= fewest) continue
    best = candidate
    fewest = slips
  }
  return best
}

/** Levenshtein's distance with swaps of neighbours counted once ("optimal string alignment"). */
function slipsBetween(a: string, b: string): number {
  let before: readonly number[] = []
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          (above[j - 1] ?? 0) + same,
          (above[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = above
    above = row
  }
  return above[b.length] ?? 0
}
