import { afterEach, describe, expect, test, vi } from 'vitest'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import { watch } from '../../../src/network/discovery/namespace-watch.ts'
import type { PeerAddresses } from '../../../src/network/discovery/peer-record.ts'
import { keepRegistered } from '../../../src/network/discovery/registration.ts'
import type { RequestFailure } from '../../../src/network/discovery/rendezvous-client.ts'
import { register } from '../../../src/network/discovery/rendezvous-client.ts'
import { RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL } from '../../../src/protocol/rendezvous.ts'
import type { TestHelper, TestPeer } from './rendezvous-kit.ts'
import { eventually, OTHER, ownOf, ROOM, Stage } from './rendezvous-kit.ts'

const stage = new Stage()
afterEach(() => stage.end())

async function join(peer: TestPeer, namespace = ROOM) {
  const result = await register({ ...peer.ask(namespace), record: await peer.record(), ttlSeconds: 7_200 })
  expect(result.kind).toBe('ok')
}

/** Collects what is pushed. */
function listener() {
  const pushes: string[][] = []
  const orders = new Map<string, 'before' | 'after'>()
  return {
    pushes,
    /** How each peer was announced at first. */
    orders,
    seen: () => pushes.flat(),
    onMembers: (members: readonly PeerAddresses[], order: 'before' | 'after') => {
      const ids = members.map(({ peerId }) => peerId.toString())
      if (ids.length > 0) pushes.push(ids)
      for (const id of ids) if (!orders.has(id)) orders.set(id, order)
    },
  }
}

function watching(peer: TestPeer, namespace = ROOM) {
  const stop = new AbortController()
  const heard = listener()
  const ask = peer.ask(namespace, stop.signal)
  const ownRecord = () => new Uint8Array()
  const ended: Promise<RequestFailure> = watch({
    ask,
    self: peer.node.peerId,
    ownRecord,
    onMembers: heard.onMembers,
  })
  return { ...heard, ended, stop: () => stop.abort() }
}

const idOf = (peer: TestPeer) => peer.node.peerId.toString()

async function helperAndThree(): Promise<[TestHelper, TestPeer, TestPeer, TestPeer]> {
  const helper = await stage.helper()
  return [helper, await stage.peer(helper), await stage.peer(helper), await stage.peer(helper)]
}

describe('watching', () => {
  test('brings those who are there, then each newcomer and each change, of this namespace only', async () => {
    const [helper, ann, bob, cai] = await helperAndThree()
    await join(ann)
    const watcher = watching(bob)
    await eventually(() => expect(watcher.pushes).toEqual([[idOf(ann)]]))
    await join(ann, OTHER)
    await join(cai)
    await eventually(() => expect(watcher.seen()).toEqual([idOf(ann), idOf(cai)]))
    await join(ann)
    await eventually(() => expect(watcher.seen()).toEqual([idOf(ann), idOf(cai), idOf(ann)]))
    watcher.stop()
    expect(await watcher.ended).toEqual({ kind: 'stopped' })
    await eventually(() => expect(helper.server.watchers).toBe(0))
  })

  test('a renewal with the same record is not pushed', async () => {
    const [, ann, bob, cai] = await helperAndThree()
    const record = await ann.record()
    const watcher = watching(bob)
    await register({ ...ann.ask(), record, ttlSeconds: 7_200 })
    await eventually(() => expect(watcher.seen()).toEqual([idOf(ann)]))
    await register({ ...ann.ask(), record, ttlSeconds: 7_200 })
    await join(cai)
    await eventually(() => expect(watcher.seen()).toEqual([idOf(ann), idOf(cai)]))
  })

  test('newcomers of one moment come together', async () => {
    const helper = await stage.helper()
    const peers = await Promise.all(Array.from({ length: 12 }, () => stage.peer(helper)))
    const [watcherPeer, ...joining] = peers
    if (watcherPeer === undefined) throw new Error('no peer')
    const watcher = watching(watcherPeer)
    await eventually(() => expect(helper.server.watchers).toBe(1))
    await Promise.all(joining.map(peer => join(peer)))
    await eventually(() => expect(watcher.seen()).toHaveLength(joining.length))
    expect(watcher.pushes.length).toBeLessThan(joining.length)
    expect(watcher.seen().toSorted()).toEqual(joining.map(idOf).toSorted())
  })

  test('more watchers than allowed, of one peer and in all, are refused', async () => {
    const helper = await stage.helper({ limits: { watchers: 2, watchersPerPeer: 1 } })
    const [ann, bob, cai] = [await stage.peer(helper), await stage.peer(helper), await stage.peer(helper)]
    watching(ann)
    await eventually(() => expect(helper.server.watchers).toBe(1))
    expect(await watching(ann, OTHER).ended).toMatchObject({ kind: 'refused', status: 'E_UNAVAILABLE' })
    watching(bob)
    await eventually(() => expect(helper.server.watchers).toBe(2))
    expect(await watching(cai).ended).toMatchObject({ kind: 'refused', status: 'E_UNAVAILABLE' })
    expect(helper.refused().get('watchers')).toBe(2)
  })

  test('a watcher whose connection breaks gives its place free and knows that it ended', async () => {
    const [helper, ann] = await helperAndThree()
    const watcher = watching(ann)
    await eventually(() => expect(helper.server.watchers).toBe(1))
    for (const connection of helper.node.getConnections(ann.node.peerId)) connection.abort(new Error('cut'))
    expect(await watcher.ended).toMatchObject({ kind: 'lost' })
    await eventually(() => expect(helper.server.watchers).toBe(0))
  })

  test('a helper that closes ends all watches', async () => {
    const [helper, ann] = await helperAndThree()
    const watcher = watching(ann)
    await eventually(() => expect(helper.server.watchers).toBe(1))
    await helper.server.close()
    expect(await watcher.ended).toMatchObject({ kind: 'lost' })
  })
})

