/**
 * Who speaks in the test vectors, where and when: everything is made from fixed numbers, so that the vectors come
 * out the same on every machine and a reader can make them again.
 */
import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { nodeCrypto, nodeSigner } from '../../src/chat/node-crypto.ts'
import type { Signer } from '../../src/protocol/crypto.ts'
import type { LogId } from '../../src/protocol/ids.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { roomNamespace } from '../../src/protocol/rendezvous.ts'
import { roomIdOf, topicOf } from '../../src/protocol/rooms.ts'
import { fingerprint } from '../../src/room/names/names.ts'

export const crypto = nodeCrypto()

/** 2027-01-15 08:00:00 UTC in milliseconds: when the first message of the vectors is written. */
export const START_MS = 1_800_000_000_000

const ROOM_NAME = 'lobby'
export const ROOM = roomIdOf(ROOM_NAME, crypto)
export const OTHER_ROOM = roomIdOf('kitchen', crypto)

export interface Speaker {
  readonly name: string
  readonly seed: Uint8Array
  readonly privateKey: Ed25519PrivateKey
  readonly signer: Signer
  readonly log: LogId
}

/** Their seeds are 32 bytes that count up from these numbers; their logs are 8 equal bytes. */
export const ALICE = await speaker('alice', 0x00, 'a1')
export const BOB = await speaker('bob', 0x20, 'b2')
export const MALLORY = await speaker('mallory', 0x40, 'e3')

async function speaker(name: string, firstByte: number, logByte: string): Promise<Speaker> {
  const seed = Uint8Array.from({ length: 32 }, (_, at) => firstByte + at)
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  return { name, seed, privateKey, signer: nodeSigner(privateKey), log: logByte.repeat(8) as LogId }
}

/** An identity in all its forms. */
export function describeSpeaker({ name, seed, privateKey, signer, log }: Speaker) {
  const { publicKey } = privateKey
  return {
    name,
    seed: toHex(seed),
    publicKey: signer.author,
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    peerIdBytes: toHex(peerIdFromPrivateKey(privateKey).toMultihash().bytes),
    identityFile: toHex(privateKeyToProtobuf(privateKey)),
    fingerprint: fingerprint(publicKey.raw, crypto.sha256),
    log,
  }
}

/** A room's name as typed, and all that is made of it. */
export function describeRoom(typed: string, name: string) {
  const id = roomIdOf(name, crypto)
  const hashed = Buffer.from(`parley/1/room\0${name}`)
  return {
    typed,
    name,
    hashed: toHex(hashed),
    sha256: createHash('sha256').update(hashed).digest('hex'),
    id,
    topic: topicOf(name),
    namespace: roomNamespace(id),
  }
}
