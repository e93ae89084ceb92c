/**
 * Starts a libp2p node, or explains why it can't listen. libp2p reports only a text, so the reason is found
 * by trying the same address again with a plain socket.
 */
import { createServer } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { ParleyError } from '../common/errors.ts'
import { familyOf, portOf } from '../protocol/multiaddr.ts'
import { socketHost } from './scoped-tcp.ts'

/**
 * The addresses to listen on, without IPv6 ones on a machine without IPv6: the defaults name both families,
 * and one suffices. If an address is the only one it stays, so that starting reports what is wrong with it.
 */
export async function usableListen(listen: readonly string[]): Promise<readonly string[]> {
  const isMissing = await Promise.all(
    listen.map(async address => isIpv6(address) && (await listenErrorCode(anyPort(address)))),
  )
  const usable = listen.filter((_, index) => !isMissing[index])
  return usable.length === 0 ? listen : usable
}

/** Starts the node. Throws a `ParleyError` if an address can't be listened on. */
export async function startNode(node: Libp2p, listen: readonly string[]): Promise<void> {
  try {
    await node.start()
  } catch (cause) {
    for (const address of listen) {
      const code = await listenErrorCode(address)
      if (code !== undefined) throw listenError(address, code, cause)
    }
    throw listenError(listen.join(', '), 'unknown', cause)
  }
}

/** The system's error code for listening on a TCP address; undefined if it works. */
function listenErrorCode(address: string): Promise<string | undefined> {
  const host = socketHost(multiaddr(address))
  const port = portOf(multiaddr(address))
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(
      { port: port ?? 0, ipv6Only: isIpv6(address), ...(host === undefined ? {} : { host }) },
      () => server.close(() => resolve(undefined)),
    )
  })
}

function listenError(address: string, code: string, cause: unknown): ParleyError {
  const port = portOf(multiaddr(address))
  switch (code) {
    case 'EADDRINUSE':
      return new ParleyError(
        'port-in-use',
        `port ${port} is in use by another program (${address})`,
        'End that program, or choose another port with --listen (a helper: --port); 0 picks a free one.',
        { cause },
      )
    case 'EACCES':
      return new ParleyError(
        'port-not-allowed',
        `this user may not listen on port ${port} (${address})`,
        'Choose a port above 1023 with --listen (a helper: --port).',
        { cause },
      )
    case 'EADDRNOTAVAIL':
      return new ParleyError(
        'address-not-here',
        `${address} is not an address of this machine`,
        'Listen on /ip4/0.0.0.0/tcp/PORT, and tell others the public address with --announce.',
        { cause },
      )
    case 'EINVAL':
      return new ParleyError(
        'cannot-listen',
        `cannot listen on ${address}: a link-local address needs the name of an interface of this machine (${code})`,
        'Put the name in front: --listen /ip6zone/eth0/ip6/fe80::1/tcp/0.',
        { cause },
      )
    default:
      return new ParleyError(
        'cannot-listen',
        `cannot listen on ${address} (${code})`,
        'Check --listen: it takes TCP multiaddrs such as /ip4/0.0.0.0/tcp/0.',
        { cause },
      )
  }
}

function isIpv6(address: string): boolean {
  return familyOf(multiaddr(address)) === 'ip6'
}

function anyPort(address: string): string {
  return address.replace(/\/tcp\/\d+/, '/tcp/0')
}
