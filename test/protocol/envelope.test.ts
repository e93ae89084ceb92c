import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { contentOf, KIND, ownText, textBody } from '../../src/protocol/content.ts'
import { inDomain } from '../../src/protocol/crypto.ts'
import { decodeEnvelope, isAuthentic, restoreEnvelope, sealEnvelope } from '../../src/protocol/envelope.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { fromHex, toHex } from '../../src/protocol/ids.ts'
import { MAX_MESSAGE_BYTES, MAX_NAME_BYTES, MAX_TEXT_BYTES } from '../../src/protocol/limits.ts'
import { ALICE, BOB, damage, messageFields } from '../support/core-arbitraries.ts'
import { message, unsigned } from '../support/core-chain.ts'
import { CountingCrypto, ROOM } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

const crypto = new CountingCrypto()
const HASH = new Uint8Array(32).fill(9)
const hash = (byte: number) => new Uint8Array(32).fill(byte)

/** The elements of a message's core that is well formed, with some of them replaced. */
function wireOf(change: Readonly<Record<number, unknown>> = {}, length = 10): Uint8Array {
  const usual = [
    1,
    fromHex(ROOM),
    fromHex(ALICE.author),
    new Uint8Array(8),
    3,
    HASH,
    7,
    [hash(1), hash(2)],
    1,
    ['n', 't'],
  ]
  const core = encodeCbor(
    Array.from({ length }, (_, index) => (index in change ? change[index] : usual[index])),
  )
  return inDomain(core, new Uint8Array(64))
}

