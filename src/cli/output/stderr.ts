/**
 * Standard error: the log and failures. A log line is `TIME LEVEL text key=value`, sanitised, since it may
 * quote peers. The logger doesn't know where its lines go; chats print them above the prompt.
 */

import { inspect } from 'node:util'
import type { UiEvent } from '../../api/events.ts'
import { jsonLine } from '../../api/json.ts'
import { ParleyError } from '../../common/errors.ts'
import type { LogDetail, Logger, LogLevel } from '../../common/logger.ts'
import { LOG_LEVELS } from '../../common/logger.ts'
import type { OutputForm } from '../../config/types.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'

/** UTF-16 units of one line: a stack trace fits, a flood of one message doesn't. */
const MAX_LINE_UNITS = 4_000

/** A logger that passes each line at `level` or above to `write`, without its line end. */
export function lineLogger(level: LogLevel, write: (line: string) => void, now: () => number): Logger {
  const logAt = (at: LogLevel) => {
    if (LOG_LEVELS.indexOf(at) > LOG_LEVELS.indexOf(level)) return () => {}
    return (text: string, detail: LogDetail = {}) => write(lineOf(now(), at, text, detail))
  }
  return {
    error: logAt('error'),
    warn: logAt('warn'),
    info: logAt('info'),
    debug: logAt('debug'),
    trace: logAt('trace'),
  }
}

function lineOf(time: number, level: LogLevel, text: string, detail: LogDetail): string {
  const pairs = Object.entries(detail).map(([key, value]) => ` ${key}=${shown(value, level)}`)
  const line = `${new Date(time).toISOString()} ${level} ${text}${pairs.join('')}`
  return sanitiseLine(line.slice(0, MAX_LINE_UNITS))
}

/** Error stacks are for debugging. */
function shown(value: unknown, level: LogLevel): string {
  if (value instanceof Error) {
    return quoted((level === 'debug' || level === 'trace' ? value.stack : undefined) ?? value.message)
  }
  return quoted(typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY }))
}

function quoted(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}

// Lines for standard error in bounded memory: a terminal that isn't read blocks nothing else.

/** UTF-16 units that may wait: some thousand lines. What exceeds it is lost; it is a log, and no message. */
const MAX_WAITING = 1_048_576

/** Writes a line without its line end. */
export function stderrLines({ stderr }: Pick<Io, 'stderr'>): (line: string) => void {
  return line => {
    if (stderr.writableLength < MAX_WAITING) stderr.write(`${line}\n`)
  }
}

// Failures: one line on standard error, safe to print whatever it quotes; with `--json` also an `error` event
// on standard output.

type ErrorEvent = Extract<UiEvent, { type: 'error' }>

/** Reports a failure in the chosen format; returns the exit code. */
export function reportFailure(error: unknown, io: Io, form: OutputForm): number {
  // A program that reads JSON must find the reason there, too.
  if (form === 'json') io.stdout.write(`${jsonLine(failureEvent(error))}\n`)
  io.stderr.write(`${failureLine(error)}\n`)
  return error instanceof ParleyError ? error.exitCode : 1
}

/** `parley: what happened and why. What to do. [code]`, without a line end. */
export function failureLine(error: unknown): string {
  return eventLine(failureEvent(error))
}

/** The same for an `error` event. */
export function eventLine({ code, text, remedy }: ErrorEvent): string {
  return sanitiseLine(`parley: ${sentence(text)} ${sentence(remedy)} [${code}]`)
}

/** Any failure as an event of `--json`. What isn't meant for users is a fault of the program. */
export function failureEvent(error: unknown): ErrorEvent {
  if (error instanceof ParleyError) {
    return { type: 'error', code: error.code, text: error.message, remedy: error.remedy }
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    type: 'error',
    code: 'internal',
    text: `a fault in the program (${what})`,
    remedy: 'Please report it, with what --log-level debug prints',
  }
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
