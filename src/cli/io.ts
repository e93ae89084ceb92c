/**
 * The outside world as a command sees it: `main.ts` creates it from the process, tests create their own.
 */
import type { Readable, Writable } from 'node:stream'
import type { Environment, HostFacts } from '../config/platform.ts'

/** Says whether it is a terminal; pipes and files aren't. */
export interface Input extends Readable {
  readonly isTTY?: boolean
  /** On a terminal: delivers keys as they are pressed, not lines. */
  readonly setRawMode?: (isRaw: boolean) => unknown
}

export interface Output extends Writable {
  readonly isTTY?: boolean
  /** A terminal's size; it emits `resize` when that changes. */
  readonly columns?: number
  readonly rows?: number
}

export interface Io {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Environment
  readonly host: HostFacts
  /** Node's version, without a `v`. */
  readonly nodeVersion: string
  /** What the user typed and the process that runs it, for the error about a locked data folder. */
  readonly who: string
  /** Calls back at each signal that asks the program to end. Returns a function that stops it. */
  readonly onSignal: (handler: () => void) => () => void
  /**
   * Calls back once before the process ends or reports a fault, in every case, so that the terminal is
   * restored. The handler must not wait for anything. Returns a function that removes it.
   */
  readonly atEnd: (handler: () => void) => () => void
  /**
   * From now on, writing to a terminal that isn't read (Ctrl-S, a connection that hangs) queues instead of
   * blocking the program: the writer must bound the queue.
   */
  readonly unblock: () => void
  /** Suspends the program as Ctrl-Z does. Resolves when it is resumed. */
  readonly suspend: () => Promise<void>
}

/** Someone is there: both ends are a terminal. */
export function isTerminal(io: Io): boolean {
  return io.stdin.isTTY === true && io.stdout.isTTY === true
}

/** A terminal that can move its cursor. */
export function isInteractive(io: Io): boolean {
  return isTerminal(io) && io.env['TERM'] !== 'dumb'
}
