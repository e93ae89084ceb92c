import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RegistryConfig } from '../../../src/helper/rendezvous/registry.ts'
import { Registry } from '../../../src/helper/rendezvous/registry.ts'
import { SEED } from '../../support/seed.ts'
import { CONFIG, EPOCH, OTHER, ROOM } from './registry-kit.ts'

const PAGE = { count: 100, bytes: 100_000 }

function registry(config: Partial<RegistryConfig> = {}): Registry {
  return new Registry({ ...CONFIG, ...config }, EPOCH)
}

function wanted(peer: string, namespace = ROOM, source = peer, content = peer) {
  return { namespace, peer, source, record: Buffer.from(content) }
}

function peersIn(table: Registry, now: number, namespace = ROOM): string[] {
  const found = table.discover({ namespace, ...PAGE }, now)
  return found.kind === 'page' ? found.registrations.map(listed => listed.peer) : []
}

describe('registering', () => {
  test('a peer is found in its namespace alone, with its record and what is left of its TTL', () => {
    const table = registry()
    expect(table.register({ ...wanted('ann'), ttlSeconds: 100 }, 0)).toEqual({
      kind: 'registered',
      change: 'new',
      ttlSeconds: 100,
    })
    expect(table.discover({ namespace: ROOM, ...PAGE }, 40_500)).toMatchObject({
      kind: 'page',
      registrations: [{ peer: 'ann', record: Buffer.from('ann'), ttlSeconds: 60 }],
      rest: 'none',
    })
    expect(peersIn(table, 0, '/parley/1/bb')).toEqual([])
  })

  test('the same record again only moves the end; another one counts as changed and comes last', () => {
    const table = registry()
    table.register(wanted('ann'), 0)
    table.register(wanted('bob'), 0)
    expect(table.register(wanted('ann'), 1)).toMatchObject({ change: 'same', ttlSeconds: 7_200 })
    expect(peersIn(table, 1)).toEqual(['ann', 'bob'])
    expect(table.register(wanted('ann', ROOM, 'ann', 'moved'), 2)).toMatchObject({ change: 'changed' })
    expect(peersIn(table, 2)).toEqual(['bob', 'ann'])
    expect(table.stats()).toEqual({ registrations: 2, namespaces: 1, peers: 2 })
  })

  test.each([
    ['namespace', { ...wanted('ann'), namespace: '' }],
    ['namespace', { ...wanted('ann'), namespace: 'é'.repeat(128) }],
    ['record', { ...wanted('ann'), record: new Uint8Array(17) }],
    ['record', { ...wanted('ann'), record: new Uint8Array(0) }],
    ['ttl', { ...wanted('ann'), ttlSeconds: 59 }],
    ['ttl', { ...wanted('ann'), ttlSeconds: 259_201 }],
    ['ttl', { ...wanted('ann'), ttlSeconds: Number.NaN }],
  ])('refuses for its %s', (reason, registration) => {
    const table = registry()
    expect(table.register(registration, 0)).toEqual({ kind: 'refused', reason })
    expect(table.stats().registrations).toBe(0)
  })

  test.each([
    ['full', { registrations: 2 }, ['a', 'b', 'c'].map(peer => wanted(peer))],
    ['lasting-full', { lasting: 2 }, ['a', 'b', 'c'].map(peer => wanted(peer, OTHER))],
    ['peer-full', { perPeer: 2 }, ['/x', '/y', '/z'].map(ns => wanted('a', ns))],
    ['namespace-full', { perNamespace: 2 }, ['a', 'b', 'c'].map(peer => wanted(peer))],
    [
      'source-full',
      { perSourceAndNamespace: 2 },
      ['a', 'b', 'c'].map(peer => wanted(peer, ROOM, 'one address')),
    ],
    ['source-full', { perSource: 2 }, ['a', 'b', 'c'].map(peer => wanted(peer, ROOM, 'one address'))],
  ])('refuses the third when %s, and whoever is registered can still renew', (reason, config, three) => {
    const table = registry(config)
    const results = three.map(registration => table.register(registration, 0))
    expect(results.map(result => result.kind)).toEqual(['registered', 'registered', 'refused'])
    expect(results[2]).toEqual({ kind: 'refused', reason })
    expect(three.slice(0, 2).map(registration => table.register(registration, 1))).toMatchObject([
      { change: 'same' },
      { change: 'same' },
    ])
  })

  test('a full table takes a newcomer as soon as one has ended', () => {
    const table = registry({ registrations: 1 })
    table.register({ ...wanted('ann'), ttlSeconds: 60 }, 0)
    expect(table.register(wanted('bob'), 59_999)).toEqual({ kind: 'refused', reason: 'full' })
    expect(table.register(wanted('bob'), 60_000)).toMatchObject({ kind: 'registered' })
    expect(peersIn(table, 60_000)).toEqual(['bob'])
  })
})

