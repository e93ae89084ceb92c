import { once } from 'node:events'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test, vi } from 'vitest'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import { ConnectionGater } from '../../../src/network/connections/connection-gater.ts'
import { Heartbeat } from '../../../src/network/connections/heartbeat.ts'
import type { PeerNode } from '../../../src/network/node.ts'
import { createPeerNode } from '../../../src/network/node.ts'
import { CountingProxy } from '../../support/process-proxy.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const CONFIG = {
  listen: [LOOPBACK],
  announce: [],
  lan: 'off',
  helpers: [],
  maxConnections: 8,
  dialTimeoutMs: 5_000,
} as const

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function beatingNode(): Promise<PeerNode> {
  const gate = new ConnectionGater({ connections: 8, connectionsPerAddress: 8 })
  const node = await createPeerNode(CONFIG, {
    privateKey: await generateKeyPair('Ed25519'),
    gater: gate.gater,
  })
  const heartbeat = new Heartbeat({ pingIntervalMs: 30, pingTimeoutMs: 300 }, { node, logger: SILENT_LOGGER })
  await heartbeat.start()
  await node.start()
  open.push(
    () => node.stop(),
    () => heartbeat[Symbol.dispose](),
  )
  return node
}

function portOf(node: PeerNode): number {
  const tcp = node
    .getMultiaddrs()[0]
    ?.getComponents()
    .find(part => part.name === 'tcp')
  return Number(tcp?.value)
}

test('a link that goes dead without a word is cut on both sides, and one that lives is not', async () => {
  const [near, far] = await Promise.all([beatingNode(), beatingNode()])
  const wire = await CountingProxy.open(portOf(far))
  open.push(() => wire[Symbol.asyncDispose]())
  const connection = await near.dial(multiaddr(`/ip4/127.0.0.1/tcp/${wire.port}/p2p/${far.peerId}`))
  const beats = () => connection.streams.filter(stream => stream.protocol === '/parley/beat/1')
  await vi.waitFor(() => expect(beats()).toHaveLength(1))
  const [beat] = beats()
  if (beat === undefined) throw new Error('no heartbeat')
  for (let heard = 0; heard < 20; heard++) await once(beat, 'message')
  expect(connection.status).toBe('open')

  wire.cut()
  await vi.waitFor(() => {
    expect(near.getConnections()).toHaveLength(0)
    expect(far.getConnections()).toHaveLength(0)
  }, 10_000)
})
