/** The helper lets peers find each other, and carries nothing that they say. */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { IdentifyResult } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { CountingProxy } from '../support/process-proxy.ts'
import { Stage } from '../support/process-stage.ts'
import { allHeard, connected, expectHeard, meet, part } from './room-story.ts'

const MESSAGES = 200
const MESSAGE_BYTES = 1_000
/** What may pass meanwhile: heartbeats, and registrations that change; a twentieth of one copy of the chat. */
const MAX_BYTES = (MESSAGES * MESSAGE_BYTES) / 20

test("the helper's traffic does not grow with the chat", async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  await using proxy = await CountingProxy.open(helper.port)
  const people = await meet(stage, ['ann', 'ben', 'cat'], { helpers: [{ ...helper, port: proxy.port }] })
  await connected(people)
  const before = proxy.bytes
  expect(before).toBeGreaterThan(0)

  const texts = Array.from({ length: MESSAGES }, (_, at) => `${at} `.padEnd(MESSAGE_BYTES, 'x'))
  for (const text of texts) people[0]?.peer.say(text)
  const heard = ({ name }: { name: string }) => (name === 'ann' ? [] : texts)
  await allHeard(people, heard)
  const { id } = people[0]?.peer.all({ type: 'sent' }).at(-1) ?? {}
  await people[0]?.peer.next({ type: 'delivered', ...(id && { id }), count: 2 })
  expect(proxy.bytes - before).toBeLessThan(MAX_BYTES)

  await part(people)
  expectHeard(people, heard)
})

test('the helper speaks neither gossip nor sync', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const [address = ''] = (await helper.program.next({ type: 'ready' })).addresses
  const visitor = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  try {
    const { promise: identified, resolve } = Promise.withResolvers<IdentifyResult>()
    visitor.addEventListener('peer:identify', event => resolve(event.detail))
    await visitor.dial(multiaddr(address), { signal: AbortSignal.timeout(10_000) })
    const { protocols } = await identified
    expect(protocols).toContain('/rendezvous/1.0.0')
    expect(protocols.filter(protocol => /meshsub|floodsub|sync/.test(protocol))).toEqual([])
  } finally {
    await visitor.stop()
  }
})