describe('ending', () => {
  test('what has ended is never shown, and expire frees its place', () => {
    const table = registry()
    table.register({ ...wanted('ann'), ttlSeconds: 60 }, 0)
    table.register({ ...wanted('bob'), ttlSeconds: 120 }, 0)
    expect(peersIn(table, 60_000)).toEqual(['bob'])
    table.expire(60_000)
    expect(table.stats()).toEqual({ registrations: 1, namespaces: 1, peers: 1 })
    table.expire(120_000)
    expect(table.stats()).toEqual({ registrations: 0, namespaces: 0, peers: 0 })
  })

  test('unregister removes this one only; for one that is not there nothing happens', () => {
    const table = registry()
    table.register(wanted('ann'), 0)
    table.register(wanted('ann', OTHER), 0)
    table.unregister(ROOM, 'ann')
    table.unregister(ROOM, 'bob')
    expect(peersIn(table, 0)).toEqual([])
    expect(peersIn(table, 0, OTHER)).toEqual(['ann'])
  })

  test('a departed peer stays for the grace in a room, for its TTL elsewhere', () => {
    const table = registry()
    table.register(wanted('ann'), 0)
    table.register(wanted('ann', OTHER), 0)
    table.onDisconnected('ann', 1_000)
    expect(peersIn(table, 60_999)).toEqual(['ann'])
    expect(peersIn(table, 61_000)).toEqual([])
    expect(peersIn(table, 61_000, OTHER)).toEqual(['ann'])
    table.expire(61_000)
    expect(table.stats().registrations).toBe(1)
  })

  test.each([
    ['comes back', (table: Registry) => table.onConnected('ann', 2_000)],
    ['registers again', (table: Registry) => void table.register(wanted('ann'), 2_000)],
  ])('a departed peer that %s in time stays', (_, act) => {
    const table = registry()
    table.register(wanted('ann'), 0)
    table.onDisconnected('ann', 1_000)
    act(table)
    table.expire(61_000)
    expect(peersIn(table, 61_000)).toEqual(['ann'])
  })

  test('a departed peer that comes back too late has to register again', () => {
    const table = registry()
    table.register(wanted('ann'), 0)
    table.onDisconnected('ann', 1_000)
    table.onConnected('ann', 61_000)
    expect(peersIn(table, 61_000)).toEqual([])
  })
})

describe('cookies', () => {
  test('bring only what came or changed since', () => {
    const table = registry()
    table.register(wanted('ann'), 0)
    table.register(wanted('bob'), 0)
    const first = table.discover({ namespace: ROOM, ...PAGE }, 0)
    const cookie = first.kind === 'page' ? first.cookie : new Uint8Array()
    table.register(wanted('cai'), 0)
    table.register(wanted('ann', ROOM, 'ann', 'moved'), 0)
    const second = table.discover({ namespace: ROOM, cookie, ...PAGE }, 0)
    expect(second).toMatchObject({ registrations: [{ peer: 'cai' }, { peer: 'ann' }] })
  })

  test('of another namespace, another run, the future or of nobody are refused', () => {
    const table = registry()
    table.register(wanted('ann'), 0)
    const page = table.discover({ namespace: ROOM, ...PAGE }, 0)
    const cookie = page.kind === 'page' ? page.cookie : new Uint8Array()
    const refused = { kind: 'refused', reason: 'cookie' }
    expect(table.discover({ namespace: OTHER, cookie, ...PAGE }, 0)).toEqual(refused)
    const restarted = new Registry(CONFIG, new Uint8Array(8))
    expect(restarted.discover({ namespace: ROOM, cookie, ...PAGE }, 0)).toEqual(refused)
    const future = Uint8Array.from(cookie)
    future[15] = 200
    expect(table.discover({ namespace: ROOM, cookie: future, ...PAGE }, 0)).toEqual(refused)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), bytes => {
        expect(table.discover({ namespace: ROOM, cookie: bytes, ...PAGE }, 0)).toEqual(refused)
      }),
      { seed: SEED },
    )
  })

  test('hold no more than 16 bytes and the namespace', () => {
    const page = registry().discover({ namespace: ROOM, ...PAGE }, 0)
    expect(page.kind === 'page' && page.cookie.length).toBe(16 + ROOM.length)
  })
})