function keeping(peer: TestPeer, connection = peer.connection) {
  const stop = new AbortController()
  const heard = listener()
  const onRegistered = vi.fn()
  const ended = keepRegistered({
    own: ownOf(peer.node),
    node: peer.node,
    privateKey: peer.privateKey,
    connection,
    namespace: ROOM,
    onMembers: heard.onMembers,
    onRegistered,
    signal: stop.signal,
    logger: SILENT_LOGGER,
  })
  return { ...heard, onRegistered, ended, stop: () => stop.abort() }
}

describe('keeping registered', () => {
  test('peers find each other, whoever came first, and a goodbye takes the registration back', async () => {
    const [helper, ann, bob] = await helperAndThree()
    const first = keeping(ann)
    await eventually(() => expect(first.onRegistered).toHaveBeenCalledOnce())
    const second = keeping(bob)
    await eventually(() => expect(first.seen()).toEqual([idOf(bob)]))
    await eventually(() => expect(second.seen()).toEqual([idOf(ann)]))
    first.stop()
    expect(await first.ended).toEqual({ kind: 'stopped' })
    await eventually(() => expect(helper.registry.stats().registrations).toBe(1))
  })

  test('of each pair exactly one was before the other, even if all come at once', async () => {
    const helper = await stage.helper()
    const peers = await Promise.all(Array.from({ length: 8 }, () => stage.peer(helper)))
    const sessions = peers.map(peer => ({ id: idOf(peer), ...keeping(peer) }))
    await eventually(() => {
      for (const { orders } of sessions) expect(orders.size).toBe(peers.length - 1)
    })
    for (const one of sessions) {
      for (const other of sessions.filter(({ id }) => id !== one.id)) {
        expect([one.orders.get(other.id), other.orders.get(one.id)].toSorted()).toEqual(['after', 'before'])
      }
    }
  })

  test('who comes back finds those who stayed before itself, though it is still listed', async () => {
    const [helper, ann, bob] = await helperAndThree()
    const earlier = keeping(ann)
    await eventually(() => expect(earlier.onRegistered).toHaveBeenCalledOnce())
    const staying = keeping(bob)
    await eventually(() => expect(staying.orders.get(idOf(ann))).toBe('before'))
    await ann.connection.close()
    await earlier.ended
    const back = keeping(ann, await ann.node.dial(helper.node.getMultiaddrs()))
    await eventually(() => expect(back.orders.get(idOf(bob))).toBe('before'))
  })

  test('changed addresses are registered anew', async () => {
    const [, ann, bob] = await helperAndThree()
    const first = keeping(ann)
    await eventually(() => expect(first.onRegistered).toHaveBeenCalledOnce())
    const watcher = watching(bob)
    await eventually(() => expect(watcher.seen()).toEqual([idOf(ann)]))
    await ann.listen()
    // libp2p gathers changes for a second
    await eventually(() => expect(watcher.seen()).toEqual([idOf(ann), idOf(ann)]))
  })

  test('a refused registration is no end: who is not listed still hears of others', async () => {
    const helper = await stage.helper({ registry: { perNamespace: 1 } })
    const [ann, bob] = [await stage.peer(helper), await stage.peer(helper)]
    const first = keeping(ann)
    await eventually(() => expect(first.onRegistered).toHaveBeenCalledOnce())
    const second = keeping(bob)
    await eventually(() => expect(second.seen()).toEqual([idOf(ann)]))
    expect(second.onRegistered).not.toHaveBeenCalled()
  })

  test('it ends when the helper does', async () => {
    const [helper, ann] = await helperAndThree()
    const session = keeping(ann)
    await eventually(() => expect(session.onRegistered).toHaveBeenCalledOnce())
    await helper.node.stop()
    expect(await session.ended).toMatchObject({ kind: 'lost' })
  })

  test('a rendezvous point without push is asked instead', async () => {
    const [helper, ann, bob] = await helperAndThree()
    await helper.node.unhandle(WATCH_PROTOCOL)
    await join(ann)
    const session = keeping(bob)
    await eventually(() => expect(session.seen()).toEqual([idOf(ann)]))
    await helper.node.unhandle(RENDEZVOUS_PROTOCOL)
    session.stop()
    expect(await session.ended).toEqual({ kind: 'stopped' })
  })
})
