/**
 * A TCP port to dial from that nobody listens on: two connections to different places may come from the same one, and
 * through most routers both then appear from the same port outside, which is what hole punching needs.
 */
import { createServer } from 'node:net'

/** A port that was free a moment ago; undefined if the system gives none. */
export function freeLocalPort(): Promise<number | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(0, () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      server.close(() => resolve(port))
    })
  })
}
