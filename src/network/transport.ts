/**
 * How bytes travel between nodes: TCP, encrypted with Noise, multiplexed with Yamux. The only module that names
 * these three, so that a change of transport is a change here.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { StreamMuxerFactory } from '@libp2p/interface'
import { StreamStateError } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import type { Libp2pOptions } from 'libp2p'

export interface TransportLimits {
  /** Sockets of one listener; further ones are dropped by the accept loop, before any work. */
  readonly maxConnections: number
  /** Streams that the other side may have open at a time on one connection. */
  readonly maxInboundStreams: number
  /** The most that a stream's receive window grows to, bytes; at least 262,144, Yamux's initial window. */
  readonly maxStreamWindowBytes: number
  /** Bytes received on a stream that nobody reads, before it is reset. */
  readonly maxUnreadBytes: number
  /** Bytes written to a stream that can't be sent, before it is reset. */
  readonly maxUnsentBytes: number
}

/** The parts of a node's options that make up its transport. */
export function transportStack(
  limits: TransportLimits,
): Required<Pick<Libp2pOptions, 'transports' | 'connectionEncrypters' | 'streamMuxers'>> {
  return {
    transports: [tcp({ maxConnections: limits.maxConnections })],
    connectionEncrypters: [noise()],
    streamMuxers: [() => patient(muxers(limits)())],
  }
}

function muxers(limits: TransportLimits): ReturnType<typeof yamux> {
  return yamux({
    maxInboundStreams: limits.maxInboundStreams,
    streamOptions: {
      maxStreamWindowSize: limits.maxStreamWindowBytes,
      maxReadBufferLength: limits.maxUnreadBytes,
      maxWriteBufferLength: limits.maxUnsentBytes,
    },
  })
}

/**
 * Yamux tells of a new stream a moment after it has made it. If the connection has closed in between, sending throws
 * where nobody can catch it, and the program would end. Here what is sent on a closed connection just goes nowhere: the
 * end of the connection ends the streams.
 */
function patient(factory: StreamMuxerFactory): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer(connection) {
      const send = connection.send.bind(connection)
      connection.send = data => {
        try {
          return send(data)
        } catch (error) {
          if (!(error instanceof StreamStateError)) throw error
          return false
        }
      }
      return factory.createStreamMuxer(connection)
    },
  }
}
