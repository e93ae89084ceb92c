/**
 * Output to the terminal, one piece at a time: while a terminal isn't read (it is frozen, or its connection
 * hangs), nothing queues up. Frames that nobody could see are never made; the newest one follows when it is
 * read again.
 */
import type { Writable } from 'node:stream'

export class TerminalOutputGate {
  readonly #stream: Writable
  readonly #onFree: () => void
  #state: 'free' | 'busy' | 'wanted' = 'free'

  /** `onFree` is called when something was requested meanwhile. */
  constructor(stream: Writable, onFree: () => void) {
    this.#stream = stream
    this.#onFree = onFree
  }

  /** True if the terminal has taken everything; otherwise `onFree` is called when it has. */
  isFree(): boolean {
    if (this.#state !== 'free') this.#state = 'wanted'
    return this.#state === 'free'
  }

  /** Writes in any case. Resolves when the terminal has taken it, or never will. */
  write(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#state === 'free') this.#state = 'busy'
    this.#stream.write(text, () => {
      resolve()
      if (this.#stream.writableLength === 0) this.#free()
    })
    return promise
  }

  #free(): void {
    const isWanted = this.#state === 'wanted'
    this.#state = 'free'
    if (isWanted) this.#onFree()
  }
}
