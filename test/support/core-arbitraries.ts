/** Values of the protocol's types, any of them, for property tests. */
import fc from 'fast-check'
import type { Beacon } from '../../src/protocol/beacon.ts'
import { KIND, textBody } from '../../src/protocol/content.ts'
import type { MessageFields } from '../../src/protocol/envelope.ts'
import type { ChainHeads } from '../../src/protocol/frontier.ts'
import type { LogId, MessageId, PeerKey, RoomId } from '../../src/protocol/ids.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { MAX_BEACON_ACKS, MAX_DEPS, MAX_HEADS, MAX_NAME_BYTES } from '../../src/protocol/limits.ts'
import { signerOf } from './core-world.ts'

export const ALICE = signerOf('alice')
export const BOB = signerOf('bob')

function hexOf(length: number) {
  return fc.uint8Array({ minLength: length, maxLength: length }).map(toHex)
}

export const uint = fc.maxSafeInteger().map(Math.abs)
const room = hexOf(16).map(hex => hex as RoomId)
const log = hexOf(8).map(hex => hex as LogId)
const id = hexOf(32).map(hex => hex as MessageId)
const key = hexOf(32).map(hex => hex as PeerKey)
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter(one => !one.startsWith('\uFEFF'))
const name = text.filter(one => Buffer.byteLength(one) <= MAX_NAME_BYTES)

/** What anybody may say that he holds of a chain. */
export const chainHeads: fc.Arbitrary<ChainHeads> = fc
  .record({
    author: key,
    log,
    heads: fc.uniqueArray(fc.record({ seq: fc.oneof(fc.nat(30), uint), id }), {
      minLength: 1,
      maxLength: MAX_HEADS,
      selector: head => `${head.seq} ${head.id}`,
    }),
    before: uint,
  })
  .map(({ heads, before, ...rest }) => {
    const sorted = heads.toSorted((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1))
    return { ...rest, heads: sorted, base: Math.min(before, sorted[0]?.seq ?? 0) }
  })

export const wire = fc.uint8Array({ maxLength: 300 })

const body = fc.oneof(
  fc.tuple(name, text).map(([author, said]) => ({ kind: KIND.text, body: textBody(author, said) })),
  fc.record({
    kind: fc.integer({ min: 8, max: 2 ** 40 }),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.constant(null),
      fc.array(fc.integer(), { maxLength: 20 }),
    ),
  }),
)

/** Alice's messages of every shape. */
export const messageFields: fc.Arbitrary<MessageFields> = fc
  .record({
    room,
    log,
    place: fc.oneof(
      fc.constant({ seq: 0, prev: null }),
      fc.record({ seq: uint.filter(seq => seq > 0), prev: id }),
    ),
    ts: uint,
    deps: fc.uniqueArray(id, { maxLength: MAX_DEPS }).map(deps => deps.sort()),
    body,
  })
  .map(({ place, body: said, ...rest }) => ({ ...rest, ...place, ...said, author: ALICE.author }))

/** Alice's beacons of every shape. */
export const beacon: fc.Arbitrary<Beacon> = fc.record({
  room,
  author: fc.constant(ALICE.author),
  log,
  stamp: uint,
  state: fc.constantFrom('here', 'leaving'),
  name,
  length: uint,
  links: uint,
  digest: hexOf(32),
  acks: fc.array(fc.record({ author: key, log, seq: uint }), { maxLength: MAX_BEACON_ACKS }),
  addresses: fc.array(fc.uint8Array({ maxLength: 128 }).map(toHex), { maxLength: 8 }),
})

/** What a hostile or broken link makes of bytes. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })).map(([at, bit]) => flip(at, bit)),
  fc.nat().map(length => (bytes: Uint8Array) => bytes.slice(0, length % (bytes.length + 1))),
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map(more => (bytes: Uint8Array) => join(bytes, more)),
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map(more => (bytes: Uint8Array) => join(more, bytes)),
  fc.nat().map(at => (bytes: Uint8Array) => bytes.filter((_, index) => index !== at % bytes.length)),
)

function flip(at: number, bit: number) {
  return (bytes: Uint8Array): Uint8Array => {
    const out = bytes.slice()
    const index = at % Math.max(1, out.length)
    out[index] = (out[index] ?? 0) ^ (1 << bit)
    return out
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
