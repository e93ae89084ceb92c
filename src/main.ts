/**
 * The only file that touches the process: it turns streams, environment, arguments and signals into values, runs the
 * command, and ends the process with its exit code.
 */
import { homedir, userInfo } from 'node:os'
import type { Io } from './cli/io.ts'
import { failureLine } from './cli/output/stderr.ts'
import { run } from './cli/program.ts'

/** Signals that ask a program to end: Ctrl-C, `kill`, a closed terminal. */
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Characters of the command line in the error about a locked data folder. */
const MAX_COMMAND = 200

const words = process.argv.slice(2)

/** The handlers that restore the terminal. */
const endHandlers = new Set<() => void>()

async function main(): Promise<void> {
  process.removeAllListeners('warning').on('warning', onWarning)
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  process.on('exit', runEndHandlers)
  const exitCode = await run(words, processIo())
  await Promise.all([drained(process.stdout), drained(process.stderr)])
  process.exit(exitCode)
}

function processIo(): Io {
  return {
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    host: { platform: process.platform, home: homedir(), login: loginName(), cwd: process.cwd() },
    nodeVersion: process.versions.node,
    who: `${['parley', ...words].join(' ').slice(0, MAX_COMMAND)} (process ${process.pid})`,
    onSignal(handler) {
      for (const signal of END_SIGNALS) process.on(signal, handler)
      return () => {
        for (const signal of END_SIGNALS) process.off(signal, handler)
      }
    },
    atEnd(handler) {
      endHandlers.add(handler)
      return () => endHandlers.delete(handler)
    },
    unblock,
    suspend,
  }
}

function runEndHandlers(): void {
  const handlers = [...endHandlers]
  endHandlers.clear()
  for (const handler of handlers) handler()
}

/** Node's streams have no option for this, but their handle does. A shared terminal is restored afterwards. */
function unblock(): void {
  setBlocking(false)
  process.once('exit', () => setBlocking(true))
}

function setBlocking(isBlocking: boolean): void {
  for (const stream of [process.stdout, process.stderr] as readonly TerminalStream[]) {
    if (stream.isTTY === true) stream._handle?.setBlocking?.(isBlocking)
  }
}

interface TerminalStream {
  readonly isTTY?: boolean
  readonly _handle?: { readonly setBlocking?: (isBlocking: boolean) => unknown }
}

/** Longer than a signal takes to arrive, milliseconds. */
const SIGNAL_MS = 50

/**
 * Suspends the whole process group, as the terminal's Ctrl-Z would, including npm if it started us. If no shell could
 * resume it, the system ignores the signal; either way the next line runs when the program may continue.
 */
function suspend(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (process.platform !== 'win32') process.kill(0, 'SIGTSTP')
  setTimeout(resolve, SIGNAL_MS)
  return promise
}

/** A container's user may have no name. */
function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

/** How long the end waits for a terminal that isn't read, milliseconds: the contract is 3 seconds in all. */
const DRAIN_MS = 500

/**
 * Resolves when all output was handed to the operating system, or never can be. A pipe's reader may take its time; a
 * terminal that isn't read is abandoned.
 */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (stream.writableLength === 0 || stream.destroyed) resolve()
  else stream.write('', () => resolve())
  stream.once('error', () => resolve())
  if (stream.isTTY) setTimeout(resolve, DRAIN_MS).unref()
  return promise
}

/** `node:sqlite` is experimental and used deliberately, so its warning is dropped; others are one line each. */
function onWarning(warning: Error): void {
  if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('SQLite')) return
  process.stderr.write(`parley: ${warning.name}: ${warning.message.replaceAll('\n', ' ')}\n`)
}

/** A fault of ours. The stack is for `--log-level debug`. */
function onFault(error: unknown): void {
  runEndHandlers()
  const level = process.env['PARLEY_LOG_LEVEL'] ?? ''
  const wantsStack = [...words, level].some(word => /(^|=)(debug|trace)$/.test(word))
  const stack = wantsStack && error instanceof Error ? `\n${error.stack}` : ''
  process.stderr.write(`${failureLine(error)}${stack}\n`)
  process.exitCode = 1
  drained(process.stdout).then(() => process.exit())
  setTimeout(() => process.exit(), DRAIN_MS)
}

main()
