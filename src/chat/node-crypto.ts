/**
 * The core's cryptography by `node:crypto`. Key objects are cached, since creating one costs as much as using
 * it.
 */
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { dropOldest } from '../common/rate-limit.ts'
import type { Crypto, Signer } from '../protocol/crypto.ts'
import type { PeerKey } from '../protocol/ids.ts'
import { fromHex, toHex } from '../protocol/ids.ts'

/** The prefix of an Ed25519 key's 32 bytes in its DER forms: RFC 8410. */
const SPKI_PREFIX = fromHex('302a300506032b6570032100')
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')

/** Cached key objects: a large room's authors. */
const MAX_KEYS = 1_024

/** Hashing and verifying. */
export function nodeCrypto(): Crypto {
  const keys = new Map<PeerKey, KeyObject>()

  function keyOf(author: PeerKey): KeyObject {
    const known = keys.get(author)
    if (known !== undefined) return known
    const der = Buffer.concat([SPKI_PREFIX, fromHex(author)])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    keys.set(author, key)
    if (keys.size > MAX_KEYS) dropOldest(keys)
    return key
  }

  return {
    sha256: bytes => hash('sha256', bytes, 'hex'),
    verify(author, signed, signature) {
      try {
        return verify(null, signed, keyOf(author), signature)
      } catch {
        // 32 bytes that are no point of the curve: nobody can have signed with them
        return false
      }
    },
  }
}

/** Signs as the owner of a libp2p identity. */
export function nodeSigner(privateKey: Ed25519PrivateKey): Signer {
  const seed = privateKey.raw.subarray(0, 32)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  return {
    author: toHex(privateKey.publicKey.raw) as PeerKey,
    sign: bytes => sign(null, bytes, key),
  }
}
