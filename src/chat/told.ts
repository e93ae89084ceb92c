/**
 * What the user is told, in order: `bye` is the last of it, whatever still happens while things close, and who
 * waits for something to happen can wait for the next event.
 */
import type { UiEvent } from '../api/events.ts'

export class Told {
  readonly #emit: (event: UiEvent) => void
  #isOver = false
  #next = Promise.withResolvers<void>()

  constructor(emit: (event: UiEvent) => void) {
    this.#emit = emit
  }

  readonly emit = (event: UiEvent): void => {
    if (this.#isOver) return
    this.#emit(event)
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }

  /** Tells this, and nothing after it. */
  last(event: UiEvent): void {
    this.emit(event)
    this.#isOver = true
  }

  /** Resolves with the next event, or when the signal fires. */
  async next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort)
    await Promise.race([this.#next.promise, promise])
    signal.removeEventListener('abort', onAbort)
  }
}
