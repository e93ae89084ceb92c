import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message, Status } from '../../src/protocol/rendezvous.ts'
import { decode, encode, MAX_PAGE_COUNT, STATUS_CODES } from '../../src/protocol/rendezvous.ts'
import { SEED } from '../support/seed.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/**
 * Written down field by field from the specification's protobuf definition, not made by this codec:
 * tag (field << 3 | wire type), length, value.
 */
const VECTORS: readonly (readonly [string, string, Message])[] = [
  [
    'REGISTER',
    '0800 120b 0a0161 1203010203 18901c',
    { kind: 'register', namespace: 'a', record: hex('010203'), ttlSeconds: 3_600 },
  ],
  [
    'REGISTER_RESPONSE',
    '0801 1a05 0800 18a038',
    { kind: 'register-response', status: 'OK', ttlSeconds: 7_200 },
  ],
  [
    'REGISTER_RESPONSE, refused',
    '0801 1a06 089003 12016e',
    { kind: 'register-response', status: 'E_UNAVAILABLE', statusText: 'n' },
  ],
  ['UNREGISTER', '0802 2203 0a0161', { kind: 'unregister', namespace: 'a' }],
  [
    'DISCOVER',
    '0803 2a09 0a0161 1005 1a02ffee',
    { kind: 'discover', namespace: 'a', limit: 5, cookie: hex('ffee') },
  ],
  [
    'DISCOVER_RESPONSE',
    '0804 320f 0a08 0a0161 120109 1801 120107 1800',
    {
      kind: 'discover-response',
      status: 'OK',
      registrations: [{ namespace: 'a', record: hex('09'), ttlSeconds: 1 }],
      cookie: hex('07'),
    },
  ],
]

describe('the wire form', () => {
  test.each(VECTORS)('%s', (_, bytes, message) => {
    expect(Buffer.from(encode(message)).toString('hex')).toBe(bytes.replaceAll(' ', ''))
    expect(decode(hex(bytes))).toEqual({ kind: 'message', message })
  })

  test('a REGISTER whose type and TTL were left out as zeroes is read', () => {
    expect(decode(hex('1206 0a0161 120109'))).toEqual({
      kind: 'message',
      message: { kind: 'register', namespace: 'a', record: hex('09') },
    })
  })

  test('unknown fields of every wire type are skipped', () => {
    expect(decode(hex('0802 2203 0a0161 f80101 fa0102abcd fd0101020304 f9010102030405060708'))).toEqual({
      kind: 'message',
      message: { kind: 'unregister', namespace: 'a' },
    })
  })

  test('a status that is not known counts as a failure', () => {
    expect(decode(hex('0801 1a03 08e707'))).toMatchObject({ message: { status: 'E_INTERNAL_ERROR' } })
  })

  test.each([
    ['a type that does not exist', '0805'],
    ['a field cut off', '0802 2203 0a01'],
    ['a number cut off', '0802 2202 10ff'],
    ['text that is not UTF-8', '0802 2203 0a01ff'],
    ['a group nested without end', '0b'.repeat(60_000)],
    ['an end without a beginning', '0c'],
  ])('%s is malformed', (_, bytes) => {
    expect(decode(hex(bytes))).toEqual({ kind: 'malformed' })
  })

  test('a response with more registrations than a page holds is malformed', () => {
    const registrations = Array.from({ length: MAX_PAGE_COUNT + 1 }, () => ({
      namespace: 'a',
      record: new Uint8Array(1),
    }))
    expect(decode(encode({ kind: 'discover-response', status: 'OK', registrations }))).toEqual({
      kind: 'malformed',
    })
  })
})

const bytes = fc.uint8Array({ maxLength: 300 })
const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const status = fc.constantFrom(...(Object.keys(STATUS_CODES) as Status[]))
const text = fc.string({ unit: 'grapheme', maxLength: 60 })
const register = fc.record(
  { namespace: text, record: bytes, ttlSeconds: count },
  { requiredKeys: ['namespace', 'record'] },
)
const kind = <Kind extends string>(value: Kind) => fc.constant(value)
const message = fc.oneof(
  register.map(value => ({ kind: 'register' as const, ...value })),
  fc.record({ kind: kind('unregister'), namespace: text }),
  fc.record(
    { kind: kind('register-response'), status, statusText: text, ttlSeconds: count },
    { requiredKeys: ['kind', 'status'] },
  ),
  fc.record(
    { kind: kind('discover'), namespace: text, limit: count, cookie: bytes },
    { requiredKeys: ['kind'] },
  ),
  fc.record(
    {
      kind: kind('discover-response'),
      status,
      registrations: fc.array(register),
      statusText: text,
      cookie: bytes,
    },
    { requiredKeys: ['kind', 'status', 'registrations'] },
  ),
)

describe(`any bytes (SEED=${SEED})`, () => {
  test('what was encoded is decoded to the same', () => {
    fc.assert(
      fc.property(message, value => {
        expect(decode(encode(value))).toEqual({ kind: 'message', message: value })
      }),
      { seed: SEED },
    )
  })

  test('decode never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), value => {
        expect(['message', 'malformed']).toContain(decode(value).kind)
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('decode never throws on a message with a few bytes changed or cut off', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
    fc.assert(
      fc.property(message, changes, fc.nat(), (value, flips, length) => {
        const wire = Uint8Array.from(encode(value))
        for (const [at, byte] of flips) wire[at % wire.length] = byte
        expect(['message', 'malformed']).toContain(decode(wire.subarray(0, 1 + (length % wire.length))).kind)
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })
})
