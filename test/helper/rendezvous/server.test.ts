import { afterEach, describe, expect, test } from 'vitest'
import { sealPeerRecord } from '../../../src/network/discovery/peer-record.ts'
import type { DiscoveredPage, RequestOutcome } from '../../../src/network/discovery/rendezvous-client.ts'
import { discover, register, unregister } from '../../../src/network/discovery/rendezvous-client.ts'
import { WATCH_PROTOCOL } from '../../../src/protocol/rendezvous.ts'
import type { TestHelper, TestPeer } from './rendezvous-kit.ts'
import { eventually, OTHER, ROOM, Stage } from './rendezvous-kit.ts'

const stage = new Stage()
afterEach(() => stage.end())

async function join(peer: TestPeer, namespace = ROOM, ttlSeconds = 7_200) {
  return await register({ ...peer.ask(namespace), record: await peer.record(), ttlSeconds })
}

function ids(found: RequestOutcome<DiscoveredPage>): string[] {
  return found.kind === 'ok' ? found.value.members.map(({ peerId }) => peerId.toString()) : [found.kind]
}

const idOf = (peer: TestPeer) => peer.node.peerId.toString()

async function helperAndTwo(): Promise<[TestHelper, TestPeer, TestPeer]> {
  const helper = await stage.helper()
  return [helper, await stage.peer(helper), await stage.peer(helper)]
}

describe('registering and discovering', () => {
  test('who registered is found in its namespace, with addresses that lead to it', async () => {
    const [, ann, bob] = await helperAndTwo()
    expect(await join(ann)).toEqual({ kind: 'ok', value: 7_200 })
    const found = await discover(bob.ask())
    expect(ids(found)).toEqual([idOf(ann)])
    const [member] = found.kind === 'ok' ? found.value.members : []
    const connection = await bob.node.dial([...(member?.addresses ?? [])])
    expect(connection.remotePeer.equals(ann.node.peerId)).toBe(true)
    expect(ids(await discover(bob.ask(OTHER)))).toEqual([])
  })

  test('who unregistered is not found any more', async () => {
    const [helper, ann, bob] = await helperAndTwo()
    await join(ann)
    expect(await unregister(ann.ask())).toEqual({ kind: 'ok', value: undefined })
    await eventually(() => expect(helper.registry.stats().registrations).toBe(0))
    expect(ids(await discover(bob.ask()))).toEqual([])
  })

  test('a cookie brings only those who came since, a limit only so many', async () => {
    const [helper, ann, bob] = await helperAndTwo()
    const cai = await stage.peer(helper)
    await join(ann)
    await join(cai)
    const first = await discover({ ...bob.ask(), limit: 1 })
    expect(ids(first)).toEqual([idOf(ann)])
    const cookie = first.kind === 'ok' ? first.value.cookie : undefined
    const second = await discover({ ...bob.ask(), ...(cookie && { cookie }) })
    expect(ids(second)).toEqual([idOf(cai)])
    const next = second.kind === 'ok' ? second.value.cookie : undefined
    await join(ann)
    expect(ids(await discover({ ...bob.ask(), ...(next && { cookie: next }) }))).toEqual([idOf(ann)])
  })

  test('a registration ends with its TTL', async () => {
    const [helper, ann, bob] = await helperAndTwo()
    expect(await join(ann, ROOM, 60)).toEqual({ kind: 'ok', value: 60 })
    helper.advance(59_999)
    expect(ids(await discover(bob.ask()))).toEqual([idOf(ann)])
    helper.advance(1)
    expect(ids(await discover(bob.ask()))).toEqual([])
  })

  test('who left stays for a minute in a room and until the TTL elsewhere', async () => {
    const [helper, ann, bob] = await helperAndTwo()
    await join(ann)
    await join(ann, OTHER)
    const left = new Promise(resolve =>
      helper.node.addEventListener('peer:disconnect', resolve, { once: true }),
    )
    await ann.node.stop()
    await left
    helper.advance(59_999)
    expect(ids(await discover(bob.ask()))).toEqual([idOf(ann)])
    helper.advance(1)
    expect(ids(await discover(bob.ask()))).toEqual([])
    expect(ids(await discover(bob.ask(OTHER)))).toEqual([idOf(ann)])
    await helper.server.sweep()
    expect(helper.registry.stats()).toEqual({ registrations: 1, namespaces: 1, peers: 1 })
  })

  test('who comes back in time stays', async () => {
    const [helper, ann, bob] = await helperAndTwo()
    await join(ann)
    const left = new Promise(resolve =>
      helper.node.addEventListener('peer:disconnect', resolve, { once: true }),
    )
    await ann.connection.close()
    await left
    const back = new Promise(resolve => helper.node.addEventListener('peer:connect', resolve, { once: true }))
    await ann.node.dial(helper.node.getMultiaddrs())
    await back
    helper.advance(60_000)
    expect(ids(await discover(bob.ask()))).toEqual([idOf(ann)])
  })
})

