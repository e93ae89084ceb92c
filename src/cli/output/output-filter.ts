/**
 * What stands between a session and an output that can't show everything, or not at once: it lets events through,
 * holds some back for a moment, and may put one in the place of many. It reads no clock; who drives it gives times.
 */
import type { UiEvent } from '../../api/events.ts'

/** Times are milliseconds since the epoch. */
export interface Sieve {
  /** What to show now that this happened, in order. After `bye` nothing is held back any more. */
  take(event: UiEvent, now: number): readonly UiEvent[]

  /** When `due` has something, if nothing else happens until then. */
  readonly dueAt: number | undefined

  /** What was held back long enough. */
  due(now: number): readonly UiEvent[]
}
