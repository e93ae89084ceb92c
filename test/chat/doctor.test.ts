import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/chat/doctor.ts'
import { reportOf } from '../../src/chat/doctor.ts'
import type { HelperProbeResult } from '../../src/network/nat/helper-probe.ts'

const HIDDEN: HelperProbeResult = {
  text: 'h',
  peer: '12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB',
  roundTripMs: 20,
  clockAheadMs: 10,
  seen: { observed: multiaddr('/ip4/45.33.10.9/tcp/50001'), time: 0, otherPorts: [], otherFamily: [] },
  tried: new Map([[4001, 'silent']]),
  mapping: 'steady',
  relay: 'yes',
  ip6: 'no',
}

function find(
  check: Finding['check'],
  change: Partial<HelperProbeResult>,
  own: readonly string[] = ['192.168.1.7'],
) {
  return reportOf({ ...HIDDEN, ...change }, own).find(finding => finding.check === check)
}

describe('the doctor', () => {
  test.each([
    ['behind a router', {}, ['192.168.1.7'], /behind a router/],
    ['at an own address that is not reached', {}, ['45.33.10.9'], /blocked/],
    [
      'reached',
      { tried: new Map([[4001, 'reached']] as const) },
      ['45.33.10.9'],
      /directly, at 45\.33\.10\.9 port 4001/,
    ],
    ['not tried', { tried: new Map() }, ['192.168.1.7'], /did not try/],
  ])('%s', (_, change, own, text) => {
    expect(find('reachability', change, own)?.text).toMatch(text)
  })

  test('blocked at a link-local address, which is always the own', () => {
    const observed = multiaddr('/ip6/fe80::7/tcp/50001')
    const seen = { observed, time: 0, otherPorts: [], otherFamily: [] }
    expect(find('reachability', { seen }, [])?.text).toBe(
      "blocked: fe80::7 is yours, but others can't reach you there",
    )
  })

  test.each([
    ['steady', 'well', /should work/],
    ['changing', 'poor', /cannot work/],
    ['unknown', 'poor', /not known/],
  ] as const)('punching, where outside ports are %s', (mapping, state, text) => {
    expect(find('punching', { mapping })).toMatchObject({ state, text: expect.stringMatching(text) })
  })

  test('a router that changes ports does not matter by IPv6', () => {
    const text = find('punching', { mapping: 'changing', ip6: 'yes' })?.text
    expect(text).toMatch(/works from here by IPv6 alone/)
  })

  test.each([
    [10, 'well'],
    [-30_000, 'poor'],
    [3_600_000, 'bad'],
    [-3_600_000, 'poor'],
  ])('a clock that is %i ms ahead is %s', (clockAheadMs, state) => {
    expect(find('clock', { clockAheadMs })?.state).toBe(state)
  })

  test('a remedy is given for all that is not well, and for nothing else', () => {
    const worst: HelperProbeResult = { ...HIDDEN, mapping: 'changing', relay: 'no', clockAheadMs: 1e9 }
    for (const examined of [HIDDEN, worst, { ...HIDDEN, seen: undefined }]) {
      for (const { state, remedy } of reportOf(examined, []))
        expect(remedy === undefined).toBe(state === 'well')
    }
  })
})
