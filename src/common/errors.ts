/**
 * A failure that a user can act on. `message` says what happened and why, `remedy` what to do next. Programs
 * match on `code`, never on the text. Programmer errors are plain `Error`s.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError'
  /** Stable, kebab-case, documented in docs/scripting.md. */
  readonly code: string
  /** One sentence: what to do next. */
  readonly remedy: string
  /** The process's exit code if nothing handles the error: 1 failure, 2 wrong usage or configuration. */
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
