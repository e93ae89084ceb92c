/**
 * Length-prefixed rendezvous messages over one libp2p stream, with bounds on what the other side can make us
 * hold: one message of at most `maxBytes` is buffered, and whoever sends faster than we read is reset.
 */
import type { Stream } from '@libp2p/interface'
import type { LengthPrefixedStream } from '@libp2p/utils'
import { UnexpectedEOFError } from '@libp2p/utils'
import type { Message } from '../../protocol/message.ts'
import { decode } from '../../protocol/rendezvous.ts'
import { isTooLong, lengthPrefixed } from './length-prefixed.ts'

export type Received =
  | { readonly kind: 'message'; readonly message: Message }
  /** Not a message, or one that is too long: there is no way to go on with this stream. */
  | { readonly kind: 'malformed' }
  /** The other side has said all. */
  | { readonly kind: 'end' }
  /** The stream or its connection broke, or the signal fired. */
  | { readonly kind: 'broken'; readonly cause: unknown }

export class Wire {
  readonly #stream: LengthPrefixedStream<Stream>

  /** Takes the stream over: nothing else may read it from now on. */
  constructor(stream: Stream, maxBytes: number) {
    this.#stream = lengthPrefixed(stream, maxBytes)
  }

  /** The next message. Never rejects. */
  async read(signal: AbortSignal): Promise<Received> {
    try {
      return decode((await this.#stream.read({ signal })).subarray())
    } catch (cause) {
      if (isTooLong(cause)) return { kind: 'malformed' }
      return cause instanceof UnexpectedEOFError ? { kind: 'end' } : { kind: 'broken', cause }
    }
  }

  /** Sends an encoded message. Resolves when the stream can take more; rejects when it broke or the signal fired. */
  async write(message: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#stream.write(message, { signal })
  }
}
