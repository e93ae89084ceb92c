/**
 * The logger interface. Every part can log without knowing where the lines go. What the user must see is an
 * event or a `ParleyError`, not a log line.
 */

/** From the quietest to the most talkative. Each level includes those before it. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** Values that belong to a line, shown as `key=value` after its text. */
export type LogDetail = Readonly<Record<string, unknown>>

type Write = (text: string, detail?: LogDetail) => void

/** One call is one line. `text` is a short fact in plain words; variable data goes into `detail`. */
export interface Logger {
  readonly error: Write
  readonly warn: Write
  readonly info: Write
  readonly debug: Write
  readonly trace: Write
}

const nothing: Write = () => {}

/** A logger that drops every line, for `--log-level silent` and for tests. */
export const SILENT_LOGGER: Logger = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
}
