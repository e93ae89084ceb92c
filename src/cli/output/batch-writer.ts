/**
 * Writes lines to a stream, all lines of one turn of the event loop at once: a burst of events costs one
 * system call. If the reader is slow, lines queue in bounded memory; beyond that they are dropped and
 * counted, and the count is written in their place. A reader that went away ends it quietly.
 */
import type { Writable } from 'node:stream'

/** UTF-16 units queued for a slow reader: minutes of a busy room, and a small part of a small machine. */
const MAX_WAITING = 67_108_864

export interface BatchWriterOptions {
  /** The line that replaces `count` dropped ones. */
  readonly droppedLine: (count: number) => string
  /** Defaults to `MAX_WAITING`. */
  readonly maxWaiting?: number
}

export class BatchWriter {
  readonly #stream: Writable
  readonly #options: BatchWriterOptions
  readonly #broken = Promise.withResolvers<Error>()
  #waiting: string[] = []
  #waitingUnits = 0
  #dropped = 0
  #state: 'idle' | 'scheduled' | 'blocked' | 'broken' = 'idle'
  #free = Promise.withResolvers<void>()

  constructor(stream: Writable, options: BatchWriterOptions) {
    this.#stream = stream
    this.#options = options
    this.#free.resolve()
    stream.on('drain', () => this.#onDrain())
    stream.on('error', error => this.#onError(error))
    stream.on('close', () => this.#onError(new Error('the output was closed')))
  }

  /** Resolves, with the reason, when nothing can be written any more. */
  get broken(): Promise<Error> {
    return this.#broken.promise
  }

  /** Writes text that ends with a line end, soon and in order. */
  write(text: string): void {
    if (this.#state === 'broken') return
    const isFull = this.#waitingUnits + text.length > (this.#options.maxWaiting ?? MAX_WAITING)
    // Once one is dropped, the next ones are, too, so that the count is where the gap is.
    if (isFull || this.#dropped > 0) {
      this.#dropped += 1
      return
    }
    this.#waiting.push(text)
    this.#waitingUnits += text.length
    if (this.#state !== 'idle') return
    this.#state = 'scheduled'
    this.#free = Promise.withResolvers<void>()
    setImmediate(() => this.#writeOut())
  }

  /** Resolves when the reader keeps up: producers should await this now and then. */
  ready(): Promise<void> {
    return this.#free.promise
  }

  /** Resolves when everything was handed to the operating system, or never can be. */
  async flush(): Promise<void> {
    await this.ready()
    if (this.#state === 'broken' || this.#stream.writableLength === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.write('', () => resolve())
    await Promise.race([promise, this.broken])
  }

  #writeOut(): void {
    if (this.#state !== 'scheduled') return
    if (this.#dropped > 0) this.#waiting.push(this.#options.droppedLine(this.#dropped))
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#waitingUnits = 0
    this.#dropped = 0
    const hasRoom = text === '' || this.#stream.write(text)
    this.#state = hasRoom ? 'idle' : 'blocked'
    if (hasRoom) this.#free.resolve()
  }

  #onDrain(): void {
    if (this.#state !== 'blocked') return
    this.#state = 'scheduled'
    this.#writeOut()
  }

  #onError(error: Error): void {
    if (this.#state === 'broken') return
    this.#state = 'broken'
    this.#waiting = []
    this.#broken.resolve(error)
    this.#free.resolve()
  }
}
