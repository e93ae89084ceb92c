/**
 * What every honest peer rejects: frames and records that are wrong in one respect each. Where a record can be signed
 * all the same it is, so that it is not for its signature that it must be refused.
 */
import { sealBeacon } from '../../src/protocol/beacon.ts'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { KIND } from '../../src/protocol/content.ts'
import { inDomain, SIGNATURE_BYTES } from '../../src/protocol/crypto.ts'
import { fromHex } from '../../src/protocol/ids.ts'
import { MAX_EMOJI_BYTES, MAX_FRAME_RECORDS, MAX_NAME_BYTES } from '../../src/protocol/limits.ts'
import { after, hello, MESSAGE_DOMAIN, reply, say, spoiled, wave } from './messages.ts'
import { BEACON_DOMAIN, beaconOf, hereWire } from './presence.ts'
import type { Speaker } from './world.ts'
import { ALICE, BOB, MALLORY, OTHER_ROOM, START_MS } from './world.ts'

/** A record of any core. */
export function sealed(core: Uint8Array, speaker: Speaker, domain = MESSAGE_DOMAIN): Uint8Array {
  return inDomain(core, speaker.signer.sign(inDomain(domain, core)))
}

const coreOf = (wire: Uint8Array) => wire.subarray(0, -SIGNATURE_BYTES)

/** The elements of alice's first message. */
const ELEMENTS = [
  1,
  fromHex(hello.room),
  fromHex(hello.author),
  fromHex(hello.log),
  hello.seq,
  null,
  hello.ts,
  [],
  hello.kind,
  hello.body,
] as const
const PREV = 5
const AUTHOR = 2
const DEPS = 7
const BODY = 9

/** Alice's first message with one element changed, signed by her. */
function changed(element: number, value: unknown): Uint8Array {
  return sealed(encodeCbor(ELEMENTS.with(element, value)), ALICE)
}

/** Where alice's first message has its `seq`, 0, which a careless encoder could write in two bytes. */
const SEQ_OFFSET = 62

function wideSeq(): Uint8Array {
  const core = coreOf(hello.wire)
  return Buffer.concat([core.subarray(0, SEQ_OFFSET), fromHex('1800'), core.subarray(SEQ_OFFSET + 1)])
}

const ids = [hello.id, reply.id, wave.id].map(fromHex).sort(Buffer.compare)
const [lowest = new Uint8Array(), , highest = new Uint8Array()] = ids

type Forged = readonly [about: string, bytes: Uint8Array]

export const FORGED_FRAMES: readonly Forged[] = [
  ['no CBOR', fromHex('ff')],
  ['no array', encodeCbor(hello.wire)],
  ['an empty frame', encodeCbor([])],
  ['65 records', encodeCbor(Array.from({ length: MAX_FRAME_RECORDS + 1 }, () => new Uint8Array()))],
  ['a record that is no byte string', encodeCbor([1])],
  ['a byte after the frame', Buffer.concat([encodeCbor([hello.wire]), fromHex('00')])],
]

export const FORGED_RECORDS: readonly Forged[] = [
  ['an empty record', new Uint8Array()],
  ['a signature that is none', spoiled.wire],
  ['signed by somebody else', sealed(coreOf(hello.wire), BOB)],
  ['signed without the domain', sealed(coreOf(hello.wire), ALICE, new Uint8Array())],
  ['signed as if it were a beacon', sealed(coreOf(hello.wire), ALICE, BEACON_DOMAIN)],
  ['of another room', say(ALICE, 'hello', { room: OTHER_ROOM }).wire],
  ['an element too few', sealed(encodeCbor(ELEMENTS.slice(0, BODY)), ALICE)],
  ['an element too many', sealed(encodeCbor([...ELEMENTS, null]), ALICE)],
  ['seq in two bytes where one does', sealed(wideSeq(), ALICE)],
  ['an author of 31 bytes', changed(AUTHOR, new Uint8Array(31))],
  ['the first place with a predecessor', changed(PREV, fromHex(reply.id))],
  ['a later place without one', say(ALICE, 'hello', { seq: 1 }).wire],
  ['deps that are not ascending', changed(DEPS, [highest, lowest])],
  ['deps that name one message twice', changed(DEPS, [lowest, lowest])],
  [
    'five deps',
    changed(
      DEPS,
      [1, 2, 3, 4, 5].map(byte => new Uint8Array(32).fill(byte)),
    ),
  ],
  ['a text without a name', changed(BODY, ['hello'])],
  ['an empty text', changed(BODY, ['alice', ''])],
  ['an empty name', changed(BODY, ['', 'hello'])],
  ['a name of 129 bytes', changed(BODY, ['x'.repeat(MAX_NAME_BYTES + 1), 'hello'])],
  ['a reply that answers nothing', say(ALICE, '', { kind: KIND.reply, body: ['alice', 'hello'] }).wire],
  [
    'an edit of an id of 31 bytes',
    say(ALICE, '', { kind: KIND.edit, body: ['alice', 'hello', new Uint8Array(31)] }).wire,
  ],
  ['a deletion without a name', say(ALICE, '', { kind: KIND.deletion, body: [fromHex(reply.id)] }).wire],
  [
    'a reaction that is neither there nor not',
    say(ALICE, '', { kind: KIND.reaction, body: ['alice', fromHex(reply.id), '👍', 1] }).wire,
  ],
  [
    'a reaction of 65 bytes',
    say(ALICE, '', {
      kind: KIND.reaction,
      body: ['alice', fromHex(reply.id), 'x'.repeat(MAX_EMOJI_BYTES + 1), true],
    }).wire,
  ],
  ['a kind that is not known, with a map in its body', say(ALICE, '', { kind: 4_711, body: { a: 1 } }).wire],
  ['a beacon with a signature that is none', Buffer.concat([coreOf(hereWire), spoiled.wire.subarray(-64)])],
  ['a beacon of another room', sealBeacon(beaconOf(BOB, { room: OTHER_ROOM }), BOB.signer)],
  ['a beacon without a name', sealBeacon(beaconOf(BOB, { name: '' }), BOB.signer)],
]

/** Wrong for those who have alice's first message. */
export const CONTRADICTIONS: readonly Forged[] = [
  ['two places after its predecessor', say(ALICE, 'skipped', { ...after(hello, START_MS + 1), seq: 2 }).wire],
  ['not later than its predecessor', say(ALICE, 'hasty', after(hello, START_MS)).wire],
  ['its predecessor is of another chain', say(MALLORY, 'mine', after(hello, START_MS + 1)).wire],
]
