/**
 * Baseline of the sync: one process gives so many bytes to another, over a bare TCP connection or over a stream of
 * js-libp2p with its defaults (TCP, noise, yamux). Arguments: `tcp` or `libp2p`, and the bytes. Each that is told to
 * connect reads all that it is given and tells when it has it.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const PROTOCOL = '/copy/1'
/** As much as parley puts into one message of a sync. */
const PIECE = Buffer.alloc(131_072, 'some text ')

/** Something that can be read from, and where. */
interface Copier {
  readonly address: string
  /** Resolves with how many bytes came. */
  readonly fetch: (address: string) => Promise<number>
}

async function overTcp(bytes: number): Promise<Copier> {
  const server = createServer(async socket => {
    for (const piece of pieces(bytes)) if (!socket.write(piece)) await once(socket, 'drain')
    socket.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const fetch = async (address: string): Promise<number> => {
    let count = 0
    for await (const chunk of connect(Number(address), '127.0.0.1')) count += chunk.length
    return count
  }
  return { address: String((server.address() as AddressInfo).port), fetch }
}

async function overLibp2p(bytes: number): Promise<Copier> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  })
  await node.handle(PROTOCOL, async (stream: Stream) => {
    for (const piece of pieces(bytes)) if (!stream.send(piece)) await stream.onDrain()
    await stream.close()
  })
  const fetch = async (address: string): Promise<number> => {
    const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
    let count = 0
    for await (const chunk of stream) count += chunk.byteLength
    return count
  }
  return { address: String(node.getMultiaddrs()[0]), fetch }
}

function* pieces(bytes: number): Generator<Uint8Array, void> {
  for (let left = bytes; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left)
}

const [way, bytes] = process.argv.slice(2)
// a proper exit, so that Node keeps the compiled code
process.on('SIGTERM', () => process.exit(0))
const copier = await (way === 'tcp' ? overTcp : overLibp2p)(Number(bytes))
process.stdout.write(`${JSON.stringify({ type: 'ready', addresses: [copier.address] })}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  const { connect: address } = JSON.parse(line)
  const startMs = performance.now()
  const count = await copier.fetch(address)
  const event = { type: 'copied', bytes: count, ms: performance.now() - startMs }
  process.stdout.write(`${JSON.stringify(event)}\n`)
}
process.exit(0)
