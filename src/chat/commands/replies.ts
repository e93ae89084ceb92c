/** Tells a user what was asked for: notices, and errors with what to do about them. */
import type { UiEvent } from '../../api/events.ts'

export class Replies {
  readonly #emit: (event: UiEvent) => void

  constructor(emit: (event: UiEvent) => void) {
    this.#emit = emit
  }

  /** `text` is for people, `detail` for programs. */
  notice(code: string, text: string, detail: Readonly<Record<string, unknown>>): void {
    this.#emit({ ...detail, type: 'notice', code, text })
  }

  error(code: string, text: string, remedy: string): void {
    this.#emit({ type: 'error', code, text, remedy })
  }
}
