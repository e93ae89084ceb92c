import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { dialPlan } from '../../../src/network/connections/dialer.ts'

// addresses kept for documentation count as local, so these are others

const RELAY = '/ip4/45.44.100.1/tcp/443/p2p/12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB/p2p-circuit'
const LAN = '/ip4/192.168.1.7/tcp/4001'
const PUBLIC = '/ip4/45.33.10.9/tcp/4001'
const HOME = '/ip4/45.33.10.9'

function routes(addresses: readonly string[], homes: readonly string[]) {
  const { direct, relayed } = dialPlan(
    addresses.map(address => multiaddr(address)),
    homes,
  )
  return { direct: direct.map(String), relayed: relayed.map(String) }
}

describe('the ways to a member', () => {
  test('elsewhere: public addresses only, and a relay last', () => {
    expect(routes([RELAY, LAN, HOME, PUBLIC], ['45.44.100.77'])).toEqual({
      direct: [PUBLIC],
      relayed: [RELAY],
    })
  })

  test('behind the same router: local addresses first, not the way around', () => {
    expect(routes([PUBLIC, LAN, HOME, RELAY], ['45.33.10.9'])).toEqual({
      direct: [LAN, PUBLIC],
      relayed: [RELAY],
    })
  })

  test.each([
    ['nobody told where it is', [LAN, PUBLIC], ['45.33.10.9']],
    ['nobody told where I am', [LAN, PUBLIC, HOME], []],
  ])('%s: everything, public addresses first', (_, addresses, homes) => {
    expect(routes(addresses, homes).direct).toEqual([PUBLIC, LAN])
  })

  test('a helper in the same local network sees both at local addresses, which are tried', () => {
    expect(routes([LAN, '/ip4/192.168.1.7'], ['192.168.1.8']).direct).toEqual([LAN])
  })

  test('a host without a port, with or without a peer id, is never dialled', () => {
    const named = `${HOME}/p2p/12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB`
    expect(routes([HOME, named], ['45.33.10.9'])).toEqual({ direct: [], relayed: [] })
  })

  test('names are public', () => {
    expect(routes(['/dns4/chat.example.org/tcp/1', HOME], ['45.55.2.1']).direct).toHaveLength(1)
  })
})