describe('an envelope', () => {
  test('is read back as it was sealed, with its author proved', () => {
    fc.assert(
      fc.property(messageFields, fields => {
        const sealed = sealEnvelope(fields, ALICE, crypto)
        const read = decodeEnvelope(sealed.wire, crypto)
        expect(read).toEqual(sealed)
        expect(restoreEnvelope(sealed.wire.slice(), sealed.id)).toEqual(sealed)
        expect(isAuthentic(sealed, crypto)).toBe(true)
      }),
      { seed: SEED },
    )
  })

  test('is never read from other bytes without being another one', () => {
    fc.assert(
      fc.property(messageFields, damage, (fields, damaged) => {
        const { wire, id } = sealEnvelope(fields, ALICE, crypto)
        const bytes = damaged(wire)
        const read = decodeEnvelope(bytes, crypto)
        if (read === undefined || Buffer.compare(bytes, wire) === 0) return
        expect(read.id).not.toBe(id)
        expect(isAuthentic(read, crypto)).toBe(false)
      }),
      { seed: SEED, numRuns: 400 },
    )
  })

  test('is read from any bytes without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        expect(decodeEnvelope(bytes, crypto)).toBeUndefined()
        expect(restoreEnvelope(bytes, toHex(HASH) as MessageId)).toBeUndefined()
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('is well formed as the tests below begin', () => {
    expect(decodeEnvelope(wireOf(), crypto)).toBeDefined()
    expect(decodeEnvelope(wireOf({ 4: 0, 5: null, 7: [], 8: 99, 9: [null, [1]] }), crypto)).toBeDefined()
  })

  test.each<[string, Readonly<Record<number, unknown>>]>([
    ['of another type', { 0: 2 }],
    ['with a short room', { 1: new Uint8Array(15) }],
    ['with a long author', { 2: new Uint8Array(33) }],
    ['with an author as text', { 2: 'a'.repeat(32) }],
    ['with a short log', { 3: new Uint8Array(7) }],
    ['with a negative place', { 4: -1 }],
    ['with a place as text', { 4: '3' }],
    ['at the start with a predecessor', { 4: 0 }],
    ['further on without a predecessor', { 5: null }],
    ['with a short predecessor', { 5: new Uint8Array(31) }],
    ['with a negative time', { 6: -1 }],
    ['with deps out of order', { 7: [hash(2), hash(1)] }],
    ['with a dep twice', { 7: [hash(1), hash(1)] }],
    ['with five deps', { 7: [1, 2, 3, 4, 5].map(hash) }],
    ['with a short dep', { 7: [new Uint8Array(31)] }],
    ['without a list of deps', { 7: null }],
    ['with a kind as text', { 8: 'text' }],
  ])('is refused %s', (_, change) => {
    expect(decodeEnvelope(wireOf(change), crypto)).toBeUndefined()
  })

  test('is refused with an element more or less, and without a signature', () => {
    expect(decodeEnvelope(wireOf({}, 9), crypto)).toBeUndefined()
    expect(decodeEnvelope(wireOf({ 10: 1 }, 11), crypto)).toBeUndefined()
    expect(decodeEnvelope(wireOf().slice(0, -64), crypto)).toBeUndefined()
    expect(decodeEnvelope(new Uint8Array(64), crypto)).toBeUndefined()
  })

  test('is proved by its author alone, and by a signature of its own kind alone', () => {
    const envelope = message(ALICE)
    const core = envelope.wire.slice(0, -64)
    const signedPlainly = inDomain(core, ALICE.sign(core))
    const asBeacon = inDomain(core, ALICE.sign(inDomain(new TextEncoder().encode('parley/1/beacon\0'), core)))
    const byBob = inDomain(core, BOB.sign(inDomain(new TextEncoder().encode('parley/1/msg\0'), core)))
    const verdicts = [envelope.wire, signedPlainly, asBeacon, byBob].map(wire => {
      const read = decodeEnvelope(wire, crypto)
      return read && isAuthentic(read, crypto)
    })
    expect(verdicts).toEqual([true, false, false, false])
    expect(isAuthentic(unsigned(envelope), crypto)).toBe(false)
  })

  test('of a key that is no point of the curve is not authentic, and no error', () => {
    const read = decodeEnvelope(wireOf({ 2: new Uint8Array(32).fill(255) }), crypto)
    expect(read && isAuthentic(read, crypto)).toBe(false)
  })

  test('fits the limit with the longest name and text, and never goes over it', () => {
    const deps = [1, 2, 3, 4].map(byte => Buffer.from(hash(byte)).toString('hex') as never)
    const most = { seq: Number.MAX_SAFE_INTEGER, prev: deps[0] ?? null, ts: Number.MAX_SAFE_INTEGER, deps }
    const longest = message(ALICE, {
      ...most,
      body: textBody('n'.repeat(MAX_NAME_BYTES), 't'.repeat(MAX_TEXT_BYTES)),
    })
    expect(longest.wire.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
    expect(decodeEnvelope(longest.wire, crypto)).toEqual(longest)
    expect(() => message(ALICE, { kind: 9, body: new Uint8Array(MAX_MESSAGE_BYTES) })).toThrow(RangeError)
    const tooLong = inDomain(encodeCbor(new Uint8Array(MAX_MESSAGE_BYTES)), new Uint8Array(64))
    expect(decodeEnvelope(tooLong, crypto)).toBeUndefined()
  })
})

describe('the content of a message', () => {
  test('is a text or an action, with its name', () => {
    expect(contentOf({ kind: KIND.text, body: ['alice', 'hi'] })).toEqual({
      kind: 'text',
      name: 'alice',
      text: 'hi',
    })
    expect(contentOf({ kind: KIND.action, body: ['a', 'b'] })).toEqual({
      kind: 'action',
      name: 'a',
      text: 'b',
    })
  })

  test('of a kind that is not known yet is accepted unread', () => {
    expect(contentOf({ kind: 99, body: [1, 2, 3] })).toEqual({ kind: 'unknown' })
  })

  test.each<[string, unknown]>([
    ['no list', 'hi'],
    ['one element', ['hi']],
    ['three elements', ['a', 'b', 'c']],
    ['an empty name', ['', 'hi']],
    ['an empty text', ['alice', '']],
    ['a name of bytes', [new Uint8Array(3), 'hi']],
    ['a long name', ['n'.repeat(MAX_NAME_BYTES + 1), 'hi']],
    ['a long text', ['alice', 't'.repeat(MAX_TEXT_BYTES + 1)]],
    ['a text that is longer in UTF-8 than in characters', ['alice', 'é'.repeat(MAX_TEXT_BYTES / 2 + 1)]],
  ])('is malformed with %s', (_, body) => {
    expect(contentOf({ kind: KIND.text, body })).toEqual({ kind: 'malformed' })
  })

  test("of one's own reads the same for everyone, whatever was typed", () => {
    const typed = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('\uFEFF', '\uFEFFhello', '\ud800'),
    )
    fc.assert(
      fc.property(typed, text => {
        const own = ownText(text)
        expect(Buffer.byteLength(own)).toBe(Buffer.byteLength(text))
        const read = decodeEnvelope(message(ALICE, { text: own }).wire, crypto)
        expect(read && contentOf(read)).toEqual({ kind: 'text', name: 'someone', text: own })
      }),
      { seed: SEED },
    )
  })
})
