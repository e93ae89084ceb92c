/**
 * Short messages on a stream, each with its length in front as an unsigned varint, with bounds on what the other side
 * can make us hold or read. For much data, at the pace of whoever reads it, there is message-stream.ts.
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

/** Bytes of a length prefix: 4 tell sizes up to 256 MiB, far above any bound here. */
const MAX_PREFIX_BYTES = 4

class PrefixError extends Error {
  override readonly name = 'PrefixError'
}

/** Both of libp2p's classes mean the same to us: one looks at the prefix, the other at what it says. */
const TOO_LONG = [InvalidDataLengthError, InvalidDataLengthLengthError, PrefixError]

/**
 * Takes the stream over: nothing else may read it from now on. Messages have at most `maxBytes`; what comes faster than
 * it is read, beyond one of them, resets the stream.
 */
export function lengthPrefixed(stream: Stream, maxBytes: number): LengthPrefixedStream<Stream> {
  return lpStream(stream, {
    maxDataLength: maxBytes,
    maxBufferSize: maxBytes + MAX_PREFIX_BYTES,
    lengthDecoder: prefix => readPrefix(prefix.subarray()),
  })
}

/** True for the error of reading a message that is longer than it may be. */
function isTooLong(cause: unknown): boolean {
  return TOO_LONG.some(kind => cause instanceof kind)
}

/** lpStream asks again with one byte more after a RangeError, without end: hence the bound. */
function readPrefix(prefix: Uint8Array): number {
  if (prefix.length > MAX_PREFIX_BYTES) throw new PrefixError('length prefix too long')
  return reader(prefix).uint32()
}

// Length-prefixed rendezvous messages over one libp2p stream, with bounds on what the other side can make us
// hold: one message of at most `maxBytes` is buffered, and whoever sends faster than we read is reset.

export type Received =
  | { readonly kind: 'message'; readonly message: Message }
  /** Not a message, or one that is too long: there is no way to go on with this stream. */
  | { readonly kind: 'malformed' }
  /** The other side has said all. */
  | { readonly kind: 'end' }
  /** The stream or its connection broke, or the signal fired. */
  | { readonly kind: 'broken'; readonly cause: unknown }

export class RendezvousStream {
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
