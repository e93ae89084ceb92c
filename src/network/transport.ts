/**
 * The transport: TCP, encrypted with Noise, multiplexed with Yamux. The only module that puts these three together, so
 * another transport is added here.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { StreamMuxerFactory } from '@libp2p/interface'
import { StreamStateError } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'
import { scopedTcp } from './scoped-tcp.ts'

export interface TransportLimits {
  /** Sockets of one listener; the accept loop drops further ones before any work. */
  readonly maxConnections: number
  /** Streams that the other side may have open at once on one connection. */
  readonly maxInboundStreams: number
  /** The largest receive window of a stream, bytes; at least 262,144, Yamux's initial window. */
  readonly maxStreamWindowBytes: number
  /** Bytes received on a stream and not read, before it is reset. */
  readonly maxUnreadBytes: number
  /** Bytes written to a stream and not sent, before it is reset. */
  readonly maxUnsentBytes: number
}

/** The node options that make up its transport. */
export function transportStack(
  limits: TransportLimits,
): Required<Pick<Libp2pOptions, 'transports' | 'connectionEncrypters' | 'streamMuxers'>> {
  return {
    transports: [scopedTcp({ maxConnections: limits.maxConnections })],
    connectionEncrypters: [noise()],
    streamMuxers: [() => tolerateClosed(muxers(limits)())],
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
 * Yamux announces a new stream shortly after creating it. If the connection has closed in between, sending
 * throws where nobody can catch it, and the program would end. With this, data for a closed connection is
 * dropped: the end of the connection ends the streams.
 */
function tolerateClosed(factory: StreamMuxerFactory): StreamMuxerFactory {
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
