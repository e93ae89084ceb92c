/**
 * UPnP: has an Internet Gateway Device, version 1 or 2, forward ports as long as they are wanted. This part
 * is one gateway: adding and deleting a mapping. Its answers are a stranger's text: read within a bound and a
 * deadline, and never followed elsewhere. Specification:
 * https://upnp.org/specs/gw/UPnP-gw-WANIPConnection-v2-Service.pdf
 */

import type { RemoteInfo, Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { isIPv4 } from 'node:net'
import type { Logger } from '../../common/logger.ts'
import { isPort } from '../../protocol/reachability.ts'
import { deadline } from '../deadline.ts'
import type { PortMappings } from './nat-pmp.ts'

export interface Gateway {
  readonly control: URL
  readonly service: string
  /** This machine's address in the router's network. */
  readonly localAddress: string
}

export interface Lease {
  readonly internalPort: number
  /** The requested port; the router may choose another one. */
  readonly externalPort: number
  readonly seconds: number
}

/** In order of preference. */
const SERVICES = ['WANIPConnection:2', 'WANIPConnection:1', 'WANPPPConnection:1'].map(
  name => `urn:schemas-upnp-org:service:${name}`,
)
/** Only this one chooses another port itself if the requested one is taken. */
const [CHOOSES] = SERVICES

/** Descriptions have a few KiB, other answers less. */
const MAX_BYTES = 65_536

interface SoapRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface SoapResponse {
  readonly text: string
  readonly localAddress: string
}

/** Reads a router's description. Rejects if it can't map ports. */
export async function openGateway(location: URL, signal: AbortSignal): Promise<Gateway> {
  const { text, localAddress } = await sendRequest(location, { method: 'GET', headers: {}, body: '' }, signal)
  const offered = servicesIn(text)
  const service = SERVICES.find(name => offered.has(name))
  const path = service === undefined ? undefined : offered.get(service)
  const control = path === undefined ? null : URL.parse(path, elementIn(text, 'URLBase') || location.href)
  if (service === undefined || control === null) throw new Error('it passes no ports on')
  if (control.protocol !== 'http:' || control.hostname !== location.hostname) {
    throw new Error('it points to another machine')
  }
  return { control, service, localAddress }
}

/** Resolves with the outside port that leads to the inside one. Rejects if the router gives none. */
async function addMapping(gateway: Gateway, lease: Lease, signal: AbortSignal): Promise<number> {
  const values = {
    NewRemoteHost: '',
    NewExternalPort: lease.externalPort,
    NewProtocol: 'TCP',
    NewInternalPort: lease.internalPort,
    NewInternalClient: gateway.localAddress,
    NewEnabled: 1,
    NewPortMappingDescription: 'parley',
    NewLeaseDuration: lease.seconds,
  }
  const chooses = gateway.service === CHOOSES
  const answer = await callService(gateway, chooses ? 'AddAnyPortMapping' : 'AddPortMapping', values, signal)
  const given = chooses ? Number(elementIn(answer, 'NewReservedPort')) : lease.externalPort
  if (!isPort(given)) throw new Error('it gives no port')
  return given
}

/** Deletes a mapping. */
async function deleteMapping(gateway: Gateway, externalPort: number, signal: AbortSignal): Promise<void> {
  const values = { NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: 'TCP' }
  await callService(gateway, 'DeletePortMapping', values, signal)
}

/** The text of the first element of this name; empty if there is none. Accepts any text and never throws. */
function elementIn(xml: string, name: string): string {
  const begin = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^<>]*)?>`, 'i').exec(xml)
  if (begin === null) return ''
  const from = begin.index + begin[0].length
  const to = xml.indexOf('<', from)
  return xml
    .slice(from, to < 0 ? from : to)
    .trim()
    .replaceAll('&amp;', '&')
}

/** The control URL of each service in a description. */
function servicesIn(xml: string): ReadonlyMap<string, string> {
  const parts = xml.split(/<\/(?:[\w-]+:)?service>/i)
  return new Map(parts.map(part => [elementIn(part, 'serviceType'), elementIn(part, 'controlURL')]))
}

async function callService(
  { control, service }: Gateway,
  action: string,
  values: Readonly<Record<string, string | number>>,
  signal: AbortSignal,
): Promise<string> {
  const fields = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`)
  const body = `<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
<s:Body><u:${action} xmlns:u="${service}">${fields.join('')}</u:${action}></s:Body></s:Envelope>`
  const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${service}#${action}"` }
  return (await sendRequest(control, { method: 'POST', headers, body }, signal)).text
}

