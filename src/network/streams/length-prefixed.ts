/**
 * Short messages on a stream, each with an unsigned varint length prefix, and bounds on what the other side
 * can make us buffer or read. For bulk data at the reader's pace, see message-stream.ts.
 */

import type { Stream } from '@libp2p/interface'
import type { LengthPrefixedStream } from '@libp2p/utils'
import {
  InvalidDataLengthError,
  InvalidDataLengthLengthError,
  lpStream,
  UnexpectedEOFError,
} from '@libp2p/utils'
import { reader } from 'protons-runtime'
import type { Message } from '../../protocol/rendezvous.ts'
import { decode } from '../../protocol/rendezvous.ts'

/** Bytes of a length prefix: 4 encode sizes up to 256 MiB, far above any bound here. */
const MAX_PREFIX_BYTES = 4

class PrefixError extends Error {
  override readonly name = 'PrefixError'
}

/** Both of libp2p's error classes mean the same here: one is about the prefix, the other about its value. */
const TOO_LONG = [InvalidDataLengthError, InvalidDataLengthLengthError, PrefixError]

/**
 * Takes over the stream: nothing else may read it from now on. A message has at most `maxBytes`; data that
 * arrives faster than it is read, beyond one message, resets the stream.
 */
export function lengthPrefixed(stream: Stream, maxBytes: number): LengthPrefixedStream<Stream> {
  return lpStream(stream, {
    maxDataLength: maxBytes,
    maxBufferSize: maxBytes + MAX_PREFIX_BYTES,
    lengthDecoder: prefix => readPrefix(prefix.subarray()),
  })
}

/** True for the error of reading an oversized message. */
function isTooLong(cause: unknown): boolean {
  return TOO_LONG.some(kind => cause instanceof kind)
}

/** After a RangeError, lpStream asks again with one byte more, without end: hence the bound. */
function readPrefix(prefix: Uint8Array): number {
  if (prefix.length > MAX_PREFIX_BYTES) throw new PrefixError('length prefix too long')
  return reader(prefix).uint32()
}

// Length-prefixed rendezvous messages over one libp2p stream. At most one message of `maxBytes` is buffered;
// a sender that is faster than the reader is reset.

export type ReceivedMessage =
  | { readonly kind: 'message'; readonly message: Message }
  /** Not a message, or an oversized one: this stream can't continue. */
  | { readonly kind: 'malformed' }
  /** The other side closed its end. */
  | { readonly kind: 'end' }
  /** The stream or its connection broke, or the signal fired. */
  | { readonly kind: 'broken'; readonly cause: unknown }

export class RendezvousStream {
  readonly #stream: LengthPrefixedStream<Stream>

  /** Takes over the stream: nothing else may read it from now on. */
  constructor(stream: Stream, maxBytes: number) {
    this.#stream = lengthPrefixed(stream, maxBytes)
  }

  /** The next message. Never rejects. */
  async read(signal: AbortSignal): Promise<ReceivedMessage> {
    try {
      return decode((await this.#stream.read({ signal })).subarray())
    } catch (cause) {
      if (isTooLong(cause)) return { kind: 'malformed' }
      return cause instanceof UnexpectedEOFError ? { kind: 'end' } : { kind: 'broken', cause }
    }
  }

  /**
   * Sends an encoded message. Resolves when the stream can take more; rejects when it broke or the signal
   * fired.
   */
  async write(message: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#stream.write(message, { signal })
  }
}
