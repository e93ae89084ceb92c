/**
 * Short messages on a stream, each with its length in front as an unsigned varint, with bounds on what the other side
 * can make us hold or read. For much data, at the pace of whoever reads it, there is message-stream.ts.
 */
import type { Stream } from '@libp2p/interface'
import type { LengthPrefixedStream } from '@libp2p/utils'
import { InvalidDataLengthError, InvalidDataLengthLengthError, lpStream } from '@libp2p/utils'
import { reader } from 'protons-runtime'

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
export function isTooLong(cause: unknown): boolean {
  return TOO_LONG.some(kind => cause instanceof kind)
}

/** lpStream asks again with one byte more after a RangeError, without end: hence the bound. */
function readPrefix(prefix: Uint8Array): number {
  if (prefix.length > MAX_PREFIX_BYTES) throw new PrefixError('length prefix too long')
  return reader(prefix).uint32()
}
