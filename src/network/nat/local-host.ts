/**
 * Where a connection begins on this machine. libp2p doesn't tell, but the socket under a connection knows.
 */
import type { Connection } from '@libp2p/interface'

/** What libp2p's connection has beside its interface: the raw one under it, and under that a socket. */
interface Insides {
  readonly maConn?: { readonly socket?: { readonly localAddress?: string } }
}

/** ::ffff:a.b.c.d, IPv4 at a socket that takes both. */
const MAPPED = /^::ffff:(?=\d+\.)/i

/**
 * The own IP address of a connection's socket; undefined if it has none, as a relayed one, or if it says nothing without
 * its interface, as link-local ones.
 */
function localHostOf(connection: Connection): string | undefined {
  const address = (connection as Connection & Insides).maConn?.socket?.localAddress?.replace(MAPPED, '')
  return address?.startsWith('fe80:') ? undefined : address
}

/** True if a connection's own address is on no interface any more: nothing can come back on it. */
export function isCutOff(connection: Connection, ownHosts: readonly string[]): boolean {
  const host = localHostOf(connection)
  return host !== undefined && !ownHosts.includes(host)
}
