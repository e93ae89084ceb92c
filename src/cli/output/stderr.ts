/**
 * The log: one line each, `TIME LEVEL text key=value`, sanitised, since what peers send may be quoted in it. It
 * doesn't know where the lines go; chats put them above the prompt.
 */
import { inspect } from 'node:util'
import { LOG_LEVELS, type LogDetail, type Logger, type LogLevel } from '../../common/logger.ts'
import { sanitiseLine } from '../../text/sanitise.ts'

/** UTF-16 units of one line: a stack fits, a flood of one message doesn't. */
const MAX_LINE_UNITS = 4_000

/** A logger that gives `write` each line at `level` or above, without its line end. */
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

/** An error's stack is for who looks for a fault. */
function shown(value: unknown, level: LogLevel): string {
  if (value instanceof Error) {
    return quoted((level === 'debug' || level === 'trace' ? value.stack : undefined) ?? value.message)
  }
  return quoted(typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY }))
}

function quoted(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}
