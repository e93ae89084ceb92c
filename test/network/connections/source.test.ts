import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { sourceOf } from '../../../src/network/connections/connection-gater.ts'

const source = (text: string) => sourceOf(multiaddr(text))

test('one IPv4 address is one source, whatever port and peer', () => {
  expect(source('/ip4/192.0.2.1/tcp/1')).toBe(
    source('/ip4/192.0.2.1/tcp/2/p2p/QmZ8eiDPqQqWR17EPxiwCDgrKPVhCHLcyn6xSCNpFAdAZb'),
  )
  expect(source('/ip4/192.0.2.1/tcp/1')).not.toBe(source('/ip4/192.0.2.2/tcp/1'))
})

test('one IPv6 /64 is one source', () => {
  expect(source('/ip6/2001:db8:1:2::1/tcp/1')).toBe(source('/ip6/2001:db8:1:2:ffff::9/tcp/2'))
  expect(source('/ip6/2001:db8:1:2::1/tcp/1')).not.toBe(source('/ip6/2001:db8:1:3::1/tcp/1'))
})

test('one source is one by whichever interface it comes', () => {
  expect(source('/ip6zone/eth0/ip6/fe80::1/tcp/1')).toBe(source('/ip6/fe80::1/tcp/1'))
  expect(source('/ip6zone/eth0/ip6/fe80::1/tcp/1')).not.toBe('other')
})

test('an IPv4 address that came in over an IPv6 socket is the same source', () => {
  expect(source('/ip6/::ffff:c000:201/tcp/1')).toBe(source('/ip4/192.0.2.1/tcp/1'))
  expect(source('/ip6/::1/tcp/1')).not.toBe(source('/ip4/0.0.0.1/tcp/1'))
})

test('what has no address is one source together', () => {
  expect(source('/dns4/a.example/tcp/1')).toBe(source('/dns4/b.example/tcp/1'))
})
