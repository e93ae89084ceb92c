/**
 * A router that speaks UPnP, as an Internet Gateway Device of either version: asks it to pass a port on to this machine,
 * and to stop that. What it answers is text of a stranger: read to a bound, before a deadline, never followed elsewhere.
 * Specification: https://upnp.org/specs/gw/UPnP-gw-WANIPConnection-v2-Service.pdf
 */
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { isPort } from '../../protocol/reachability.ts'

export interface Gateway {
  readonly control: URL
  readonly service: string
  /** This machine's address in the router's network. */
  readonly localAddress: string
}

export interface Lease {
  readonly internalPort: number
  /** What to ask for; the router may give another one. */
  readonly externalPort: number
  readonly seconds: number
}

/** The best first. */
const SERVICES = ['WANIPConnection:2', 'WANIPConnection:1', 'WANPPPConnection:1'].map(
  name => `urn:schemas-upnp-org:service:${name}`,
)
/** Only this one chooses another port by itself where the wanted one is taken. */
const [CHOOSES] = SERVICES

/** Descriptions have some KiB, other answers less. */
const MAX_BYTES = 65_536

interface Question {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Answer {
  readonly text: string
  readonly localAddress: string
}

/** Reads what a router says of itself. Rejects if it isn't one that passes ports on. */
export async function openGateway(location: URL, signal: AbortSignal): Promise<Gateway> {
  const { text, localAddress } = await ask(location, { method: 'GET', headers: {}, body: '' }, signal)
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
export async function addMapping(gateway: Gateway, lease: Lease, signal: AbortSignal): Promise<number> {
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
  const answer = await call(gateway, chooses ? 'AddAnyPortMapping' : 'AddPortMapping', values, signal)
  const given = chooses ? Number(elementIn(answer, 'NewReservedPort')) : lease.externalPort
  if (!isPort(given)) throw new Error('it gives no port')
  return given
}

/** Takes back what `addMapping` gave. */
export async function deleteMapping(
  gateway: Gateway,
  externalPort: number,
  signal: AbortSignal,
): Promise<void> {
  const values = { NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: 'TCP' }
  await call(gateway, 'DeletePortMapping', values, signal)
}

/** The text of the first element of this name; empty if there is none. Any text in, never throws. */
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

/** Where each service of a description is controlled. */
function servicesIn(xml: string): ReadonlyMap<string, string> {
  const parts = xml.split(/<\/(?:[\w-]+:)?service>/i)
  return new Map(parts.map(part => [elementIn(part, 'serviceType'), elementIn(part, 'controlURL')]))
}

async function call(
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
  return (await ask(control, { method: 'POST', headers, body }, signal)).text
}

function ask(url: URL, { method, headers, body }: Question, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  // whatever the other side does with the connection
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  const length = { 'Content-Length': String(Buffer.byteLength(body)) }
  const asked = request(
    url,
    { method, headers: { ...headers, ...length }, agent: false, signal },
    response => {
      read(response).then(resolve, reject)
    },
  )
  asked.on('error', reject)
  asked.end(body)
  return promise
}

async function read(response: IncomingMessage): Promise<Answer> {
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
