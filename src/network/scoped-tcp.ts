/**
 * libp2p's TCP transport with zones of link-local IPv6 addresses (`/ip6zone/eth0/ip6/fe80::1`, RFC 4007). The library
 * drops the zone on the way to the socket, and refuses connections from such addresses; here sockets get the zone and
 * report it. Without a zone the system chooses an interface: Node takes the first.
 */
import type { Server, Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Listener, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf, withZone, zoneOf } from '../protocol/multiaddr.ts'

/** What libp2p's listener has beyond its interface: its server and the server's options. */
interface ListenerInsides {
  readonly context: { host?: string }
  readonly server: Server
}

/** The same for its connections. */
interface ConnectionInsides {
  readonly socket?: Socket
}

/** The transport for a node's options. */
export function scopedTcp(init: Parameters<typeof tcp>[0]): ReturnType<typeof tcp> {
  const make = tcp(init)
  return components => {
    const transport = make(components)
    return Object.assign(transport, { dial: dialling(transport), createListener: listening(transport) })
  }
}

/** The host of an address in the form for sockets: `fe80::1%eth0`. Undefined for names. */
export function socketHost(address: Multiaddr): string | undefined {
  const [host, zone] = [hostOf(address), zoneOf(address)]
  return host === undefined || zone === undefined ? host : `${host}%${zone}`
}

function dialling(transport: Transport): Transport['dial'] {
  const dial = transport.dial.bind(transport)
  return async (address, options) => {
    const zone = zoneOf(address)
    if (zone === undefined) return await dial(address, options)
    if (!isInterface(zone)) throw new Error(`this machine has no network interface ${zone}`)
    return await dial(address, { ...options, ...hostOption(address) })
  }
}

function listening(transport: Transport): Transport['createListener'] {
  const createListener = transport.createListener.bind(transport)
  return options => {
    const zones = new WeakMap<Socket, string>()
    const upgrader = zoneGiving(options.upgrader, zones)
    const listener = createListener({ ...options, upgrader }) as Listener & Partial<ListenerInsides>
    // libp2p reads the address as soon as it gets the socket
    listener.server?.prependListener('connection', socket => takeZone(socket, zones))
    const listen = listener.listen.bind(listener)
    listener.listen = address => {
      Object.assign(listener.context ?? {}, hostOption(address))
      return listen(address)
    }
    return listener
  }
}

/** Socket options that override those that libp2p derives from the address. */
function hostOption(address: Multiaddr): { readonly host?: string } {
  const host = zoneOf(address) === undefined ? undefined : socketHost(address)
  return host === undefined ? {} : { host }
}

/** By name, or by number as on Windows. */
function isInterface(zone: string): boolean {
  return Object.entries(networkInterfaces()).some(
    ([name, addresses]) =>
      name === zone || addresses?.some(address => 'scopeid' in address && String(address.scopeid) === zone),
  )
}

function takeZone(socket: Socket, zones: WeakMap<Socket, string>): void {
  const [host, zone] = socket.remoteAddress?.split('%') ?? []
  if (host === undefined || zone === undefined) return
  zones.set(socket, zone)
  Object.defineProperty(socket, 'remoteAddress', { value: host })
}

function zoneGiving(upgrader: Upgrader, zones: WeakMap<Socket, string>): Upgrader {
  return Object.assign(Object.create(upgrader) as Upgrader, {
    upgradeInbound(raw: MultiaddrConnection & ConnectionInsides, options: InboundOptions) {
      const zone = raw.socket && zones.get(raw.socket)
      if (zone !== undefined) raw.remoteAddr = withZone(raw.remoteAddr, zone)
      return upgrader.upgradeInbound(raw, options)
    },
  })
}

type InboundOptions = Parameters<Upgrader['upgradeInbound']>[1]
