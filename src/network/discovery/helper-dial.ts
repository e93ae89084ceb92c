/**
 * Dials a helper, from a local port of its own: the port that the helper sees is then known to be the outside of this
 * one, and other peers can be dialled from it. A name is looked up each time, so a helper that moved is found.
 */
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Internals } from '../libp2p-internals.ts'
import { freeLocalPort } from '../nat/local-port.ts'

export interface HelperDialOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface DialledHelper {
  readonly connection: Connection
  /** Undefined if it could not be chosen: punching is impossible then, everything else is not. */
  readonly localPort: number | undefined
}

/** What the system says when it doesn't let a socket have a port. */
const PORT_TROUBLE = ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'EINVAL']

/** Rejects when nobody answers there. */
export async function dialHelper(
  internals: Internals,
  address: string,
  options: HelperDialOptions,
): Promise<DialledHelper> {
  const to = multiaddr(address)
  const localPort = await freeLocalPort()
  if (localPort === undefined) return { connection: await internals.dial(to, options), localPort }
  try {
    return { connection: await internals.dial(to, { ...options, localPort }), localPort }
  } catch (cause) {
    if (!PORT_TROUBLE.includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
    return { connection: await internals.dial(to, options), localPort: undefined }
  }
}
