/**
 * The ping service of every node. libp2p sends a heartbeat over each connection at a fixed pace, whether or not the
 * one before was answered, and cuts the connection when one can't be sent; with the service's own limit of one at a
 * time, a pause of the other side longer than the pace, or a round trip measured meanwhile, would end a healthy link.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'

/** Of one connection, each way: the heartbeats within their timeout, and a measurement for each open room. */
const MAX_PINGS = 32

/** https://github.com/libp2p/specs/blob/master/ping/ping.md */
const PING_PROTOCOL = '/ipfs/ping/1.0.0'
const PING_BYTES = 32

/** The service for `createLibp2p`. */
export const pingService = ping({ maxInboundStreams: MAX_PINGS, maxOutboundStreams: MAX_PINGS })

/**
 * The round trip of one connection in milliseconds; rejects with the signal's reason. The service pings a peer over
 * any of its connections, and dials it anew where the only one is relayed.
 */
export async function pingOver(connection: Connection, signal: AbortSignal): Promise<number> {
  const options = { signal, runOnLimitedConnection: true, maxOutboundStreams: MAX_PINGS }
  const stream = await connection.newStream(PING_PROTOCOL, options)
  try {
    const sentAt = performance.now()
    const echo = echoOf(stream, signal)
    // it is waited for below, unless sending fails
    echo.catch(() => {})
    stream.send(crypto.getRandomValues(new Uint8Array(PING_BYTES)))
    await echo
    return Math.round(performance.now() - sentAt)
  } finally {
    stream.close({ signal: AbortSignal.timeout(1_000) }).catch((error: Error) => stream.abort(error))
  }
}

/**
 * Cuts a connection on which no answer comes within `ms`; resolves when that is known. Anything else that goes wrong with
 * asking is no proof of death.
 */
export async function cutIfSilent(
  connection: Connection,
  ms: number,
  reason: string,
  stop: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(ms)
  await pingOver(connection, AbortSignal.any([late, stop])).catch(() => {})
  if (late.aborted && !stop.aborted) connection.abort(new Error(reason))
}

/** Resolves when as many bytes have come back as a ping has. */
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
