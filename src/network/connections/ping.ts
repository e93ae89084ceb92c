/**
 * The ping service of every node. libp2p pings each connection at a fixed pace, whether or not the previous
 * ping was answered, and closes the connection if it can't send one. With the service's default limit of one
 * stream, a pause of the other side longer than that pace, or a concurrent measurement, would end a healthy
 * link.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'

/**
 * Ping streams of one connection in each direction: the monitor's within its timeout, and one measurement per
 * open room.
 */
const MAX_PINGS = 32

/** https://github.com/libp2p/specs/blob/master/ping/ping.md */
const PING_PROTOCOL = '/ipfs/ping/1.0.0'
const PING_BYTES = 32

/** The service for `createLibp2p`. */
export const pingService = ping({ maxInboundStreams: MAX_PINGS, maxOutboundStreams: MAX_PINGS })

/**
 * The round trip of one connection in milliseconds; rejects with the signal's reason. The library's service
 * pings a peer over any connection, and dials anew if the only one is relayed.
 */
export async function pingConnection(connection: Connection, signal: AbortSignal): Promise<number> {
  const options = { signal, runOnLimitedConnection: true, maxOutboundStreams: MAX_PINGS }
  const stream = await connection.newStream(PING_PROTOCOL, options)
  try {
    const sentAt = performance.now()
    const echo = echoOf(stream, signal)
    // awaited below, unless sending fails
    echo.catch(() => {})
    stream.send(crypto.getRandomValues(new Uint8Array(PING_BYTES)))
    await echo
    return Math.round(performance.now() - sentAt)
  } finally {
    stream.close({ signal: AbortSignal.timeout(1_000) }).catch((error: Error) => stream.abort(error))
  }
}

/**
 * Closes a connection on which no answer comes within `ms`; resolves when that is decided. Any other failure
 * to ask proves nothing.
 */
export async function closeIfSilent(
  connection: Connection,
  ms: number,
  reason: string,
  stop: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(ms)
  await pingConnection(connection, AbortSignal.any([late, stop])).catch(() => {})
  if (late.aborted && !stop.aborted) connection.abort(new Error(reason))
}

/** Resolves when as many bytes have returned as a ping has. */
function echoOf(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = PING_BYTES
    const fail = (): void => reject(signal.reason)
    signal.addEventListener('abort', fail, { once: true })
    stream.addEventListener('close', () => reject(new Error('the stream is closed')), { once: true })
    stream.addEventListener('message', ({ data }) => {
      missing -= data.byteLength
      if (missing > 0) return
      signal.removeEventListener('abort', fail)
      resolve()
    })
  })
}
