/** Gossip payloads and what a peer must answer to each: accept, ignore or reject. */
import { sealBeacon } from '../../src/protocol/beacon.ts'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { encodeFrame } from '../../src/protocol/frame.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import { BEACON_FRESH_MS } from '../../src/room/policy.ts'
import { CONTRADICTIONS, FORGED_FRAMES, FORGED_RECORDS, sealed } from './forgeries.ts'
import { after, future, hello, reply, say, second, spoiled } from './messages.ts'
import { beaconOf, hereWire } from './presence.ts'
import { ALICE, BOB, START_MS } from './world.ts'

export interface Case {
  readonly verdict: 'accept' | 'ignore' | 'reject'
  readonly about: string
  /** A payload, hex, that the peer, new to the room, had accepted before; empty if there was none. */
  readonly before: string
  /** Hex. */
  readonly payload: string
}

type Wires = readonly Uint8Array[]
/** A case as it is written here: the records of its frame, and of the frame before it. */
type Written = readonly [about: string, records: Wires, before?: Wires]

const news = sealed(encodeCbor([3, 'news']), ALICE)
const ahead = (ms: number) => say(ALICE, 'from the future', { ts: START_MS + ms })
const stale = sealBeacon(beaconOf(BOB, { stamp: START_MS - BEACON_FRESH_MS }), BOB.signer)

const ACCEPTED: readonly Written[] = [
  ['a message that begins a chain', [hello.wire]],
  ['its successor, though one of its deps is missing', [second.wire], [hello.wire]],
  ['both in one frame', [hello.wire, second.wire]],
  ['one that is known and one that is new', [hello.wire, second.wire], [hello.wire]],
  [
    'a signature that is none, of a message that its signed successor names',
    [spoiled.wire, say(ALICE, 'after it', after(spoiled, START_MS + 1)).wire],
  ],
  ['a kind of a later version: kept and passed on, not shown', [reply.wire, future.wire]],
  ['two minutes ahead of the clock', [ahead(MAX_FUTURE_MS).wire]],
  ['a beacon', [hereWire]],
]

const IGNORED: readonly Written[] = [
  ['a message that is known', [hello.wire], [hello.wire]],
  ['a message whose predecessor is missing: held back', [second.wire]],
  ['more than two minutes ahead of the clock: held back', [ahead(MAX_FUTURE_MS + 1).wire]],
  ['only a record of a later version', [news]],
  ['a message beside a record of a later version: taken in, not passed on', [news, hello.wire]],
  [
    'a good message beside one whose predecessor is missing: taken in, not passed on',
    [reply.wire, second.wire],
  ],
  ['a beacon that is not newer than the one known', [hereWire], [hereWire]],
  ['a beacon of ten minutes ago, of someone who is not connected', [stale]],
]

const REJECTED: readonly Written[] = [
  ...FORGED_RECORDS.map(([about, record]): Written => [about, [record]]),
  ...CONTRADICTIONS.map(([about, record]): Written => [about, [record], [hello.wire]]),
  ['a good message beside one that must be rejected', [hello.wire, sealed(encodeCbor([1]), ALICE)]],
]

/** The peer's clock stands at `START_MS`. */
export function describeVerdicts(): readonly Case[] {
  return [
    ...ACCEPTED.map(written => judged('accept', written)),
    ...IGNORED.map(written => judged('ignore', written)),
    ...FORGED_FRAMES.map(
      ([about, payload]): Case => ({ verdict: 'reject', about, before: '', payload: toHex(payload) }),
    ),
    ...REJECTED.map(written => judged('reject', written)),
  ]
}

function judged(verdict: Case['verdict'], [about, records, before]: Written): Case {
  const earlier = before === undefined ? '' : toHex(encodeFrame(before))
  return { verdict, about, before: earlier, payload: toHex(encodeFrame(records)) }
}
