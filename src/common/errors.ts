/**
 * A failure that a user can act on. It says what happened and why (`message`) and what to do next (`remedy`);
 * programs match on `code`, never on the text. Programmer errors are plain `Error`s instead.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError'
  /** Stable, kebab-case, documented in the README. */
  readonly code: string
  /** One sentence: what to do next. */
  readonly remedy: string
  /** The exit code that the process ends with when nothing handles it: 1 failure, 2 wrong usage or configuration. */
  readonly exitCode: 1 | 2

  constructor(
    code: string,
    message: string,
    remedy: string,
    options: { cause?: unknown; exitCode?: 1 | 2 } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = remedy
    this.exitCode = options.exitCode ?? 1
  }
}
