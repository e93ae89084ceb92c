/**
 * This machine's network, as the operating system reports it: the router, its addresses, a free port, and
 * changes of these. Node doesn't provide the router's address: Linux has it in a file, other systems print a
 * routing table.
 */

import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { endianness, networkInterfaces, platform } from 'node:os'
import { promisify } from 'node:util'
import type { Connection } from '@libp2p/interface'
import { bareHost, isLocal } from '../../protocol/multiaddr.ts'

/** Printing a routing table takes milliseconds. */
const PRINT_MS = 3_000
/** Linux: the route has a gateway. */
const TO_ROUTER = 0x2
/** macOS and the BSDs print `default ROUTER …`, Windows `0.0.0.0 0.0.0.0 ROUTER …`. */
const DEFAULT_ROUTE = /^\s*(?:default|0\.0\.0\.0\s+0\.0\.0\.0)\s+(?<router>\d+\.\d+\.\d+\.\d+)\s/m

/** An IPv4 address; undefined if there is no router, or the system doesn't tell. */
export async function routerAddress(system: string = platform()): Promise<string | undefined> {
  try {
    if (system === 'linux') return readLinuxRoutes(await readFile('/proc/net/route', 'utf8'), endianness())
    return readRouteTable(await runCommand(system))
  } catch {
    // no such table: then no router can be asked, and everything else works
    return undefined
  }
}

/** The gateway in Linux's routing table: the one with the lowest metric. */
export function readLinuxRoutes(table: string, order: 'LE' | 'BE'): string | undefined {
  const routes = table.split('\n').flatMap(line => {
    const [, to, router = '', flags = '0', , , metric = '0', mask] = line.split('\t')
    const isDefault = to === '00000000' && mask === '00000000' && (Number.parseInt(flags, 16) & TO_ROUTER) > 0
    return isDefault && /^[0-9a-f]{8}$/i.test(router) ? [{ router, metric: Number(metric) }] : []
  })
  const [best] = routes.toSorted((a, b) => a.metric - b.metric)
  if (best === undefined) return undefined
  const bytes = [...Buffer.from(best.router, 'hex')]
  return (order === 'LE' ? bytes.toReversed() : bytes).join('.')
}

/** The gateway in the output of other systems. */
export function readRouteTable(table: string): string | undefined {
  return DEFAULT_ROUTE.exec(table)?.groups?.['router']
}

async function runCommand(system: string): Promise<string> {
  const [file, args] =
    system === 'win32' ? ['route', ['print', '-4', '0.0.0.0']] : (['netstat', ['-rn', '-f', 'inet']] as const)
  const { stdout } = await promisify(execFile)(file, [...args], { timeout: PRINT_MS, windowsHide: true })
  return stdout
}

/**
 * This machine's IP addresses, sorted, including loopback, without IPv6 link-local ones, which mean nothing
 * without their interface.
 */
export function interfaceAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return all
    .map(({ address }) => address)
    .filter(address => !address.startsWith('fe80:'))
    .toSorted()
}

// The source address of this machine's connections to the internet. A machine often has several over IPv6,
// and privacy addresses change. Connecting a UDP socket sends nothing and tells which one the system chooses.

/** Any address outside this network: the first of those that are allocated. */
const FAR_AWAY = '2000::1'
const DISCARD_PORT = 9

/** A public IPv6 address; undefined without a route to the internet over IPv6. */
export function sourceAddress6(): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = createSocket('udp6')
    const end = (host: string | undefined): void => {
      resolve(host)
      socket.close()
    }
    socket.once('error', () => end(undefined))
    socket.connect(DISCARD_PORT, FAR_AWAY, () => {
      const host = socket.address().address
      end(isLocal(bareHost(host)) ? undefined : host)
    })
  })
}

// A TCP port to dial from on which nothing listens. Two connections to different destinations may share it,
// and most routers then map both to the same outside port, which hole punching needs.

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

// The local address of a connection. libp2p doesn't expose it, but the socket under a connection has it.

/** What libp2p's connection has beyond its interface: the raw connection, and under it a socket. */
interface ConnectionInternals {
  readonly maConn?: { readonly socket?: { readonly localAddress?: string } }
}

/** ::ffff:a.b.c.d: IPv4 at a dual-stack socket. */
const MAPPED = /^::ffff:(?=\d+\.)/i

/**
 * The own IP address of a connection's socket; undefined if it has none, as a relayed one, or if it is
 * link-local and means nothing without its interface.
 */
function localHostOf(connection: Connection): string | undefined {
  const address = (connection as Connection & ConnectionInternals).maConn?.socket?.localAddress?.replace(
    MAPPED,
    '',
  )
  return address?.startsWith('fe80:') ? undefined : address
}

/** True if a connection's own address is on no interface any more: nothing can arrive on it. */
export function isAddressLost(connection: Connection, ownHosts: readonly string[]): boolean {
  const host = localHostOf(connection)
  return host !== undefined && !ownHosts.includes(host)
}

// The network-change monitor: notices other interface addresses, and a suspension of the machine, which shows
// as a jump of the clock. The system reports neither to Node, so both are polled.

/** Changes are noticed within this time, at the cost of one system call. */
const CHECK_MS = 500
/**
 * A later check than this means that the machine or this process was suspended; busy machines are late by a
 * second or two.
 */
const SLEEP_MS = 8_000

/** Calls `onChange` until the signal fires. */
export function monitorNetwork(onChange: () => void, signal: AbortSignal): void {
  let hosts = interfaceAddresses().join()
  let lookedAt = Date.now()
  const timer = setInterval(() => {
    const [hostsNow, now] = [interfaceAddresses().join(), Date.now()]
    const slept = now - lookedAt > CHECK_MS + SLEEP_MS
    lookedAt = now
    if (hostsNow === hosts && !slept) return
    hosts = hostsNow
    onChange()
  }, CHECK_MS)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
