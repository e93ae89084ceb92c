/**
 * The address of the router that this machine sends to whatever isn't on its own network. Node doesn't tell it: Linux
 * has it in a file, other systems print it in a table of routes.
 */

import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { endianness, networkInterfaces, platform } from 'node:os'
import { promisify } from 'node:util'
import type { Connection } from '@libp2p/interface'
import { hostAlone, isLocal } from '../../protocol/multiaddr.ts'

/** Printing a table of routes takes milliseconds. */
const PRINT_MS = 3_000
/** Linux: the route leads to a router, rather than to a network on this cable. */
const TO_ROUTER = 0x2
/** macOS and the BSDs write `default ROUTER …`, Windows `0.0.0.0 0.0.0.0 ROUTER …`. */
const DEFAULT_ROUTE = /^\s*(?:default|0\.0\.0\.0\s+0\.0\.0\.0)\s+(?<router>\d+\.\d+\.\d+\.\d+)\s/m

/** An IPv4 address; undefined if there is no router, or the system doesn't say. */
export async function routerAddress(system: string = platform()): Promise<string | undefined> {
  try {
    if (system === 'linux') return readLinuxRoutes(await readFile('/proc/net/route', 'utf8'), endianness())
    return readRouteTable(await print(system))
  } catch {
    // no such table: then a router can't be asked, and everything else works
    return undefined
  }
}

/** The router in what Linux tells: the one of the least metric. */
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

/** The router in what other systems print. */
export function readRouteTable(table: string): string | undefined {
  return DEFAULT_ROUTE.exec(table)?.groups?.['router']
}

async function print(system: string): Promise<string> {
  const [file, args] =
    system === 'win32' ? ['route', ['print', '-4', '0.0.0.0']] : (['netstat', ['-rn', '-f', 'inet']] as const)
  const { stdout } = await promisify(execFile)(file, [...args], { timeout: PRINT_MS, windowsHide: true })
  return stdout
}

// This machine's own IP addresses.

/** Sorted, loopback included, without link-local IPv6 ones, which mean nothing without their interface. */
export function interfaceAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return all
    .map(({ address }) => address)
    .filter(address => !address.startsWith('fe80:'))
    .toSorted()
}

// The address that this machine's connections to the internet come from. A machine often has several by IPv6, and those
// that are made for privacy change; the system says which one it takes when a UDP socket is connected, which sends nothing.

/** Any address that is neither here nor on this network: the first of those that are given out. */
const FAR_AWAY = '2000::1'
const DISCARD_PORT = 9

/** A public IPv6 address; undefined if there is no way to the internet by IPv6. */
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
      end(isLocal(hostAlone(host)) ? undefined : host)
    })
  })
}

// A TCP port to dial from that nobody listens on: two connections to different places may come from the same one, and
// through most routers both then appear from the same port outside, which is what hole punching needs.

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

// Where a connection begins on this machine. libp2p doesn't tell, but the socket under a connection knows.

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

// Notices that the network may be another one than a moment ago: this machine has other addresses, or it was asleep, which
// shows in a clock that has jumped ahead. The system tells Node of neither, so both are looked at now and then.

/** Changes are noticed within this, at the cost of one system call. */
const LOOK_MS = 500
/** A later look than this was a sleep, of the machine or of this process; busy machines are late by a second or two. */
const SLEEP_MS = 8_000

/** Calls until the signal fires. */
export function monitorNetwork(onChange: () => void, signal: AbortSignal): void {
  let hosts = interfaceAddresses().join()
  let lookedAt = Date.now()
  const timer = setInterval(() => {
    const [hostsNow, now] = [interfaceAddresses().join(), Date.now()]
    const slept = now - lookedAt > LOOK_MS + SLEEP_MS
    lookedAt = now
    if (hostsNow === hosts && !slept) return
    hosts = hostsNow
    onChange()
  }, LOOK_MS)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
