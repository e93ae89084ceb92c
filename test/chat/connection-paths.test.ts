import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { pathText, whyRelayed, whyText } from '../../src/chat/connection-paths.ts'

const NOW = 1_000_000
const NAT = { reachability: 'nat', observedHosts: ['45.33.10.9'], relays: 1, mappedPort: 'kept' } as const

test('a direct path needs no more words', () => {
  const path = { path: 'direct', transport: 'tcp', rttMs: 12, since: NOW - 180_000 } as const
  expect(pathText(path, NOW)).toBe('directly over tcp, 12 ms round trip, for 3 min')
  const text = whyText({ name: 'ben', through: [], path, attempts: [], ownReachability: NAT, now: NOW })
  expect(text).toContain('ben is connected directly')
  expect(text).not.toContain('--listen')
})

test('a relayed one tells what was tried, that it is encrypted, and what would help', () => {
  const path = { path: 'relayed', transport: 'tcp', rttMs: 80, since: NOW } as const
  const attempts = [
    { at: NOW - 9_000, path: 'relay', outcome: 'connected', tookMs: 400, address: '/ip4/1.2.3.4' },
    {
      at: NOW - 3_000,
      path: 'punch',
      outcome: 'failed',
      tookMs: 5_000,
      address: '',
      reason: 'there was no answer',
    },
  ] as const
  expect(
    whyText({ name: 'ben', through: [], path, attempts, ownReachability: NAT, now: NOW }).split('\n'),
  ).toEqual([
    'ben is connected through a relay over tcp, 80 ms round trip, for less than a minute',
    'what was tried:',
    '  9 s ago, through a relay (/ip4/1.2.3.4): connected after 0.4 s',
    '  3 s ago, through both routers at the same moment: failed after 5.0 s: there was no answer',
    'you are behind a router that translates addresses (seen from outside as 45.33.10.9); others reach you by a relay first',
    expect.stringContaining('cannot read it'),
    expect.stringContaining('--listen'),
  ])
})

test('an address in which somebody has hidden a line stays in its line', () => {
  const address = multiaddr(Uint8Array.from([54, 5, 0x61, 0x0a, 0x21, 0x21, 0x62, 6, 0, 1])).toString()
  const step = { at: NOW, path: 'direct', outcome: 'failed', tookMs: 1, address, reason: 'no\nway' } as const
  const text = whyText({
    name: 'ben',
    through: [],
    path: undefined,
    attempts: [step],
    ownReachability: NAT,
    now: NOW,
  })
  expect(text).toContain('(/dns4/a !!b/tcp/1): failed after 0.0 s: no way\n')
})

test('without any connection and any helper, a helper is advised', () => {
  const ownReachability = {
    reachability: 'unknown',
    observedHosts: [],
    relays: 0,
    mappedPort: 'unknown',
  } as const
  const text = whyText({ name: 'ben', through: [], path: undefined, attempts: [], ownReachability, now: NOW })
  expect(text).toContain('nobody else is')
  expect(text).toContain('nothing could be tried')
  expect(text).toContain('--helper')
})

test('why it stays relayed is told when two holes in a row were not punched, by what the own router does', () => {
  const path = { path: 'relayed', transport: 'tcp', rttMs: 80, since: NOW } as const
  const step = { at: NOW, path: 'punch', tookMs: 5_000, address: '/ip4/1.2.3.4/tcp/5' } as const
  const failed = { ...step, outcome: 'failed', reason: 'there was no answer' } as const
  const connected = { ...step, outcome: 'connected' } as const
  const nobody = { ...failed, address: '' }
  const changed = { ...NAT, mappedPort: 'changed' } as const
  const of = (...attempts: Parameters<typeof whyRelayed>[0]['attempts']) =>
    whyRelayed({ path, attempts, ownReachability: changed })
  expect(of(failed)).toBeUndefined()
  expect(of(failed, nobody)).toBeUndefined()
  expect(of(failed, connected, failed)).toBeUndefined()
  expect(of(failed, failed)).toContain('your router does not keep ports')
  expect(whyRelayed({ path, attempts: [failed, failed], ownReachability: NAT })).toContain(
    'your router keeps ports',
  )
  expect(whyRelayed({ path: undefined, attempts: [failed, failed], ownReachability: NAT })).toBeUndefined()
  const text = whyText({
    name: 'ben',
    through: [],
    path,
    attempts: [failed, failed],
    ownReachability: changed,
    now: NOW,
  })
  expect(text).toContain('it stays relayed because your router does not keep ports')
  expect(text).toContain('NAT-PMP')
})

test('who is reached by IPv6 alone is told how others come', () => {
  const ownReachability = {
    reachability: 'public',
    observedHosts: ['2fff::1'],
    relays: 1,
    mappedPort: 'changed',
  } as const
  const text = whyText({ name: 'ben', through: [], path: undefined, attempts: [], ownReachability, now: NOW })
  expect(text).toContain(
    'directly by IPv6 (seen from outside as 2fff::1); who has only IPv4 reaches you by a relay',
  )
})

test('who is heard through others is told so, with a remedy; who hears nobody, too', () => {
  const of = (through: readonly string[]) =>
    whyText({
      name: 'ben',
      through,
      path: undefined,
      attempts: [],
      ownReachability: { ...NAT, relays: 0 },
      now: NOW,
    })
  expect(of(['cat', 'dan'])).toContain('by way of others (you are connected with cat, dan)')
  expect(of(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toContain('with a, b, c, d, e and 2 more')
  expect(of(['cat'])).toContain('A second helper (--helper) may relay')
  expect(of(['cat'])).toContain('NAT-PMP')
  expect(of([])).toContain('what you write waits in your log')
})
