/** Messages of the sync of every kind and shape, for property tests. */
import fc from 'fast-check'
import type { MessageId, RoomId } from '../../src/protocol/ids.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { MAX_TAIL } from '../../src/protocol/limits.ts'
import type { Range } from '../../src/protocol/ranges.ts'
import { END } from '../../src/protocol/ranges.ts'
import type { SyncMessage } from '../../src/protocol/sync-message.ts'
import { chainHeads, uint, wire } from './core-arbitraries.ts'

const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex)
const part = fc.constantFrom('more' as const, 'last' as const)
const chains = fc.array(chainHeads, { maxLength: 5 })
const bound = fc.oneof(fc.constant(END), fc.uint8Array({ minLength: 1, maxLength: 40 }).map(toHex))
const range: fc.Arbitrary<Range> = fc.oneof(
  fc.record({ kind: fc.constant('settled' as const), bound }),
  fc.record({ kind: fc.constant('print' as const), bound, print: hex(16) }),
  fc.record({ kind: fc.constant('list' as const), bound, marks: fc.array(hex(6), { maxLength: 9 }) }),
)
const want = fc.record({ index: uint, seq: uint })

export const syncMessage: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    room: hex(16).map(id => id as RoomId),
    beacon: wire,
    digest: hex(32),
    chains: uint,
    places: uint,
    lacks: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('have' as const), chains, part }),
  fc.record({
    kind: fc.constant('want' as const),
    wants: fc.array(want, { maxLength: 5 }),
    part: fc.constant('last' as const),
    tail: fc.nat(MAX_TAIL),
    earlier: fc.array(
      hex(32).map(id => id as MessageId),
      { maxLength: 5 },
    ),
  }),
  fc.record({
    kind: fc.constant('ranges' as const),
    ranges: fc.array(range, { maxLength: 5 }),
    chains,
    requested: fc.array(uint, { maxLength: 9 }),
    part,
  }),
  fc.record({
    kind: fc.constantFrom('messages' as const, 'tail' as const, 'earlier' as const),
    wires: fc.array(wire, { maxLength: 5 }),
  }),
  fc.constant({ kind: 'end' as const }),
)
