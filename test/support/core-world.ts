/**
 * What the tests of the core stand on: real keys and real signatures, but all of them made from numbers, so that
 * a run can be repeated; randomness with a seed; a clock that moves only when told.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import type { Instant } from '../../src/common/clock.ts'
import type { Crypto, Signer } from '../../src/protocol/crypto.ts'
import type { LogId, PeerKey, RoomId } from '../../src/protocol/ids.ts'
import { fromHex, toHex } from '../../src/protocol/ids.ts'

/** Wall time at which every test's clock starts, milliseconds since the epoch. */
export const EPOCH = 1_800_000_000_000

export const ROOM = 'aa'.repeat(16) as RoomId
export const OTHER_ROOM = 'bb'.repeat(16) as RoomId

/** What stands before the 32 bytes of an Ed25519 private key in its DER form: RFC 8410. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')

const crypto = nodeCrypto()

/** The real cryptography, which also counts what it was asked for. */
export class CountingCrypto implements Crypto {
  verified = 0

  sha256(bytes: Uint8Array): string {
    return crypto.sha256(bytes)
  }

  verify(author: PeerKey, signed: Uint8Array, signature: Uint8Array): boolean {
    this.verified++
    return crypto.verify(author, signed, signature)
  }
}

/** What a name's private key is made of. */
export function seedOf(name: string | number): Uint8Array {
  return fromHex(crypto.sha256(new TextEncoder().encode(`parley test key ${name}`)))
}

/** The same key for the same name, in every run. */
export function signerOf(name: string | number): Signer {
  const seed = seedOf(name)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    author: toHex(new Uint8Array(spki.subarray(-32))) as PeerKey,
    sign: bytes => new Uint8Array(sign(null, bytes, key)),
  }
}

/** The log id with this number. */
export function logIdOf(number: number): LogId {
  return number.toString(16).padStart(16, '0') as LogId
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A copy in another order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

/** One of the items. */
export function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

/** Both clocks, this long after the start. The wall clock counts whole milliseconds, as the real one does. */
export function instant(ms: number): Instant {
  return { steady: ms, wall: EPOCH + Math.floor(ms) }
}
