/** Whatever may stand where a helper should: each is told apart, by a chat's link and by the doctor's examination. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import { DialError } from '../../../src/network/discovery/dial-failure.ts'
import type { HelperEvent, HelperTarget } from '../../../src/network/discovery/helper-connection.ts'
import { HelperConnection } from '../../../src/network/discovery/helper-connection.ts'
import { AddressBook } from '../../../src/network/nat/address-book.ts'
import { probeHelper } from '../../../src/network/nat/helper-probe.ts'
import { Helpers } from '../../helper/helper-kit.ts'
import { SEED } from '../../support/seed.ts'
import type { Walker } from '../paths-kit.ts'
import { Ways } from '../paths-kit.ts'

const PATIENCE_MS = 20_000
/** For what never answers: the deadline is what is waited for. */
const DIAL_MS = 1_000
const SOON = { retryMinMs: 16, retryMaxMs: 64 }

const ways = new Ways()
const helpers = new Helpers()
const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(async () => {
  await ways.end()
  await helpers.end()
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

async function listening(server: Server): Promise<HelperTarget> {
  servers.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return targetAt((server.address() as { readonly port: number }).port)
}

function targetAt(port: number): HelperTarget {
  return { text: 'h', multiaddr: `/ip4/127.0.0.1/tcp/${port}` }
}

const says = (text: string) => createServer(socket => socket.resume().write(text))

function startLink(walker: Walker, target: HelperTarget, dialTimeoutMs = PATIENCE_MS) {
  const told: HelperEvent[] = []
  const link = new HelperConnection(
    target,
    { ...SOON, dialTimeoutMs },
    {
      node: walker.node,
      privateKey: walker.privateKey,
      addressBook: new AddressBook(walker.node, 'found', () => []),
      random: () => 0.999,
      logger: SILENT_LOGGER,
      onEvent: event => void told.push(event),
      onMembers: () => {},
    },
  )
  link.start()
  return { link, told }
}

/** What a link tells of it first; and that it is told once, however often it is tried. */
async function firstOf(target: HelperTarget, dialTimeoutMs?: number): Promise<HelperEvent | undefined> {
  const { link, told } = startLink(await ways.walker(), target, dialTimeoutMs)
  await vi.waitFor(() => expect(told).not.toEqual([]), PATIENCE_MS)
  await link.stop()
  return told[0]
}

const WAYS_TO_ASK = { interfaceAddresses: [], ports: [], otherHelper: undefined }

describe('it is told apart', () => {
  test.each([
    ['a web server', () => createHttpServer((_, answer) => answer.end('hello')), 'not-libp2p'],
    ['an SSH server', () => says('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), 'not-libp2p'],
    ['a mail server', () => says('220 mail.example ESMTP\r\n'), 'not-libp2p'],
    ['one that talks in escapes', () => says('\x1b]0;owned\x07\x1b[2J\n'.repeat(1_000)), 'not-libp2p'],
    ['one that says too little', () => says('hi'), 'not-libp2p'],
    ['one that complains and goes', () => createServer(s => s.end('HTTP/1.1 400 No\r\n')), 'not-libp2p'],
    ['one that ends what it is given', () => createServer(socket => socket.end()), 'hung-up'],
    ['one that resets it', () => createServer(socket => socket.resetAndDestroy()), 'hung-up'],
    ['one that greets and goes', () => createServer(s => s.end('\x13/multistream/1.0.0\n')), 'hung-up'],
  ] as const)('%s', async (_, serve, kind) => {
    const target = await listening(serve())
    expect(await firstOf(target)).toMatchObject({ kind: 'unreachable', trouble: { kind } })
    const { node } = await ways.walker()
    expect(await probeHelper(target, { node, ...WAYS_TO_ASK })).toEqual({
      kind: 'unreached',
      trouble: { kind },
    })
  })

  test('a TLS server, whether it complains or hangs up', async () => {
    const target = await listening(createTlsServer().on('tlsClientError', () => {}))
    const first = await firstOf(target)
    const kind = first?.kind === 'unreachable' ? first.trouble.kind : first?.kind
    expect(['not-libp2p', 'hung-up']).toContain(kind)
  })

  test.each([
    ['says nothing', '', 'silent'],
    ['greets and says no more', '\x13/multistream/1.0.0\n', 'silent'],
  ])('one that %s, when the time is over', async (_, text, kind) => {
    const target = await listening(says(text))
    expect(await firstOf(target, DIAL_MS)).toMatchObject({ kind: 'unreachable', trouble: { kind } })
  })

  test('nobody', async () => {
    const server = createServer()
    const target = await listening(server)
    await new Promise(resolve => server.close(resolve))
    const first = await firstOf(target)
    expect(first).toMatchObject({ kind: 'unreachable', trouble: { kind: 'refused' } })
    const { node } = await ways.walker()
    const examined = await probeHelper(target, { node, ...WAYS_TO_ASK })
    expect(examined).toEqual({ kind: 'unreached', trouble: { kind: 'refused' } })
  })

  test('itself', async () => {
    const walker = await ways.walker(['/ip4/127.0.0.1/tcp/0'])
    const [own] = walker.node.getMultiaddrs()
    const target = { text: 'h', multiaddr: own?.decapsulate('/p2p').toString() ?? '' }
    const { link, told } = startLink(walker, target)
    await vi.waitFor(() => expect(told).not.toEqual([]), PATIENCE_MS)
    await link.stop()
    expect(told).toMatchObject([{ kind: 'unreachable', trouble: { kind: 'own-address' } }])
  })
})

test(`whatever a stranger says (seed ${SEED}), in whatever pieces, is an outcome`, async () => {
  let pieces: readonly Uint8Array[] = []
  const target = await listening(
    createServer(socket => {
      socket.setNoDelay().resume()
      for (const piece of pieces) setImmediate(() => socket.write(piece))
      setImmediate(() => socket.end())
    }),
  )
  const { internals } = (await ways.walker()).node.services
  const greeting = fc
    .subarray([...Buffer.from('\x13/multistream/1.0.0\n')])
    .map(bytes => Uint8Array.from(bytes))
  const said = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), greeting), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(said, async all => {
      pieces = all
      const dialled = internals.dial(multiaddr(target.multiaddr), { timeoutMs: PATIENCE_MS })
      await expect(dialled).rejects.toBeInstanceOf(DialError)
    }),
    { seed: SEED, numRuns: 100 },
  )
})

test('a chat in the place of a helper is none, and its key is not pinned', async () => {
  const chat = await ways.walker(['/ip4/127.0.0.1/tcp/0'])
  const [address] = chat.node.getMultiaddrs()
  const target = { text: 'h', multiaddr: address?.decapsulate('/p2p').toString() ?? '' }
  const { link, told } = startLink(await ways.walker(), target)
  await vi.waitFor(() => expect(told).not.toEqual([]), PATIENCE_MS)
  expect(told).toMatchObject([{ kind: 'unreachable', trouble: { kind: 'not-a-helper' } }])
  await vi.waitFor(() => expect(link.peer).toBeUndefined(), PATIENCE_MS)
  await link.stop()
  const { node } = await ways.walker()
  expect(await probeHelper(target, { node, ...WAYS_TO_ASK })).toEqual({
    kind: 'unreached',
    trouble: { kind: 'not-a-helper' },
  })
})

test('what is in the way at first may change, and each is told once; then the helper is there', async () => {
  const server = says('220 mail.example ESMTP\r\n')
  const target = await listening(server)
  const { link, told } = startLink(await ways.walker(), target)
  await vi.waitFor(() => expect(told.length).toBe(1), PATIENCE_MS)
  for (const socket of sockets) socket.destroy()
  await new Promise(resolve => server.close(resolve))
  await vi.waitFor(() => expect(told.length).toBe(2), PATIENCE_MS)
  await helpers.start({ listen: [target.multiaddr] })
  await vi.waitFor(() => expect(told.at(-1)?.kind).toBe('connected'), PATIENCE_MS)
  await link.stop()
  const kinds = told.map(event => (event.kind === 'unreachable' ? event.trouble.kind : event.kind))
  expect(kinds).toEqual(['not-libp2p', 'refused', 'pinned', 'connected'])
})

test('another key than the expected one is told by both', async () => {
  const helper = await helpers.start()
  const other = await ways.walker()
  const expected = other.node.peerId.toString()
  const target = { ...targetAt(helper.port), expected }
  const wrong = { kind: 'wrong-key', expected, shown: helper.ready.peer }
  expect(await firstOf(target)).toMatchObject(wrong)
  const { node } = await ways.walker()
  expect(await probeHelper(target, { node, ...WAYS_TO_ASK })).toEqual(wrong)
})
