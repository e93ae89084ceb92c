/**
 * Looks for routers that speak UPnP, by SSDP: a question to everybody in each network of this machine, and answers that
 * say where a router describes itself. Anybody may answer, with any bytes: only a place on the machine that the answer
 * came from is taken, and only the first few.
 * Specification: UPnP Device Architecture 2.0, 1.3.
 */
import type { RemoteInfo, Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'

export interface SearchOptions {
  /** Own addresses to ask from: one for each network. */
  readonly hosts: readonly string[]
  /** Whom to ask; everybody if it isn't said. */
  readonly to?: { readonly address: string; readonly port: number }
  /** Ends the search, if nobody answers. */
  readonly signal: AbortSignal
}

const EVERYBODY = { address: '239.255.255.250', port: 1900 }

/** Routers of the second version answer for the first, too; not all of them do. */
const KINDS = [1, 2].map(version => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`)

/** The question is a single packet, which gets lost on a radio link: so it is asked a few times. */
const ASK_EVERY_MS = 1_500
/** After the first answer: a network may have two routers, of which one passes on nothing. */
const GRACE_MS = 500
/** Places that are looked at. */
const MAX_FOUND = 4

/** Where routers describe themselves; none if nobody answers until the signal fires. Never rejects. */
export function searchGateways({ hosts, to = EVERYBODY, signal }: SearchOptions): Promise<readonly URL[]> {
  const found = new Map<string, URL>()
  const { promise, resolve } = Promise.withResolvers<readonly URL[]>()
  let grace: NodeJS.Timeout | undefined
  const onAnswer = (answer: Buffer, from: RemoteInfo): void => {
    const location = locationIn(answer, from.address)
    if (location !== undefined && found.size < MAX_FOUND) found.set(location.href, location)
    if (location !== undefined) grace ??= setTimeout(end, GRACE_MS)
  }
  const sockets = hosts.filter(isOfNetwork).map(host => openSocket(host, onAnswer))
  const ask = (): void => {
    for (const kind of KINDS) for (const socket of sockets) send(socket, questionFor(kind), to)
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

/** Where the sender of an answer describes itself; undefined for everything else. Any bytes in, never throws. */
function locationIn(answer: Uint8Array, sender: string): URL | undefined {
  const [status, ...headers] = Buffer.from(answer).toString('latin1').split('\r\n')
  if (!status?.startsWith('HTTP/1.1 200')) return undefined
  const header = headers.find(line => /^location:/i.test(line))
  const location = URL.parse(header?.slice('location:'.length).trim() ?? '')
  return location?.protocol === 'http:' && location.hostname === sender ? location : undefined
}

function questionFor(kind: string): string {
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

/** Not loopback, unless that is all there is to ask, and no address that a machine gave itself. */
function isOfNetwork(host: string, _: number, hosts: readonly string[]): boolean {
  const isAlone = hosts.length === 1
  return isIPv4(host) && !host.startsWith('169.254.') && (isAlone || !host.startsWith('127.'))
}

function openSocket(host: string, onAnswer: (answer: Buffer, from: RemoteInfo) => void): Socket {
  const socket = createSocket('udp4', onAnswer)
  // a network that has just gone, or lets nothing through: the others are asked all the same
  socket.on('error', () => {})
  socket.bind({ address: host, port: 0 }, () => {
    try {
      socket.setMulticastInterface(host)
    } catch {
      // the address is gone already: then the system chooses
    }
  })
  return socket.unref()
}

function send(socket: Socket, text: string, { address, port }: { address: string; port: number }): void {
  socket.send(text, port, address, () => {})
}
