/**
 * Writes messages of any shape, honest and hostile, with valid signatures: what the room's own author would never
 * write has to be written by hand.
 */
import { KIND, textBody } from '../../src/protocol/content.ts'
import type { Signer } from '../../src/protocol/crypto.ts'
import type { Envelope, MessageFields } from '../../src/protocol/envelope.ts'
import { decodeEnvelope, sealEnvelope } from '../../src/protocol/envelope.ts'
import { CountingCrypto, EPOCH, logIdOf, ROOM } from './core-world.ts'

const crypto = new CountingCrypto()

/** A message of the signer's; it begins a chain unless told otherwise. */
export function message(signer: Signer, fields: Partial<MessageFields> & { readonly text?: string } = {}) {
  const { text = 'hello', ...rest } = fields
  const usual: MessageFields = {
    room: ROOM,
    author: signer.author,
    log: logIdOf(1),
    seq: 0,
    prev: null,
    ts: EPOCH,
    deps: [],
    kind: KIND.text,
    body: textBody('someone', text),
  }
  return sealEnvelope({ ...usual, ...rest }, signer, crypto)
}

/** The message after another one of the same chain. */
export function next(
  parent: Envelope,
  signer: Signer,
  fields: Partial<MessageFields> & { readonly text?: string } = {},
): Envelope {
  const { id, log, seq, ts, room } = parent
  return message(signer, { room, log, seq: seq + 1, prev: id, ts: ts + 1, ...fields })
}

/** A chain of a length, after `parent` if there is one. */
export function chain(
  signer: Signer,
  length: number,
  options: Partial<MessageFields> & { readonly parent?: Envelope; readonly text?: string } = {},
): Envelope[] {
  const { parent, ...fields } = options
  const out: Envelope[] = []
  let last = parent
  for (let count = 0; count < length; count++) {
    const text = `${fields.text ?? 'message'} ${last === undefined ? 0 : last.seq + 1}`
    const { ts, ...rest } = fields
    last =
      last === undefined
        ? message(signer, { ...rest, ...(ts !== undefined && { ts }), text })
        : next(last, signer, { ...rest, text })
    out.push(last)
  }
  return out
}

/** The same message with a signature that is none, and so with another id. */
export function unsigned(envelope: Envelope): Envelope {
  const wire = envelope.wire.slice()
  wire.fill(7, -64)
  const spoiled = decodeEnvelope(wire, crypto)
  if (spoiled === undefined) throw new Error('not an envelope')
  return spoiled
}
