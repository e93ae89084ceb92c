/**
 * The world as a command sees it: `main.ts` makes one from the process, tests make their own.
 */
import type { Readable, Writable } from 'node:stream'
import type { Environment, HostFacts } from '../config/platform.ts'

/** A terminal says so; a pipe or a file doesn't. */
export interface Input extends Readable {
  readonly isTTY?: boolean
  /** A terminal's: keys as they are pressed, not lines. */
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
  /** Of Node, without a `v`. */
  readonly nodeVersion: string
  /** What the user typed and the process that runs it, for whom the data folder refuses. */
  readonly who: string
  /** Calls back at each signal that asks the program to end. Returns what stops it. */
  readonly onSignal: (handler: () => void) => () => void
  /**
   * Calls back once before the process ends or tells of a fault, however that comes, so that the terminal is as it
   * was. The handler must not wait for anything. Returns what forgets it.
   */
  readonly atEnd: (handler: () => void) => () => void
  /**
   * From now on a terminal that isn't read (Ctrl-S, a connection that hangs) makes what is written wait, and not the
   * program: who writes has to bound what waits. Otherwise Node stops everything until the terminal has taken it.
   */
  readonly unblock: () => void
  /** Puts the program to sleep as Ctrl-Z does. Resolves when it goes on. */
  readonly suspend: () => Promise<void>
}

/** Somebody sits there: both ends are a terminal. */
export function isTerminal(io: Io): boolean {
  return io.stdin.isTTY === true && io.stdout.isTTY === true
}

/** A terminal that can move its cursor. */
export function isInteractive(io: Io): boolean {
  return isTerminal(io) && io.env['TERM'] !== 'dumb'
}
