/** Strangers against the helper: whatever they send, it goes on serving others. */
import type { Stream } from '@libp2p/interface'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { discover, register } from '../../../src/network/discovery/rendezvous-client.ts'
import type { Message } from '../../../src/protocol/rendezvous.ts'
import { encode, RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL } from '../../../src/protocol/rendezvous.ts'
import { SEED } from '../../support/seed.ts'
import type { TestHelper, TestPeer } from './rendezvous-kit.ts'
import { eventually, OTHER, ROOM, Stage } from './rendezvous-kit.ts'

const PROTOCOLS = [RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL]

const stage = new Stage()
afterEach(() => stage.end())

function framed(message: Message): Uint8Array {
  const bytes = encode(message)
  if (bytes.length > 127) throw new Error('needs a longer prefix')
  return new Uint8Array([bytes.length, ...bytes])
}

function closed(stream: Stream): Promise<void> {
  return new Promise(resolve => {
    if (stream.status !== 'open') resolve()
    else stream.addEventListener('close', () => resolve(), { once: true })
  })
}

async function expectServing(helper: TestHelper): Promise<void> {
  const ann = await stage.peer(helper)
  const bob = await stage.peer(helper)
  const mine = await register({ ...ann.ask(), record: await ann.record(), ttlSeconds: 7_200 })
  expect(mine.kind).toBe('ok')
  const found = await discover(bob.ask())
  expect(found.kind === 'ok' && found.value.members.map(({ peerId }) => peerId.toString())).toContain(
    ann.node.peerId.toString(),
  )
}

async function helperAndStranger(): Promise<[TestHelper, TestPeer]> {
  const helper = await stage.helper()
  return [helper, await stage.peer(helper)]
}

describe.each(PROTOCOLS)('on %s', protocol => {
  test.each([
    ['garbage', new Uint8Array(64).fill(0xa5)],
    ['a message longer than allowed', new Uint8Array([0x81, 0x80, 0x04, ...new Uint8Array(1_000)])],
    ['a length of four gigabytes', new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a length without end', new Uint8Array(2_000).fill(0x80)],
    ['a message of the helper', framed({ kind: 'register-response', status: 'OK' })],
    ['a list of the helper', framed({ kind: 'discover-response', status: 'OK', registrations: [] })],
  ])('%s ends the stream and nothing else', async (_, bytes) => {
    const [helper, stranger] = await helperAndStranger()
    const stream = await stranger.connection.newStream(protocol)
    stream.send(bytes)
    await closed(stream)
    expect(stranger.connection.status).toBe('open')
    expect([...helper.refused().values()]).toEqual([1])
    await expectServing(helper)
  })

  test(`random bytes (SEED=${SEED})`, async () => {
    const helper = await stage.helper()
    const [samples] = [
      fc.sample(fc.uint8Array({ minLength: 1, maxLength: 400 }), { seed: SEED, numRuns: 60 }),
    ]
    const stranger = await stage.peer(helper)
    for (const bytes of samples) {
      const stream = await stranger.connection.newStream(protocol)
      stream.send(bytes)
      await stream.close()
      await closed(stream)
    }
    await expectServing(helper)
  })

  test('a message cut off in the middle, by a half-closed and by a reset stream', async () => {
    const [helper, stranger] = await helperAndStranger()
    const half = framed({ kind: 'discover', namespace: ROOM }).subarray(0, 10)
    const closing = await stranger.connection.newStream(protocol)
    closing.send(half)
    await closing.close()
    await closed(closing)
    const resetting = await stranger.connection.newStream(protocol)
    resetting.send(half)
    resetting.abort(new Error('reset'))
    await expectServing(helper)
  })

  test('more streams than allowed are reset', async () => {
    const helper = await stage.helper({ limits: { streamsPerConnection: 4 } })
    const stranger = await stage.peer(helper)
    const streams: Stream[] = []
    for (let i = 0; i < 8; i++) {
      const stream = await stranger.connection.newStream(protocol).catch(() => undefined)
      if (stream !== undefined) streams.push(stream)
    }
    await eventually(() => expect(streams.filter(({ status }) => status === 'open')).toHaveLength(4))
    await expectServing(helper)
  })
})

test('bytes on a watch beyond its request are bounded', async () => {
  const [helper, stranger] = await helperAndStranger()
  const stream = await stranger.connection.newStream(WATCH_PROTOCOL)
  stream.send(framed({ kind: 'discover', namespace: ROOM }))
  await eventually(() => expect(helper.server.watchers).toBe(1))
  stream.send(new Uint8Array(200_000))
  await closed(stream)
  await eventually(() => expect(helper.server.watchers).toBe(0))
  await expectServing(helper)
})

test('a watcher that takes nothing is cut off, and others hear of newcomers all the same', async () => {
  const helper = await stage.helper({ limits: { takeAnswerMs: 200 } })
  const stranger = await stage.peer(helper)
  for (let i = 0; i < 200; i++) {
    const filler = { peer: `filler ${i}`, source: `net ${i}`, record: new Uint8Array(4_000).fill(i) }
    helper.registry.register({ namespace: OTHER, ...filler }, 1_000_000)
  }
  const stream = await stranger.connection.newStream(WATCH_PROTOCOL)
  stream.addEventListener('message', () => {})
  stream.pause()
  stream.send(framed({ kind: 'discover', namespace: OTHER }))
  await eventually(() => expect(helper.refused().get('watcher-slow')).toBe(1))
  await eventually(() => expect(helper.server.watchers).toBe(0))
  await expectServing(helper)
})

test('a connection on which nothing is asked is closed, one that watches is not', async () => {
  const [helper, stranger] = await helperAndStranger()
  const watcher = await stage.peer(helper)
  const stream = await watcher.connection.newStream(WATCH_PROTOCOL)
  stream.send(framed({ kind: 'discover', namespace: ROOM }))
  await eventually(() => expect(helper.server.watchers).toBe(1))
  helper.advance(300_000)
  await helper.server.sweep()
  await eventually(() => expect(stranger.connection.status).not.toBe('open'))
  expect(watcher.connection.status).toBe('open')
})

test('of those who went nothing is remembered but their registrations', async () => {
  const [helper, stranger] = await helperAndStranger()
  await discover(stranger.ask())
  await stranger.node.stop()
  await eventually(() => expect(helper.node.getConnections()).toEqual([]))
  await helper.server.sweep()
  const known = await helper.node.peerStore.all()
  expect(known.map(({ id }) => id.toString())).not.toContain(stranger.node.peerId.toString())
})
