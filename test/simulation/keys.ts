/**
 * Keys and signatures of a simulated world. By default signatures are *ideal*: a keyed hash over the author's secret,
 * which behaves as Ed25519 does for everyone without the secret (deterministic, bound to the author and to every bit
 * of what is signed, not to be forged), at a thirtieth of its cost. `SIM_CRYPTO=real` runs the same worlds on real ones.
 */
import { hash } from 'node:crypto'
import type { Crypto, Signer } from '../../src/protocol/crypto.ts'
import type { PeerKey } from '../../src/protocol/ids.ts'
import { fromHex, toHex } from '../../src/protocol/ids.ts'
import { CountingCrypto, signerOf } from '../support/core-world.ts'

/** What makes and checks signatures in one world. */
export interface Keys extends Crypto {
  /** The same key for the same name, in every world. */
  signerOf(name: string): Signer
}

export function keysOf(kind: 'ideal' | 'real'): Keys {
  return kind === 'real' ? realKeys() : idealKeys()
}

function idealKeys(): Keys {
  const secrets = new Map<PeerKey, Uint8Array>()

  function sign(secret: Uint8Array, bytes: Uint8Array): Uint8Array {
    return fromHex(hash('sha512', Buffer.concat([secret, bytes]), 'hex'))
  }

  return {
    sha256: bytes => hash('sha256', bytes, 'hex'),
    verify(author, signed, signature) {
      const secret = secrets.get(author)
      return secret !== undefined && toHex(sign(secret, signed)) === toHex(signature)
    },
    signerOf(name) {
      const author = hash('sha256', `ideal author ${name}`, 'hex') as PeerKey
      const secret = fromHex(hash('sha256', `ideal secret ${name}`, 'hex'))
      secrets.set(author, secret)
      return { author, sign: bytes => sign(secret, bytes) }
    },
  }
}

/** Real ones; what was checked once isn't checked again. */
function realKeys(): Keys {
  const crypto = new CountingCrypto()
  const verdicts = new Map<string, boolean>()
  return {
    sha256: bytes => crypto.sha256(bytes),
    verify(author, signed, signature) {
      const name = `${author} ${crypto.sha256(signed)} ${toHex(signature)}`
      const verdict = verdicts.get(name) ?? crypto.verify(author, signed, signature)
      verdicts.set(name, verdict)
      return verdict
    },
    signerOf,
  }
}
