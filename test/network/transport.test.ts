/** What of the transport is ours: a connection that closes at the wrong moment ends nothing but itself. */
import { multiaddrConnectionPair } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { transportStack } from '../../src/network/transport.ts'

const LIMITS = {
  maxConnections: 8,
  maxInboundStreams: 8,
  maxStreamWindowBytes: 262_144,
  maxUnreadBytes: 1_048_576,
  maxUnsentBytes: 1_048_576,
}

test('a connection that closes while a stream is opened on it throws nowhere', async () => {
  const [factory] = transportStack(LIMITS).streamMuxers
  const [connection] = multiaddrConnectionPair()
  const thrown: unknown[] = []
  const note = (error: unknown): number => thrown.push(error)
  process.on('uncaughtException', note)
  try {
    const muxer = factory?.({} as never).createStreamMuxer(connection)
    const opening = muxer?.createStream()
    // Yamux tells the other side a moment later
    void connection.close()
    await opening
    await new Promise(resolve => setImmediate(resolve))
    expect(thrown).toEqual([])
  } finally {
    process.off('uncaughtException', note)
  }
})
