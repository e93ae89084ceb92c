/**
 * A surface is where a chat meets its user: events go out, lines come in. This one is for streams (`--json`,
 * `--plain`, pipes, dumb terminals); `prompt.ts` and `full-screen.ts` are for terminals.
 */
import type { UiEvent } from '../../api/events.ts'
import type { Line } from '../input/lines.ts'
import { readLines } from '../input/lines.ts'
import type { Io } from '../io.ts'
import { BatchWriter } from './batch-writer.ts'
import type { OutputFilter } from './output-filter.ts'
import { failureEvent, stderrLines } from './stderr.ts'

/** An event as text with its line ends; empty if it isn't shown. */
export type EventFormatter = (event: UiEvent) => string

export interface Surface {
  /** Shows an event, soon and in order. Never blocks. */
  readonly emit: (event: UiEvent) => void
  /** Shows a line of the log. */
  readonly log: (line: string) => void
  /** The user's lines, as many at a time as arrived together. Ends when the user can't write any more. */
  readonly lines: AsyncIterable<readonly Line[]>
  /** Resolves when the reader has taken what was emitted, so that more lines should be read. */
  readonly ready: () => Promise<void>
  /** Resolves with the reason when nothing can be shown any more. */
  readonly broken: Promise<Error>
  /** Shows what is pending and restores the terminal. */
  readonly close: () => Promise<void>
}

/** A surface of plain streams. `lines` replaces standard input if the user writes nothing. */
export function streamSurface(io: Io, format: EventFormatter, lines?: Surface['lines']): Surface {
  io.unblock()
  const writer = new BatchWriter(io.stdout, { droppedLine: count => format(droppedEvent(count)) })
  return {
    emit: event => {
      const text = format(event)
      if (text !== '') writer.write(text)
    },
    log: stderrLines(io),
    lines: lines ?? readLines(io.stdin),
    ready: () => writer.ready(),
    broken: writer.broken,
    close: () => writer.flush(),
  }
}

/** Replaces events for which a reader was too slow. */
export function droppedEvent(count: number): UiEvent {
  return {
    ...failureEvent(undefined),
    code: 'output-overflow',
    text: `${count} events are missing here: standard output was not read`,
    remedy: 'Read it faster; the messages are in the log all the same',
  }
}

// Drives an output filter: events go in, the filter's events come out, and a timer fetches what it held back.

/**
 * The function to emit to, so that `show` gets the filtered events. `now` is milliseconds since the epoch.
 */
export function filteredSurface(
  sieve: OutputFilter,
  show: (event: UiEvent) => void,
  now: () => number,
): (event: UiEvent) => void {
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    timer = undefined
    for (const event of sieve.due(now())) show(event)
    wait()
  }
  // One timer at a time: a burst only moves its end, which is checked again when the timer fires.
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