describe('refusing', () => {
  const refused = (status: string) => expect.objectContaining({ kind: 'refused', status })

  test("a record that another peer signed, even if it is that peer's own", async () => {
    const [helper, ann, bob] = await helperAndTwo()
    const foreign = await register({ ...bob.ask(), record: await ann.record(), ttlSeconds: 7_200 })
    expect(foreign).toEqual(refused('E_NOT_AUTHORIZED'))
    expect(helper.registry.stats().registrations).toBe(0)
  })

  test('a record that speaks of another peer than its signer', async () => {
    const [, ann, bob] = await helperAndTwo()
    const forged = await sealPeerRecord(ann.node.peerId, bob.privateKey, [])
    const result = await register({ ...bob.ask(), record: forged, ttlSeconds: 7_200 })
    expect(result).toEqual(refused('E_INVALID_SIGNED_PEER_RECORD'))
  })

  test('a record of which a byte was changed, one that is none, one that is too long', async () => {
    const [, ann] = await helperAndTwo()
    const changed = Uint8Array.from(await ann.record())
    const last = changed.length - 1
    changed[last] = (changed[last] ?? 0) ^ 1
    for (const record of [changed, new Uint8Array(), new Uint8Array(5_000)]) {
      const result = await register({ ...ann.ask(), record, ttlSeconds: 7_200 })
      expect(result).toEqual(refused('E_INVALID_SIGNED_PEER_RECORD'))
    }
  })

  test.each([
    ['E_INVALID_NAMESPACE', '', 7_200],
    ['E_INVALID_NAMESPACE', 'x'.repeat(256), 7_200],
    ['E_INVALID_TTL', ROOM, 59],
    ['E_INVALID_TTL', ROOM, 259_201],
  ])('%s', async (status, namespace, ttlSeconds) => {
    const [, ann] = await helperAndTwo()
    expect(await join(ann, namespace, ttlSeconds)).toEqual(refused(status))
  })

  test('to list everybody, a cookie of another namespace, a cookie of nobody', async () => {
    const [, ann, bob] = await helperAndTwo()
    await join(ann)
    expect(await discover(bob.ask(''))).toEqual(refused('E_NOT_AUTHORIZED'))
    const page = await discover(bob.ask(OTHER))
    const cookie = page.kind === 'ok' ? page.value.cookie : undefined
    for (const wrong of [cookie ?? new Uint8Array(), new Uint8Array(300)]) {
      expect(await discover({ ...bob.ask(), cookie: wrong })).toEqual(refused('E_INVALID_COOKIE'))
    }
  })

  test('more registrations than a peer may have, and then it can still renew', async () => {
    const helper = await stage.helper({ registry: { perPeer: 1 } })
    const ann = await stage.peer(helper)
    expect(await join(ann)).toMatchObject({ kind: 'ok' })
    expect(await join(ann, OTHER)).toEqual(refused('E_UNAVAILABLE'))
    expect(await join(ann)).toMatchObject({ kind: 'ok' })
    expect(helper.refused().get('peer-full')).toBe(1)
  })

  test('requests that come too fast, until the peer has waited', async () => {
    const [helper, ann] = await helperAndTwo()
    const results: string[] = []
    for (let i = 0; i < 70; i++) results.push((await discover(ann.ask())).kind)
    expect(results.filter(kind => kind === 'ok')).toHaveLength(64)
    expect(await discover(ann.ask())).toEqual(refused('E_UNAVAILABLE'))
    helper.advance(1_000)
    expect(await discover(ann.ask())).toMatchObject({ kind: 'ok' })
    const later = []
    for (let i = 0; i < 110; i++) later.push((await discover(ann.ask())).kind)
    expect(later).toContain('lost')
    await eventually(() => expect(ann.connection.status).not.toBe('open'))
    expect(helper.refused().get('cut-off')).toBe(1)
  })
})

describe('without a helper that answers', () => {
  test('a peer that is not connected, or a node that speaks no rendezvous, is an outcome', async () => {
    const [helper, ann, bob] = await helperAndTwo()
    const connection = await bob.node.dial(ann.node.getMultiaddrs())
    expect(await discover({ ...bob.ask(), connection })).toEqual({ kind: 'unsupported' })
    await bob.node.hangUp(helper.node.peerId)
    expect(await discover(bob.ask())).toMatchObject({ kind: 'lost' })
    expect(await discover(ann.ask(ROOM, AbortSignal.abort()))).toEqual({ kind: 'stopped' })
  })

  test('a connection beside it that is being closed is no trouble', async () => {
    const [helper, ann] = await helperAndTwo()
    const held = await ann.connection.newStream(WATCH_PROTOCOL)
    const connection = await ann.node.dial(helper.node.getMultiaddrs(), { force: true })
    const closing = ann.connection.close()
    expect(await discover({ ...ann.ask(), connection })).toMatchObject({ kind: 'ok' })
    held.abort(new Error('enough'))
    await closing
  })

  test('a helper that goes away', async () => {
    const [helper, ann] = await helperAndTwo()
    await helper.node.stop()
    expect(await discover(ann.ask())).toMatchObject({ kind: 'lost' })
  })
})
