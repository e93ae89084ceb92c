/**
 * Sends answers and keeps count of those that the other sides haven't taken yet, so that many slow readers
 * together can't fill the memory.
 */
import { deadline } from '../../network/deadline.ts'
import type { Wire } from '../../network/streams/wire.ts'
import type { Message } from '../../protocol/message.ts'
import { encode } from '../../protocol/rendezvous.ts'
import { MAX_UNSENT_BYTES } from './limits.ts'

/** `slow`: not taken in time, or the stream broke. `overload`: not even tried. */
export type Sent = 'sent' | 'slow' | 'overload'

export class Outbox {
  readonly #patienceMs: number
  #unsent = 0

  /** `patienceMs`: how long the other side may take to take a message. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** Resolves when the stream can take more. Never rejects. */
  async send(wire: Wire, message: Message, signal: AbortSignal): Promise<Sent> {
    const bytes = encode(message)
    if (this.#unsent + bytes.length > MAX_UNSENT_BYTES) return 'overload'
    this.#unsent += bytes.length
    try {
      await wire.write(bytes, deadline(this.#patienceMs, signal))
      return 'sent'
    } catch {
      return 'slow'
    } finally {
      this.#unsent -= bytes.length
    }
  }
}
