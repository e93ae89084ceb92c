/** What a hostile peer says: well-signed messages with chosen lies, and bytes that are no messages at all. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { sealBeacon } from '../../src/protocol/beacon.ts'
import { encodeCbor } from '../../src/protocol/cbor.ts'
import { KIND, textBody } from '../../src/protocol/content.ts'
import type { Signer } from '../../src/protocol/crypto.ts'
import { sealEnvelope } from '../../src/protocol/envelope.ts'
import { encodeFrame } from '../../src/protocol/frame.ts'
import type { LogId, PeerKey, RoomId } from '../../src/protocol/ids.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { MAX_FRAME_BYTES, MAX_FRAME_RECORDS } from '../../src/protocol/limits.ts'

const crypto = nodeCrypto()

export interface Lie {
  readonly room: RoomId
  readonly signer: Signer
  readonly text: string
  /** @default the signer's */
  readonly author?: PeerKey
  /** @default now */
  readonly ts?: number
  readonly name?: string
}

/** The first message of a chain of its own. */
export function messageOf({ room, signer, text, author, ts, name = 'mallory' }: Lie): Uint8Array {
  const fields = {
    room,
    author: author ?? signer.author,
    log: newLog(),
    seq: 0,
    prev: null,
    ts: ts ?? Date.now(),
    deps: [],
    kind: KIND.text,
    body: textBody(name, text),
  }
  return sealEnvelope(fields, signer, crypto).wire
}

/** Somebody is here, or leaves. */
export function beaconOf(
  { room, signer, author, name = 'mallory' }: Omit<Lie, 'text'>,
  state: 'here' | 'leaving',
): Uint8Array {
  const beacon = {
    room,
    author: author ?? signer.author,
    log: newLog(),
    stamp: Date.now(),
    state,
    name,
    length: 0,
    digest: toHex(randomBytes(32)),
    acks: [],
    links: 0,
    addresses: [],
  }
  return sealBeacon(beacon, signer)
}

/** Somebody nobody has met. */
export function stranger(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return { author: toHex(raw) as PeerKey, sign: bytes => sign(null, bytes, privateKey) }
}

/** Payloads that are no frames. Each is different each time, so that none is dropped as a repetition. */
export function nonsense(): Uint8Array[] {
  return [
    randomBytes(1),
    randomBytes(1_000),
    encodeCbor([]),
    encodeCbor([randomBytes(300)]),
    encodeCbor(['text', randomBytes(10)]),
    encodeCbor({ record: randomBytes(10) }),
    encodeFrame(Array.from({ length: MAX_FRAME_RECORDS + 1 }, () => randomBytes(20))),
    Buffer.concat([Buffer.alloc(500, 0x81), randomBytes(10)]),
    randomBytes(MAX_FRAME_BYTES + 1),
  ]
}

function newLog(): LogId {
  return toHex(randomBytes(8)) as LogId
}