function sendRequest(
  url: URL,
  { method, headers, body }: SoapRequest,
  signal: AbortSignal,
): Promise<SoapResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<SoapResponse>()
  // whatever the other side does with the connection
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  const length = { 'Content-Length': String(Buffer.byteLength(body)) }
  const asked = request(
    url,
    { method, headers: { ...headers, ...length }, agent: false, signal },
    response => {
      readBody(response).then(resolve, reject)
    },
  )
  asked.on('error', reject)
  asked.end(body)
  return promise
}

async function readBody(response: IncomingMessage): Promise<SoapResponse> {
  const localAddress = response.socket.localAddress ?? ''
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error('it says too much')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  if (response.statusCode === 200) return { text, localAddress }
  throw new Error(`it refuses: ${response.statusCode} ${elementIn(text, 'errorCode')}`.trim())
}

// Keeping ports mapped: search, request and renewal.

/** How long routers may take to answer a search: the protocol recommends up to 3 seconds. */
const SEARCH_MS = 6_000
/** For one request to a router. */
const ASK_MS = 5_000
/** The lease of a mapping: if we leave without notice, the router closes the port soon. */
const LEASE_SECONDS = 1_200
/** Twice before it ends, for machines that sleep now and then. */
const RENEW_MS = (LEASE_SECONDS * 1_000) / 3
/** Outside ports to try, one after the other, if the first is taken. */
const MAX_TRIES = 4

