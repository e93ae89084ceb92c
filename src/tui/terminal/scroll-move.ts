/**
 * Whether a frame is mostly the one before, moved up or down, as when a line comes at the end or the wheel is turned:
 * then the terminal moves the lines itself, and only the others are written. Pure, and about lines as they are painted.
 */

/** Lines `first` to `end` (exclusive) move up by so many; down if it is negative. */
export interface Move {
  readonly by: number
  readonly first: number
  readonly end: number
}

/** Lines that a move must save to be worth it: what it takes itself, and some terminals' work. */
const LEAST_SAVED = 3
/** Further than this a window jumps and little of it stays. */
const FURTHEST = 12

/** The move that leaves the fewest lines to be written; undefined if none saves enough. */
export function bestMove(shown: readonly string[], wanted: readonly string[]): Move | undefined {
  let least = differing(shown, wanted) - LEAST_SAVED
  let best: Move | undefined
  if (least < 0 || shown.length !== wanted.length) return undefined
  for (let distance = 1; distance <= Math.min(FURTHEST, wanted.length - 1); distance++) {
    for (const by of [distance, -distance]) {
      const move = moveBy(by, shown, wanted)
      const left = move === undefined ? Number.POSITIVE_INFINITY : differing(moved(shown, move), wanted)
      if (left > least) continue
      least = left - 1
      best = move
    }
  }
  return best
}

/** What is shown after a move: what the lines went away from is blank. */
export function moved(shown: readonly string[], { by, first, end }: Move): readonly string[] {
  return shown.map((line, at) => {
    if (at < first || at >= end) return line
    const from = at + by
    return from < first || from >= end ? '' : (shown[from] ?? '')
  })
}

/** From the first line that would be right after moving by so many to the last. */
function moveBy(by: number, shown: readonly string[], wanted: readonly string[]): Move | undefined {
  const fits = (line: string, at: number): boolean => line !== '' && line === shown[at + by]
  const [first, last] = [wanted.findIndex(fits), wanted.findLastIndex(fits)]
  if (first === -1) return undefined
  return { by, first: Math.min(first, first + by), end: Math.max(last, last + by) + 1 }
}

function differing(a: readonly string[], b: readonly string[]): number {
  return b.reduce((count, line, at) => (line === a[at] ? count : count + 1), 0)
}
