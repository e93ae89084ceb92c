/**
 * Messages on a stream, each with an unsigned varint length prefix, with backpressure in both directions:
 * unread data stays with the sender, and the writer waits for the receiver. libp2p's own reader accepts
 * everything that arrives, and its writer continues whenever the window opens a little; either may buffer
 * megabytes.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/** Unread bytes at which the sender is stopped. Data in flight may still arrive: one window. */
const MAX_UNREAD_BYTES = 256 * 1024
/** Unsent bytes before the next message is accepted: enough that the link never runs dry. */
const MAX_UNSENT_BYTES = 256 * 1024
/** The longest that a timer may run, milliseconds. */
const MAX_TIMER_MS = 60_000
/** Bytes of a length prefix: 4 encode sizes up to 256 MiB, far above any bound here. */
const MAX_PREFIX_BYTES = 4

/** The other side sent something that is no message. */
export class MalformedMessageError extends Error {
  override readonly name = 'GarbageError'
}

/** The other side took too long. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

export class MessageStream {
  readonly #stream: Stream
  readonly #maxBytes: number
  readonly #unread = new ByteQueue()
  /** Bytes needed before anything can be read. */
  #needed = 1
  #error: Error | undefined
  /** Called when anything changes that a reader or writer may wait for. */
  readonly #waiting = new Set<() => void>()

  /** Takes over the stream: nothing else may read it from now on. A message has at most `maxBytes`. */
  constructor(stream: Stream, maxBytes: number) {
    this.#stream = stream
    this.#maxBytes = maxBytes
    stream.addEventListener('message', event => this.#onData(event))
    stream.addEventListener('close', event => this.#onClose(event))
    for (const change of ['remoteCloseWrite', 'drain', 'idle'] as const) {
      stream.addEventListener(change, () => this.#wake())
    }
  }

  /**
   * The next message. Rejects if it doesn't arrive by the deadline (by `performance.now`), which is evaluated
   * again when it has passed.
   */
  async read(deadline: () => number): Promise<Uint8Array> {
    for (;;) {
      const message = this.#take()
      if (message !== undefined) return message
      if (this.#error !== undefined) throw this.#error
      if (this.#isAtEnd) throw new Error('the partner hung up')
      if (!this.#open()) await this.#nextChange(deadline)
    }
  }

  /** Sends messages together. Resolves when there is room for more. */
  async write(messages: readonly Uint8Array[], deadline: () => number): Promise<void> {
    if (this.#error !== undefined) throw this.#error
    this.#stream.send(new Uint8ArrayList(...messages.flatMap(message => [prefixOf(message.length), message])))
    while (this.#stream.writeBufferLength > MAX_UNSENT_BYTES) {
      await this.#nextChange(deadline)
      if (this.#error !== undefined) throw this.#error
    }
  }

  /** Closes this side. Resolves when everything is sent; rejects after so many milliseconds. */
  async close(ms: number): Promise<void> {
    await this.#stream.close({ signal: AbortSignal.timeout(ms) })
    this.#end(performance.now() + ms).catch((error: Error) => this.abort(error))
  }

  /** Waits for the other side to close, and refuses anything more. */
  async #end(by: number): Promise<void> {
    while (this.#error === undefined && !this.#isAtEnd) {
      if (this.#unread.length > 0) throw new MalformedMessageError('more than the end')
      await this.#nextChange(() => by)
    }
  }

  /** Resets the stream. */
  abort(cause: Error): void {
    this.#stream.abort(cause)
  }

  get #isAtEnd(): boolean {
    return this.#stream.remoteWriteStatus !== 'writable' && this.#stream.readBufferLength === 0
  }

  /** The first received message, if it is complete. */
  #take(): Uint8Array | undefined {
    const length = this.#length()
    this.#needed = length === undefined ? this.#unread.length + 1 : length.prefix + length.message
    if (length === undefined || this.#unread.length < this.#needed) return undefined
    return this.#unread.take(this.#needed, length.prefix)
  }

  #length(): { readonly prefix: number; readonly message: number } | undefined {
    let message = 0
    for (let at = 0; at < this.#unread.length; at++) {
      if (at === MAX_PREFIX_BYTES) throw new MalformedMessageError('the length of a message is too long')
      const byte = this.#unread.at(at) ?? 0
      message += (byte & 0x7f) * 2 ** (7 * at)
      if (message > this.#maxBytes) throw new MalformedMessageError(`a message of ${message} bytes`)
      if (byte < 0x80) return { prefix: at + 1, message }
    }
    return undefined
  }

  /** Resumes reading if it was paused. False if it wasn't. */
  #open(): boolean {
    if (this.#stream.readStatus !== 'paused') return false
    // delivers what arrived meanwhile, and opens the window
    this.#stream.resume()
    this.#stopIfFull()
    return true
  }

  #onData({ data }: StreamMessageEvent): void {
    this.#unread.push(data)
    this.#wake()
    // not while resuming, or the window would open all the same, and stay open
    queueMicrotask(() => this.#stopIfFull())
  }

  #stopIfFull(): void {
    const isFull = this.#unread.length >= Math.max(MAX_UNREAD_BYTES, this.#needed)
    if (isFull && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #onClose({ error }: StreamCloseEvent): void {
    this.#error = error ?? new Error('the stream is closed')
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves when something has changed. */
  #nextChange(deadline: () => number): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const check = (): void => {
        const left = deadline() - performance.now()
        if (left <= 0) reject(new DeadlineError('the partner takes too long'))
        if (left <= 0) done()
        else timer = setTimeout(check, Math.min(left, MAX_TIMER_MS))
      }
      this.#waiting.add(done)
      check()
    })
  }
}

/** An unsigned varint length: 7 bits a byte, least significant first. */
function prefixOf(length: number): Uint8Array {
  const bytes: number[] = []
  let rest = length
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}

// A queue of bytes in one piece of memory. A list of chunks would cost its reader more with every chunk, and
// a stranger decides how small the chunks are: a message that arrived byte by byte stalled the program for
// twenty seconds.

/** Minimum capacity, bytes. */
const MIN_CAPACITY = 4_096

export class ByteQueue {
  #memory = new Uint8Array(0)
  #from = 0
  #to = 0

  get length(): number {
    return this.#to - this.#from
  }

  /** Appends a copy of the bytes. */
  push(data: Uint8Array | Uint8ArrayList): void {
    this.#makeRoom(data.byteLength)
    const parts = data instanceof Uint8Array ? [data] : data
    for (const part of parts) {
      this.#memory.set(part, this.#to)
      this.#to += part.byteLength
    }
  }

  /** The byte at an index. */
  at(index: number): number | undefined {
    return index < this.length ? this.#memory[this.#from + index] : undefined
  }

  /** Removes so many bytes and returns them without the first `skip`. */
  take(count: number, skip = 0): Uint8Array {
    const bytes = this.#memory.slice(this.#from + skip, this.#from + count)
    this.#from += count
    if (this.#from === this.#to) this.#clear()
    return bytes
  }

  /** Frees the memory. */
  #clear(): void {
    this.#memory = new Uint8Array(0)
    this.#from = 0
    this.#to = 0
  }

  /** Doubles the capacity when it is more than half full, so that each byte is moved only a few times. */
  #makeRoom(more: number): void {
    if (this.#to + more <= this.#memory.length) return
    const { length } = this
    const needed = length + more
    const held = this.#memory.subarray(this.#from, this.#to)
    if (2 * needed <= this.#memory.length) this.#memory.copyWithin(0, this.#from, this.#to)
    else {
      this.#memory = new Uint8Array(Math.max(MIN_CAPACITY, 2 * needed))
      this.#memory.set(held)
    }
    this.#from = 0
    this.#to = length
  }
}