export interface UpnpOptions {
  readonly ports: readonly number[]
  /** How routers are searched. */
  readonly search: Omit<SearchOptions, 'signal'>
  /** Ends the search; existing mappings stay. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Outside and inside port. */
type PortPair = readonly [number, number]

/** Rejects if no router that maps ports is found. */
export async function keepPortsMappedByUpnp(options: UpnpOptions): Promise<PortMappings> {
  const { search, signal, logger } = options
  for (const location of await searchGateways({ ...search, signal: deadline(SEARCH_MS, signal) })) {
    try {
      const gateway = await openGateway(location, deadline(ASK_MS, signal))
      return keepRenewed(gateway, await mapAll(gateway, options), logger)
    } catch (error) {
      logger.debug('a router passes on no port', { router: location.host, error })
    }
  }
  throw new Error('no router speaks UPnP')
}

async function mapAll(gateway: Gateway, { ports, signal }: UpnpOptions): Promise<readonly PortPair[]> {
  const mapped: PortPair[] = []
  for (const port of ports) mapped.push([await mapOne(gateway, port, signal), port])
  return mapped
}

/** Tries the next port if one is taken. */
async function mapOne(gateway: Gateway, internalPort: number, signal: AbortSignal): Promise<number> {
  let refusal: unknown = signal.reason
  for (let tries = 0; tries < MAX_TRIES && !signal.aborted; tries++) {
    const lease = { internalPort, externalPort: internalPort + tries, seconds: LEASE_SECONDS }
    try {
      return await addMapping(gateway, lease, deadline(ASK_MS, signal))
    } catch (cause) {
      refusal = cause
    }
  }
  throw refusal
}

/** Keeps the leases renewed. A router that is gone is searched again once a helper sees that the port is. */
function keepRenewed(gateway: Gateway, mapped: readonly PortPair[], logger: Logger): PortMappings {
  const renew = ([externalPort, internalPort]: PortPair): void => {
    const lease = { internalPort, externalPort, seconds: LEASE_SECONDS }
    addMapping(gateway, lease, AbortSignal.timeout(ASK_MS)).catch((error: unknown) =>
      logger.debug('a router no longer passes on a port', { port: externalPort, error }),
    )
  }
  const timer = setInterval(() => mapped.forEach(renew), RENEW_MS).unref()
  return {
    ports: mapped.map(([port]) => port),
    async release() {
      clearInterval(timer)
      const given = mapped.map(([port]) => deleteMapping(gateway, port, AbortSignal.timeout(ASK_MS)))
      await Promise.allSettled(given)
    },
  }
}

// Searches UPnP routers by SSDP: a multicast query in each network of this machine, and answers with the URL
// of a router's description. Anyone may answer, with any bytes: only a URL on the answering machine is
// accepted, and only the first few. Specification: UPnP Device Architecture 2.0 §1.3.

export interface SearchOptions {
  /** Own addresses to send from: one for each network. */
  readonly hosts: readonly string[]
  /** The destination; default: the multicast group. */
  readonly to?: { readonly address: string; readonly port: number }
  /** Ends the search if nobody answers. */
  readonly signal: AbortSignal
}

const EVERYBODY = { address: '239.255.255.250', port: 1900 }

/** Version 2 devices should answer for version 1, too, but some don't. */
const KINDS = [1, 2].map(version => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`)

/** The query is a single packet, which gets lost on a radio link: so it is repeated. */
const ASK_EVERY_MS = 1_500
/** After the first answer: a network may have two routers, one of which forwards nothing. */
const FURTHER_ANSWERS_MS = 500
/** Answers examined. */
const MAX_FOUND = 4

/** The URLs of routers' descriptions; none if nobody answers until the signal fires. Never rejects. */
export function searchGateways({ hosts, to = EVERYBODY, signal }: SearchOptions): Promise<readonly URL[]> {
  const found = new Map<string, URL>()
  const { promise, resolve } = Promise.withResolvers<readonly URL[]>()
  let grace: NodeJS.Timeout | undefined
  const onAnswer = (answer: Buffer, from: RemoteInfo): void => {
    const location = locationIn(answer, from.address)
    if (location !== undefined && found.size < MAX_FOUND) found.set(location.href, location)
    if (location !== undefined) grace ??= setTimeout(end, FURTHER_ANSWERS_MS)
  }
  const sockets = hosts.filter(isNetworkAddress).map(host => openSocket(host, onAnswer))
  const ask = (): void => {
    for (const kind of KINDS) for (const socket of sockets) send(socket, searchRequest(kind), to)
  }
  const timer = setInterval(ask, ASK_EVERY_MS).unref()
  const end = (): void => {
    signal.removeEventListener('abort', end)
    clearInterval(timer)
    clearTimeout(grace)
    for (const socket of sockets) socket.close()
    resolve([...found.values()])
  }
  ask()
  if (signal.aborted || sockets.length === 0) end()
  else signal.addEventListener('abort', end, { once: true })
  return promise
}

/** The URL in an answer, if it is on the sender's machine. Accepts any bytes and never throws. */
function locationIn(answer: Uint8Array, sender: string): URL | undefined {
  const [status, ...headers] = Buffer.from(answer).toString('latin1').split('\r\n')
  if (!status?.startsWith('HTTP/1.1 200')) return undefined
  const header = headers.find(line => /^location:/i.test(line))
  const location = URL.parse(header?.slice('location:'.length).trim() ?? '')
  return location?.protocol === 'http:' && location.hostname === sender ? location : undefined
}

function searchRequest(kind: string): string {
  const { address, port } = EVERYBODY
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${address}:${port}`,
    'MAN: "ssdp:discover"',
    'MX: 1',
    `ST: ${kind}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Excludes loopback, unless there is nothing else, and self-assigned addresses. */
function isNetworkAddress(host: string, _: number, hosts: readonly string[]): boolean {
  const isAlone = hosts.length === 1
  return isIPv4(host) && !host.startsWith('169.254.') && (isAlone || !host.startsWith('127.'))
}

function openSocket(host: string, onAnswer: (answer: Buffer, from: RemoteInfo) => void): Socket {
  const socket = createSocket('udp4', onAnswer)
  // a network that just vanished, or blocks everything: the others are asked all the same
  socket.on('error', () => {})
  socket.bind({ address: host, port: 0 }, () => {
    try {
      socket.setMulticastInterface(host)
    } catch {
      // the address is gone already: the system chooses
    }
  })
  return socket.unref()
}

function send(socket: Socket, text: string, { address, port }: { address: string; port: number }): void {
  socket.send(text, port, address, () => {})
}
