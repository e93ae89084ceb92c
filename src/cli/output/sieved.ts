/**
 * Drives a sieve: events go in, what it lets through comes out, and a timer fetches what it held back.
 */
import type { UiEvent } from '../../api/events.ts'
import type { Sieve } from './output-filter.ts'

/** What to emit to, so that `show` gets what the sieve lets through. `now` is milliseconds since the epoch. */
export function sieved(
  sieve: Sieve,
  show: (event: UiEvent) => void,
  now: () => number,
): (event: UiEvent) => void {
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    timer = undefined
    for (const event of sieve.due(now())) show(event)
    wait()
  }
  // One timer at a time: a burst only moves the end of it, which is looked up again when the timer fires.
  const wait = (): void => {
    const { dueAt } = sieve
    if (dueAt === undefined || timer !== undefined) return
    timer = setTimeout(look, Math.max(0, dueAt - now())).unref()
  }
  return event => {
    for (const shown of sieve.take(event, now())) show(shown)
    wait()
  }
}
