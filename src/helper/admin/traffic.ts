/**
 * Counts the bytes of all TCP connections that this process accepted, as Node itself counts them: what a
 * provider bills, and what shows that a helper carries no chat.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Node announces each accepted socket here: https://nodejs.org/api/diagnostics_channel.html#net */
const ACCEPTED = 'net.server.socket'

export interface Traffic extends Disposable {
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Counts from now on. `counts` tells which sockets are meant. */
export function measureTraffic(counts: (socket: Socket) => boolean): Traffic {
  const open = new Set<Socket>()
  const closed = { received: 0, sent: 0 }
  const onAccepted = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    if (!counts(socket)) return
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      closed.received += socket.bytesRead
      closed.sent += socket.bytesWritten
    })
  }
  subscribe(ACCEPTED, onAccepted)
  return {
    get receivedBytes() {
      return [...open].reduce((sum, { bytesRead }) => sum + bytesRead, closed.received)
    },
    get sentBytes() {
      return [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, closed.sent)
    },
    [Symbol.dispose]: () => void unsubscribe(ACCEPTED, onAccepted),
  }
}
