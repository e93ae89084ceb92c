import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Beacon } from '../../src/protocol/beacon.ts'
import { decodeBeacon, isAuthenticBeacon, sealBeacon } from '../../src/protocol/beacon.ts'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { inDomain } from '../../src/protocol/crypto.ts'
import { fromHex } from '../../src/protocol/ids.ts'
import {
  MAX_ADDRESS_BYTES,
  MAX_BEACON_ACKS,
  MAX_BEACON_ADDRESSES,
  MAX_BEACON_BYTES,
  MAX_NAME_BYTES,
} from '../../src/protocol/limits.ts'
import { ALICE, BOB, beacon, damage } from '../support/core-arbitraries.ts'
import { CountingCrypto, logIdOf, ROOM } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

const crypto = new CountingCrypto()
const ACK = [fromHex(ALICE.author), fromHex(logIdOf(1)), 3]

function wireOf(change: Readonly<Record<number, unknown>> = {}, length = 12): Uint8Array {
  const usual = [
    2,
    fromHex(ROOM),
    fromHex(ALICE.author),
    new Uint8Array(8),
    5,
    0,
    'alice',
    3,
    2,
    new Uint8Array(32),
    [ACK],
    [new Uint8Array(6)],
  ]
  const core = encodeCbor(
    Array.from({ length }, (_, index) => (index in change ? change[index] : usual[index])),
  )
  return inDomain(core, new Uint8Array(64))
}

function isProved(wire: Uint8Array): boolean {
  const read = decodeBeacon(wire)
  return read !== undefined && isAuthenticBeacon(read, wire, crypto)
}

describe('a beacon', () => {
  test('is read back as it was sealed, with its author proved', () => {
    fc.assert(
      fc.property(beacon, one => {
        const wire = sealBeacon(one, ALICE)
        expect(decodeBeacon(wire)).toEqual(one)
        expect(isProved(wire)).toBe(true)
      }),
      { seed: SEED },
    )
  })

  test('is never proved by other bytes', () => {
    fc.assert(
      fc.property(beacon, damage, (one, damaged) => {
        const wire = sealBeacon(one, ALICE)
        const bytes = damaged(wire)
        expect(isProved(bytes)).toBe(Buffer.compare(bytes, wire) === 0)
      }),
      { seed: SEED, numRuns: 400 },
    )
  })

  test('is read from any bytes without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        expect(decodeBeacon(bytes)).toBeUndefined()
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('is well formed as the tests below begin', () => {
    expect(decodeBeacon(wireOf())).toBeDefined()
  })

  test.each<[string, Readonly<Record<number, unknown>>]>([
    ['of another type', { 0: 1 }],
    ['with a short room', { 1: new Uint8Array(15) }],
    ['with a short author', { 2: new Uint8Array(31) }],
    ['with a long log', { 3: new Uint8Array(9) }],
    ['with a negative stamp', { 4: -1 }],
    ['in a state that there is not', { 5: 2 }],
    ['in a state by name', { 5: 'here' }],
    ['without a name', { 6: '' }],
    ['with a long name', { 6: 'n'.repeat(MAX_NAME_BYTES + 1) }],
    ['with a negative length', { 7: -1 }],
    ['with a negative number of links', { 8: -1 }],
    ['with a short digest', { 9: new Uint8Array(31) }],
    ['without a list of acknowledgements', { 10: null }],
    ['with too many acknowledgements', { 10: Array.from({ length: MAX_BEACON_ACKS + 1 }, () => ACK) }],
    ['with an acknowledgement that is short', { 10: [ACK.slice(0, 2)] }],
    ['with a negative acknowledgement', { 10: [[...ACK.slice(0, 2), -1]] }],
    [
      'with too many addresses',
      { 11: Array.from({ length: MAX_BEACON_ADDRESSES + 1 }, () => new Uint8Array(1)) },
    ],
    ['with a long address', { 11: [new Uint8Array(MAX_ADDRESS_BYTES + 1)] }],
    ['with an address as text', { 11: ['/ip4/1.2.3.4'] }],
  ])('is refused %s', (_, change) => {
    expect(decodeBeacon(wireOf(change))).toBeUndefined()
  })

  test('is refused with an element more or less', () => {
    expect(decodeBeacon(wireOf({}, 11))).toBeUndefined()
    expect(decodeBeacon(wireOf({ 12: 0 }, 13))).toBeUndefined()
  })

  test('is proved by a signature of its own kind alone', () => {
    const core = wireOf().slice(0, -64)
    const sealed = (domain: string, signer = ALICE) =>
      inDomain(core, signer.sign(inDomain(new TextEncoder().encode(domain), core)))
    expect(isProved(sealed('parley/1/beacon\0'))).toBe(true)
    expect(isProved(sealed('parley/1/msg\0'))).toBe(false)
    expect(isProved(sealed(''))).toBe(false)
    expect(isProved(sealed('parley/1/beacon\0', BOB))).toBe(false)
  })

  test('fits the limit with everything at its longest', () => {
    const most = Number.MAX_SAFE_INTEGER
    const full: Beacon = {
      room: ROOM,
      author: ALICE.author,
      log: logIdOf(1),
      stamp: most,
      state: 'leaving',
      name: 'n'.repeat(MAX_NAME_BYTES),
      length: most,
      links: Number.MAX_SAFE_INTEGER,
      digest: 'ff'.repeat(32),
      acks: Array.from({ length: MAX_BEACON_ACKS }, () => ({
        author: BOB.author,
        log: logIdOf(2),
        seq: most,
      })),
      addresses: Array.from({ length: MAX_BEACON_ADDRESSES }, () => 'ab'.repeat(MAX_ADDRESS_BYTES)),
    }
    const wire = sealBeacon(full, ALICE)
    expect(wire.length).toBeLessThanOrEqual(MAX_BEACON_BYTES)
    expect(decodeBeacon(wire)).toEqual(full)
    expect(decodeBeacon(new Uint8Array(MAX_BEACON_BYTES + 1))).toBeUndefined()
  })
})
