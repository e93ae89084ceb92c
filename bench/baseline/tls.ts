/**
 * Baseline: one TLS 1.3 socket for each pair and a line of JSON for each message, nothing else. The least that an
 * encrypted chat can cost in Node. Node can't make certificates, so the two ends know each other by a pre-shared
 * key, which changes the handshake only: keys are still agreed on freshly, and the cipher is the usual one.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect, createServer } from 'node:tls'
import type { Baseline } from './door.ts'
import { serve } from './door.ts'

/** Known to everybody: what is measured needs no secret. */
const PRE_SHARED_KEY = Buffer.alloc(32, 1)
/** Of the usual ciphers the one with the hash that pre-shared keys are bound to. */
const TLS_OPTIONS = { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const

/** Bytes that wait for a slow peer before the sender is asked to wait. */
const MAX_UNSENT_BYTES = 256 * 1024

async function start(show: (text: string) => void): Promise<Baseline> {
  const sockets = new Set<TLSSocket>()
  const add = (socket: TLSSocket): void => {
    sockets.add(socket.setNoDelay(true).setEncoding('utf8'))
    socket.on('data', lineReader(show)).on('close', () => sockets.delete(socket))
  }
  const server = createServer({ ...TLS_OPTIONS, pskCallback: () => PRE_SHARED_KEY }, add)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: String(port),
    connect: async address => add(await dial(Number(address))),
    send: text => broadcast(sockets, `${JSON.stringify({ text })}\n`),
  }
}

async function dial(port: number): Promise<TLSSocket> {
  const socket = connect({
    ...TLS_OPTIONS,
    host: '127.0.0.1',
    port,
    pskCallback: () => ({ psk: PRE_SHARED_KEY, identity: 'peer' }),
    checkServerIdentity: () => undefined,
  })
  await once(socket, 'secureConnect')
  return socket
}

/** Writes to everyone; a promise if somebody has too much to read already. */
function broadcast(sockets: ReadonlySet<TLSSocket>, line: string): Promise<void> | undefined {
  const bytes = Buffer.from(line)
  const slow = [...sockets].filter(socket => !socket.write(bytes) && socket.writableLength > MAX_UNSENT_BYTES)
  return slow.length === 0 ? undefined : drained(slow)
}

async function drained(sockets: readonly TLSSocket[]): Promise<void> {
  await Promise.all(sockets.map(socket => Promise.race([once(socket, 'drain'), once(socket, 'close')])))
}

function lineReader(show: (text: string) => void): (chunk: string) => void {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) show(JSON.parse(line).text)
  }
}

await serve(start)
