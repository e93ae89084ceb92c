/**
 * The order that everyone shows: by `(ts, id)`. The hybrid clock in `ts` makes it causal; the id decides ties
 * the same way everywhere.
 */
import type { MessageId } from './ids.ts'

export interface Position {
  readonly ts: number
  readonly id: MessageId
}

/** Negative, zero or positive, as a sort wants it. Zero only for the same message. */
export function compare(a: Position, b: Position): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

/** The later of two positions. */
export function later(a: Position | undefined, b: Position): Position {
  return a === undefined || compare(a, b) < 0 ? b : a
}
