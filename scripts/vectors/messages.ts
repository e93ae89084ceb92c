/**
 * A short talk: alice says hello, bob answers, alice goes on and waves, bob says something of a kind that only a later
 * version knows. And a chain that its author forked.
 */
import { KIND, textBody } from '../../src/protocol/content.ts'
import { SIGNATURE_BYTES } from '../../src/protocol/crypto.ts'
import type { Envelope, MessageFields } from '../../src/protocol/envelope.ts'
import { decodeEnvelope, sealEnvelope } from '../../src/protocol/envelope.ts'
import { fromHex, toHex } from '../../src/protocol/ids.ts'
import { MAX_FORKS_PER_PLACE } from '../../src/protocol/limits.ts'
import type { Speaker } from './world.ts'
import { ALICE, BOB, crypto, MALLORY, ROOM, START_MS } from './world.ts'

/** What stands before a message's core where it is signed. */
export const MESSAGE_DOMAIN = new TextEncoder().encode('parley/1/msg\0')

/** A message of this speaker; it begins a chain unless told otherwise. */
export function say(speaker: Speaker, text: string, fields: Partial<MessageFields> = {}): Envelope {
  const usual: MessageFields = {
    room: ROOM,
    author: speaker.signer.author,
    log: speaker.log,
    seq: 0,
    prev: null,
    ts: START_MS,
    deps: [],
    kind: KIND.text,
    body: textBody(speaker.name, text),
  }
  return sealEnvelope({ ...usual, ...fields }, speaker.signer, crypto)
}

/** The place after a message. */
export function after(message: Envelope, ts: number): Pick<MessageFields, 'seq' | 'prev' | 'ts'> {
  return { seq: message.seq + 1, prev: message.id, ts }
}

export const hello = say(ALICE, 'hello')
export const reply = say(BOB, 'hi alice 👋', { ts: START_MS + 1_500, deps: [hello.id] })
export const second = say(ALICE, 'two lines\nin one message', {
  ...after(hello, START_MS + 2_000),
  deps: [reply.id],
})
export const wave = say(ALICE, 'waves', { ...after(second, START_MS + 2_001), kind: KIND.action })
/** A kind of the future; the body may be anything that the encoding allows. */
export const future = say(BOB, '', {
  ...after(reply, START_MS + 3_000),
  kind: 4_711,
  body: ['poll', [1, -2, true, null], fromHex('00ff')],
})

/** Alice's first message, with a signature that is none and so with another id. */
export const spoiled = withoutSignature(hello)

/** Five messages for one place of a chain: the four with the smallest ids are kept. */
const root = say(MALLORY, 'first')
const branches = ['a', 'b', 'c', 'd', 'e'].map(text => say(MALLORY, text, after(root, START_MS + 1)))

function withoutSignature(envelope: Envelope): Envelope {
  const wire = envelope.wire.slice()
  wire.fill(0, -SIGNATURE_BYTES)
  const forged = decodeEnvelope(wire, crypto)
  if (forged === undefined) throw new Error('its form is the same')
  return forged
}

/** A message with its parts. */
export function describeMessage(envelope: Envelope) {
  const { wire, id, room, author, log, seq, prev, ts, deps, kind, body } = envelope
  const core = wire.subarray(0, -SIGNATURE_BYTES)
  return {
    fields: { room, author, log, seq, prev, ts, deps, kind, body: readable(body) },
    core: toHex(core),
    signed: toHex(Buffer.concat([MESSAGE_DOMAIN, core])),
    signature: toHex(wire.subarray(-SIGNATURE_BYTES)),
    wire: toHex(wire),
    id,
  }
}

export function describeFork() {
  const kept = branches.map(message => message.id).toSorted()
  return {
    about: 'the first message and five for the place after it, in the order in which they were written',
    wires: [root, ...branches].map(message => toHex(message.wire)),
    kept: [root.id, ...kept.slice(0, MAX_FORKS_PER_PLACE)],
    displaced: kept.slice(MAX_FORKS_PER_PLACE),
  }
}

/** A body as JSON can show it: byte strings become `{ "bytes": hex }`. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable)
  return value instanceof Uint8Array ? { bytes: toHex(value) } : value
}
