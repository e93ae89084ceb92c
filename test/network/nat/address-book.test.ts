import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { AddressedNode } from '../../../src/network/nat/address-book.ts'
import { AddressBook } from '../../../src/network/nat/address-book.ts'

const LAN = '/ip4/192.168.1.7/tcp/4001'
const RELAY = multiaddr(
  '/ip4/45.44.100.1/tcp/443/p2p/12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB/p2p-circuit',
)

let peerId: AddressedNode['peerId']
beforeAll(async () => {
  peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
})

function at(listen: readonly string[], mode: 'found' | 'announced' = 'found'): AddressBook {
  const node: AddressedNode = {
    peerId,
    getMultiaddrs: () => listen.map(address => multiaddr(`${address}/p2p/${peerId}`)),
    addEventListener: () => {},
    services: { internals: { listening: () => listen.map(address => multiaddr(address)) } },
  }
  const own = listen.flatMap(address => multiaddr(address).getComponents()[0]?.value ?? [])
  return new AddressBook(node, mode, () => ['127.0.0.1', ...own])
}

const seenAt = (address: string) => ({
  observed: multiaddr(address),
  time: 0,
  otherPorts: [],
  otherFamily: [],
})
const told = (here: AddressBook) => here.addresses().map(String)

describe('where a peer is', () => {
  test('before anybody said anything: its own addresses', () => {
    const here = at([LAN])
    expect(here.state).toBe('unknown')
    expect(told(here)).toEqual([LAN])
  })

  test('behind a router: the relay, the router’s host, and the local address', () => {
    const here = at([LAN])
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001'), localPort: 1, relay: RELAY })
    here.report('h', { tried: new Map([[4001, 'silent']]) })
    expect(here.state).toBe('nat')
    expect(told(here)).toEqual([RELAY.toString(), '/ip4/45.33.10.9', LAN])
  })

  test('behind a router that passes the port on: reached there, and no relay is told', () => {
    const here = at([LAN])
    here.setMapped([14001])
    expect(here.ports('ip4')).toEqual([14001, 4001])
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001'), relay: RELAY })
    here.report('h', { tried: new Map([[14001, 'reached']] as const) })
    expect(here.state).toBe('public')
    expect(told(here)).toEqual(['/ip4/45.33.10.9/tcp/14001', '/ip4/45.33.10.9', LAN])
  })

  test('at a public address of its own that a helper does not reach: blocked, and it is not told', () => {
    const here = at(['/ip4/45.33.10.9/tcp/4001'])
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001'), relay: RELAY })
    here.report('h', { tried: new Map([[4001, 'silent']]) })
    expect(here.state).toBe('blocked')
    expect(told(here)).toEqual([RELAY.toString(), '/ip4/45.33.10.9'])
  })

  test('seen from another host, what was reached at the old one says nothing', () => {
    const here = at([LAN])
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001') })
    here.report('h', { tried: new Map([[4001, 'reached']] as const) })
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50002') })
    expect(here.state).toBe('public')
    here.report('h', { seen: seenAt('/ip4/45.33.10.10/tcp/50003') })
    expect(here.state).toBe('nat')
    expect(told(here)).toEqual(['/ip4/45.33.10.10', LAN])
  })

  test('seen at a link-local address: no router is in between, though nobody lists those as its own', () => {
    const here = at([LAN])
    here.report('h', { seen: seenAt('/ip6/fe80::7/tcp/50001') })
    expect(here.isObservedDirectly).toBe(true)
    expect(here.state).toBe('unknown')
    here.report('h', { tried: new Map([[4001, 'reached']] as const) })
    expect(told(here)).toEqual(['/ip6/fe80::7/tcp/4001', '/ip6/fe80::7', LAN])
  })

  test('what the user announces is told as it is', () => {
    const here = at(['/dns4/chat.example.org/tcp/1'], 'announced')
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001'), relay: RELAY })
    expect(here.state).toBe('public')
    expect(told(here)).toEqual(['/dns4/chat.example.org/tcp/1'])
  })

  test('a helper that is lost takes along what it said; changes are told once', () => {
    const here = at([LAN])
    const onChange = vi.fn()
    here.onChange(onChange)
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001') })
    here.report('h', { localPort: 7 })
    expect(onChange).toHaveBeenCalledTimes(1)
    here.forget('h')
    expect(onChange).toHaveBeenCalledTimes(2)
    expect(told(here)).toEqual([LAN])
  })

  test('never more than a beacon holds, the most useful first', () => {
    const many = Array.from({ length: 12 }, (_, i) => `/ip4/192.168.1.${i + 1}/tcp/4001`)
    const here = at(many)
    here.report('h', { seen: seenAt('/ip4/45.33.10.9/tcp/50001'), relay: RELAY })
    expect(told(here)).toHaveLength(8)
    expect(told(here)[0]).toBe(RELAY.toString())
  })
})
