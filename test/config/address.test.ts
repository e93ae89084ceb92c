import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTcpMultiaddr, parseHelperAddress, parseHostPort, withPort } from '../../src/config/address.ts'
import { SEED } from '../support/seed.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

/** `fe80::1%eth0`, with whatever for an interface. */
const scoped = () => fc.tuple(fc.ipV6(), fc.string({ maxLength: 8 })).map(parts => parts.join('%'))

describe('a helper address', () => {
  it.each([
    ['203.0.113.7', '/ip4/203.0.113.7/tcp/12345'],
    ['203.0.113.7:99', '/ip4/203.0.113.7/tcp/99'],
    ['::1', '/ip6/::1/tcp/12345'],
    ['[::1]', '/ip6/::1/tcp/12345'],
    ['[2001:db8::7]:9', '/ip6/2001:db8::7/tcp/9'],
    ['0:0:0:0:0:0:0:1', '/ip6/::1/tcp/12345'],
    ['fe80::1%eth0', '/ip6zone/eth0/ip6/fe80::1/tcp/12345'],
    ['[fe80::1%eth0]', '/ip6zone/eth0/ip6/fe80::1/tcp/12345'],
    ['[FE80::1%Wi-Fi.2]:9', '/ip6zone/Wi-Fi.2/ip6/fe80::1/tcp/9'],
    ['/ip6zone/eth0/ip6/fe80:0::1', '/ip6zone/eth0/ip6/fe80::1/tcp/12345'],
    ['helper', '/dns/helper/tcp/12345'],
    ['Chat.Example.ORG:5', '/dns/chat.example.org/tcp/5'],
    ['bücher.example', '/dns/xn--bcher-kva.example/tcp/12345'],
    ['/ip4/203.0.113.7', '/ip4/203.0.113.7/tcp/12345'],
    ['/dns4/Chat.example.org/tcp/5', '/dns4/chat.example.org/tcp/5'],
    ['/ip6/0:0:0:0:0:0:0:1/tcp/1', '/ip6/::1/tcp/1'],
  ])('%s is %s', (text, multiaddr) => {
    expect(parseHelperAddress(text)).toEqual({ text, multiaddr })
  })

  it.each([`/ip4/203.0.113.7/tcp/5/p2p/${PEER}`, `/ip4/203.0.113.7/p2p/${PEER}`])(
    'keeps the key of %s',
    text => {
      const port = text.includes('/tcp/') ? 5 : 12345
      expect(parseHelperAddress(text)).toEqual({
        text,
        multiaddr: `/ip4/203.0.113.7/tcp/${port}`,
        peerId: PEER,
      })
    },
  )

  it.each([
    '',
    ' ',
    'a b',
    '1.2.3',
    '300.1.1.1',
    'http://example.org',
    'user@example.org',
    'example.org:',
    'example.org:0',
    'example.org:70000',
    'example.org:+5',
    '-x.example',
    'fe80::1%',
    'fe80::1%a/b',
    'fe80::1%a%b',
    // a port that needs brackets
    'fe80::1%eth0:99',
    // an interface, where the address already says by which network
    '2001:db8::1%eth0',
    'helper%eth0',
    '/ip6zone/eth0/ip6/2001:db8::1/tcp/1',
    '/ip6zone/eth0/ip4/203.0.113.7/tcp/1',
    '/ip6zone/eth0',
    '/',
    '/ip4/999.1.1.1/tcp/1',
    '/ip4/203.0.113.7/tcp/0',
    '/ip4/203.0.113.7/udp/5/quic-v1',
    '/ip4/203.0.113.7/tcp/5/ws',
    '/ip4/203.0.113.7/tcp/5/p2p/nobody',
    `/ip4/203.0.113.7/tcp/5/p2p/${PEER}/p2p-circuit`,
  ])('%j is none', text => {
    expect(parseHelperAddress(text)).toBeUndefined()
  })

  it(`never throws, and reads its own spelling back (SEED=${SEED})`, () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), scoped(), fc.domain(), fc.webAuthority()),
        text => {
          const address = parseHelperAddress(text)
          if (address !== undefined) {
            expect(parseHelperAddress(address.multiaddr)?.multiaddr).toBe(address.multiaddr)
          }
        },
      ),
      { seed: SEED },
    )
  })
})

describe('a multiaddr to listen on', () => {
  it.each([
    '/ip4/0.0.0.0/tcp/0',
    '/ip6/::/tcp/12345',
    '/ip6zone/eth0/ip6/fe80::1/tcp/0',
    '/dns4/chat.example.org/tcp/443',
  ])('%s fits', text => {
    expect(isTcpMultiaddr(text)).toBe(true)
  })

  it.each(['0.0.0.0:1', '/ip4/0.0.0.0', '/ip4/0.0.0.0/udp/1', '/tcp/1', ''])('%j does not', text => {
    expect(isTcpMultiaddr(text)).toBe(false)
  })

  it('takes another port', () => {
    expect(withPort('/ip6/::/tcp/12345', 0)).toBe('/ip6/::/tcp/0')
    expect(withPort('/ip6zone/eth0/ip6/fe80::1/tcp/1', 2)).toBe('/ip6zone/eth0/ip6/fe80::1/tcp/2')
  })
})

describe('HOST:PORT', () => {
  it.each([
    ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['[fe80::1%eth0]:0', { host: 'fe80::1%eth0', port: 0 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ])('reads %s', (text, expected) => {
    expect(parseHostPort(text)).toEqual(expected)
  })

  it.each(['9090', ':9090', 'localhost', 'localhost:', 'localhost:99999', '::1'])('refuses %s', text => {
    expect(parseHostPort(text)).toBeUndefined()
  })
})
