import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePunch, encodePunch } from '../../src/protocol/hole-punching.ts'
import {
  encodeAsk,
  encodeSeen,
  encodeTried,
  MAX_PORTS,
  readAsk,
  readSeen,
  readTried,
} from '../../src/protocol/reachability.ts'
import { SEED } from '../support/seed.ts'

const port = fc.integer({ min: 1, max: 65_535 })
const ports = fc.uniqueArray(port, { maxLength: MAX_PORTS })
const outcome = fc.constantFrom('reached', 'refused', 'silent')
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe(`/parley/reach/1 (seed ${SEED})`, () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(
        ports,
        fc.nat(),
        fc.dictionary(port.map(String), outcome, { maxKeys: MAX_PORTS }),
        (all, time, map) => {
          expect(readAsk(encodeAsk(all))).toEqual(all)
          const observed = multiaddr('/ip4/45.33.10.9/tcp/4001')
          const seen = readSeen(encodeSeen({ observed, time, otherPorts: all, otherFamily: [observed] }))
          expect(seen).toMatchObject({ time, otherPorts: all, otherFamily: [observed] })
          expect(seen?.observed.equals(observed)).toBe(true)
          const tried = new Map(Object.entries(map).map(([key, value]) => [Number(key), value] as const))
          expect(readTried(encodeTried(tried))).toEqual(tried)
        },
      ),
      { seed: SEED },
    )
  })

  test('any other bytes are refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        for (const read of [readAsk, readSeen, readTried, decodePunch]) read(bytes)
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test.each(['/unix/%2ftmp%2fx', '/dns4/example.org/tcp/1', '/ip6zone/eth0/ip6/fe80::1/tcp/1', '/tcp/1'])(
    'a helper that sees a peer at %s sees nothing',
    observed => {
      expect(
        readSeen(encodeSeen({ observed: multiaddr(observed), time: 1, otherPorts: [], otherFamily: [] })),
      ).toBeUndefined()
    },
  )

  test.each([
    ['five ports', '820185010203040 5'.replace(' ', '')],
    ['port 0', '82018100'],
    ['port 65536', '8201811a00010000'],
    ['another version', '82028101'],
    ['no array', '01'],
  ])('a question with %s is none', (_, bytes) => {
    expect(readAsk(new Uint8Array(Buffer.from(bytes, 'hex')))).toBeUndefined()
  })
})

describe('/libp2p/dcutr', () => {
  const address = multiaddr('/ip4/1.2.3.4/tcp/5')

  test('is written as in the specification: type 1, addresses 2', () => {
    expect(hex(encodePunch({ kind: 'connect', addresses: [address] }))).toBe(
      `0864${'1208'}${hex(address.bytes)}`,
    )
    expect(hex(encodePunch({ kind: 'sync', addresses: [] }))).toBe('08ac02')
  })

  test('is read, but for addresses of an unknown kind and more than a few', () => {
    const many = Array.from({ length: 20 }, () => address)
    expect(decodePunch(encodePunch({ kind: 'connect', addresses: many }))?.addresses).toHaveLength(8)
    const odd = new Uint8Array(Buffer.from('08641203ffffff', 'hex'))
    expect(decodePunch(odd)).toEqual({ kind: 'connect', addresses: [] })
    expect(decodePunch(new Uint8Array([8, 7]))).toBeUndefined()
  })
})
