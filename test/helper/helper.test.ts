import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { IdentifyResult } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test } from 'vitest'
import { ParleyError } from '../../src/common/errors.ts'
import { discover, register } from '../../src/network/discovery/rendezvous-client.ts'
import { Helpers } from './helper-kit.ts'
import { eventually, Stage } from './rendezvous/rendezvous-kit.ts'

const stage = new Stage()
const helpers = new Helpers()
afterEach(async () => {
  await stage.end()
  await helpers.end()
})

/** What starting it failed with. */
async function failure(start: Promise<unknown>): Promise<ParleyError> {
  const error = await start.then(
    () => undefined,
    cause => cause,
  )
  if (error instanceof ParleyError) return error
  throw new Error('no ParleyError', { cause: error })
}

describe('a helper', () => {
  test('says where it is, and peers that dial this find each other there', async () => {
    const { ready, at } = await helpers.start()
    expect(ready).toMatchObject({ version: '1.2.3', name: 'helper', room: '' })
    expect(ready.addresses).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*\/p2p\//)])
    expect(ready.addresses[0]).toContain(ready.peer)
    const [ann, bob] = [await stage.peerAt(at), await stage.peerAt(at)]
    await register({ ...ann.ask(), record: await ann.record(), ttlSeconds: 7_200 })
    const found = await discover(bob.ask())
    expect(found).toMatchObject({ kind: 'ok', value: { members: [{ peerId: ann.node.peerId }] } })
  })

  test('hands out the addresses it was told to announce', async () => {
    const { ready } = await helpers.start({ announce: ['/dns4/helper.example/tcp/12345'] })
    expect(ready.addresses).toEqual([`/dns4/helper.example/tcp/12345/p2p/${ready.peer}`])
  })

  test('speaks rendezvous, its push, ping and identify, and nothing that carries messages', async () => {
    const { at } = await helpers.start()
    const node = await stage.node(await generateKeyPair('Ed25519'))
    const identified = new Promise<IdentifyResult>(resolve =>
      node.addEventListener('peer:identify', ({ detail }) => resolve(detail), { once: true }),
    )
    await node.dial(at)
    const { protocols, agentVersion } = await identified
    expect(protocols.toSorted()).toEqual([
      '/ipfs/id/1.0.0',
      '/ipfs/ping/1.0.0',
      '/libp2p/circuit/relay/0.2.0/hop',
      '/parley/beat/1',
      '/parley/reach/1',
      '/parley/watch/1',
      '/rendezvous/1.0.0',
    ])
    expect(agentVersion).toBe('parley/1.2.3')
  })

  test('is the same after a restart, on the same port, and knows nobody any more', async () => {
    const key = await generateKeyPair('Ed25519')
    const before = await helpers.start({}, key)
    const ann = await stage.peerAt(before.at)
    await register({ ...ann.ask(), record: await ann.record(), ttlSeconds: 7_200 })
    await before.close()
    await before.closed
    await eventually(() => expect(ann.connection.status).not.toBe('open'))
    const after = await helpers.start({ listen: [`/ip4/127.0.0.1/tcp/${before.port}`] }, key)
    expect(after.ready.addresses).toEqual(before.ready.addresses)
    const bob = await stage.peerAt(after.at)
    expect(await discover(bob.ask())).toMatchObject({ kind: 'ok', value: { members: [] } })
  })

  test('closes once, however often it is asked, and leaves its port', async () => {
    const helper = await helpers.start()
    await Promise.all([helper.close(), helper.close(), helper.closed])
    const next = await helpers.start({ listen: [`/ip4/127.0.0.1/tcp/${helper.port}`] })
    expect(next.port).toBe(helper.port)
  })
})

describe('a helper that cannot listen', () => {
  test('names the port that another program holds, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : 0
    const error = await failure(helpers.start({ listen: [`/ip4/127.0.0.1/tcp/${port}`] }))
    expect(error.code).toBe('port-in-use')
    expect(error.message).toContain(String(port))
    expect(error.remedy).toContain('--port')
    other.close()
    await once(other, 'close')
    await helpers.start({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })
  })

  test('for the admin pages gives the peers port free again', async () => {
    const taken = await helpers.start({ admin: { host: '127.0.0.1', port: 0 } })
    const error = await failure(helpers.start({ admin: { host: '127.0.0.1', port: taken.admin?.port ?? 0 } }))
    expect(error.code).toBe('admin-cannot-listen')
    expect(error.message).toContain(String(taken.admin?.port))
  })
})

describe('limits on connections', () => {
  test('from one address: the next is refused until one of them is gone', async () => {
    const { at } = await helpers.start({ limits: { connectionsPerAddress: 2 } })
    const ann = await stage.peerAt(at)
    await stage.peerAt(at)
    await expect(stage.peerAt(at)).rejects.toThrow()
    await ann.connection.close()
    await expect.poll(() => stage.peerAt(at).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
  })

  test('in all: those who are there are not dropped for the next', async () => {
    const { at } = await helpers.start({ limits: { connections: 2 } })
    const [ann, bob] = [await stage.peerAt(at), await stage.peerAt(at)]
    await expect(stage.peerAt(at)).rejects.toThrow()
    for (const peer of [ann, bob]) expect(await discover(peer.ask())).toMatchObject({ kind: 'ok' })
  })

  test('count sockets that never say a word', async () => {
    const { at, port } = await helpers.start({ limits: { connectionsPerAddress: 2 } })
    const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    for (const socket of sockets) socket.on('error', () => {})
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    await expect(stage.peerAt(at)).rejects.toThrow()
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => stage.peerAt(at).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
  })

  test('allow all peers behind one address to come back at once', async () => {
    const { at } = await helpers.start()
    const nodes = await Promise.all(
      Array.from({ length: 30 }, async () => stage.node(await generateKeyPair('Ed25519'))),
    )
    const connections = await Promise.all(
      nodes.map(node => node.dial(at.map(address => multiaddr(address.toString())))),
    )
    expect(connections.map(({ status }) => status)).toEqual(nodes.map(() => 'open'))
  })
})
