/**
 * Addresses as users write them. A helper is `HOST`, `HOST:PORT`, `[IPv6]:PORT` or a multiaddr; listening and
 * announced addresses are multiaddrs. Each is normalised to one TCP multiaddr in its standard spelling, so that the
 * same address always has the same text. A link-local IPv6 address may have a zone, the interface that leads to it:
 * `fe80::1%eth0` (RFC 4007), `/ip6zone/eth0/ip6/fe80::1`. Nothing is resolved here.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Component, multiaddr } from '@multiformats/multiaddr'
import type { HelperAddress } from './types.ts'

/** The default port of helpers. */
export const HELPER_PORT = 12_345

export const HELPER_FITS = `HOST, HOST:PORT, [IPv6]:PORT or a multiaddr like /ip4/203.0.113.7/tcp/${HELPER_PORT}`
export const MULTIADDR_FITS =
  'a TCP multiaddr like /ip4/0.0.0.0/tcp/12345 or /dns4/chat.example.org/tcp/12345'
export const HOST_PORT_FITS = 'HOST:PORT like 127.0.0.1:9090, with a port from 0 to 65535'

const MAX_PORT = 65_535
const HOST_PROTOCOLS = ['ip4', 'ip6', 'dns', 'dns4', 'dns6']

/** Parses a helper's address; undefined if it isn't one. */
export function parseHelperAddress(text: string): HelperAddress | undefined {
  return text.startsWith('/') ? fromMultiaddr(text) : fromHostPort(text)
}

/** Parses `HOST:PORT`; undefined if it isn't one. */
export function parseHostPort(text: string): { host: string; port: number } | undefined {
  const { host, port } = splitHostPort(text)
  if (port === undefined) return undefined
  const read = readHost(host)
  const number = parsePort(port)
  if (read?.place.value === undefined || number === undefined) return undefined
  const zone = read.zone === undefined ? '' : `%${read.zone}`
  return { host: `${read.place.value}${zone}`, port: number }
}

/** True for `/ip4|ip6|dns|dns4|dns6/…/tcp/…`, with a zone before it or without, and with a peer id at its end or without. */
export function isTcpMultiaddr(text: string): boolean {
  const parts = components(text)
  return parts !== undefined && readTcp(parts)?.port !== undefined
}

/** The same multiaddr with another TCP port. `text` must satisfy `isTcpMultiaddr`. */
export function withPort(text: string, port: number): string {
  const parts = multiaddr(text).getComponents()
  return multiaddr(
    parts.map(part => (part.name === 'tcp' ? { ...part, value: String(port) } : part)),
  ).toString()
}

/** True for a helper's address that names its port, or is a multiaddr. */
export function namesPort(text: string): boolean {
  return text.startsWith('/') || splitHostPort(text).port !== undefined
}

/** `HOST:PORT`, with the brackets that an IPv6 address needs. */
export function hostPort(host: string, port: string): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

function fromHostPort(text: string): HelperAddress | undefined {
  const { host, port } = splitHostPort(text)
  const read = readHost(host)
  const number = port === undefined ? HELPER_PORT : parsePort(port)
  if (read === undefined || !number) return undefined
  return { text, multiaddr: standard(read, number) }
}

function fromMultiaddr(text: string): HelperAddress | undefined {
  const tcp = readTcp(components(text) ?? [])
  if (tcp === undefined || tcp.port === '0') return undefined
  const address = standard(tcp.host, tcp.port ?? HELPER_PORT)
  return { text, multiaddr: address, ...(tcp.peerId === undefined ? {} : { peerId: tcp.peerId }) }
}

/** The standard spelling of an address: the library's own, with names in lower case. Interfaces keep their case. */
function standard({ zone, place }: Host, port: number | string): string {
  const within = zone === undefined ? '' : `/ip6zone/${zone}`
  return multiaddr(`${within}/${place.name}/${place.value?.toLowerCase()}/tcp/${port}`).toString()
}

interface Host {
  /** An IP address or a name. */
  readonly place: Component
  /** Of a link-local IPv6 address: the interface that leads to it. */
  readonly zone: string | undefined
}

interface TcpParts {
  readonly host: Host
  readonly port: string | undefined
  readonly peerId: string | undefined
}

/** The parts of `[/ip6zone/ZONE]HOST[/tcp/PORT][/p2p/ID]`; undefined for any other sequence. */
function readTcp(parts: readonly Component[]): TcpParts | undefined {
  const rest = [...parts]
  const zone = rest[0]?.name === 'ip6zone' ? rest.shift()?.value : undefined
  const place = rest.shift()
  if (place === undefined || !HOST_PROTOCOLS.includes(place.name)) return undefined
  if (zone !== undefined && !isScoped(`${place.value}%${zone}`)) return undefined
  const port = rest[0]?.name === 'tcp' ? rest.shift()?.value : undefined
  const peerId = rest[0]?.name === 'p2p' ? rest.shift()?.value : undefined
  if (rest.length > 0 || (peerId !== undefined && !isPeerId(peerId))) return undefined
  return { host: { place, zone }, port, peerId }
}

function components(text: string): Component[] | undefined {
  try {
    return multiaddr(text).getComponents()
  } catch {
    // Not a multiaddr: the caller reports what fits.
    return undefined
  }
}

function isPeerId(text: string): boolean {
  try {
    peerIdFromString(text)
    return true
  } catch {
    return false
  }
}

/** `host:port` at the last colon; brackets keep an IPv6 address together, and a bare one has no port. */
function splitHostPort(text: string): { host: string; port?: string } {
  const bracketed = /^\[(?<host>[^\]]*)\](?::(?<port>.*))?$/.exec(text)?.groups
  if (bracketed !== undefined) {
    const host = bracketed['host'] ?? ''
    return bracketed['port'] === undefined ? { host } : { host, port: bracketed['port'] }
  }
  if (isIPv6(text)) return { host: text }
  const colon = text.lastIndexOf(':')
  return colon === -1 ? { host: text } : { host: text.slice(0, colon), port: text.slice(colon + 1) }
}

function readHost(host: string): Host | undefined {
  const [address = '', zone] = host.split('%', 2)
  if (zone !== undefined) return isScoped(host) ? { place: ip6(address), zone } : undefined
  const place = hostComponent(host)
  return place && { place, zone }
}

/**
 * Only link-local addresses (fe80::/10) need a zone; with others it is a mistake, and so is a zone that looks like a
 * port.
 */
function isScoped(host: string): boolean {
  return isIPv6(host) && /^fe[89ab][0-9a-f]:[^%]*%[^:]+$/i.test(host)
}

function ip6(value: string): Component {
  return { code: 41, name: 'ip6', value }
}

/** A host as a multiaddr component. Four numbers that are no IPv4 address are a mistake, not a name. */
function hostComponent(host: string): Component | undefined {
  if (isIPv4(host)) return { code: 4, name: 'ip4', value: host }
  if (isIPv6(host)) return ip6(host)
  const ascii = domainToASCII(host)
  const isName = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?$/.test(ascii)
  if (!isName || ascii.length > 253 || /(^|\.)\d+\.?$/.test(ascii) || /[\s/%@]/.test(host)) return undefined
  return { code: 53, name: 'dns', value: ascii }
}

function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port <= MAX_PORT ? port : undefined
}
