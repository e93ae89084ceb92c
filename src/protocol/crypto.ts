/**
 * The cryptography that the core needs, as interfaces: signing and hashing are passed in, so that the core
 * stays pure and a simulator can count or replace the calls.
 */
import type { PeerKey } from './ids.ts'

export interface Crypto {
  /** SHA-256 of the bytes, as 64 lower-case hex characters. */
  sha256(bytes: Uint8Array): string

  /**
   * True if `signature` (64 bytes) is the author's Ed25519 signature of `signed`. False, never a throw, for
   * an invalid key.
   */
  verify(author: PeerKey, signed: Uint8Array, signature: Uint8Array): boolean
}

/** Signs as one author. It hides the private key. */
export interface Signer {
  readonly author: PeerKey
  /** Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

/** Length of an Ed25519 signature in bytes. */
export const SIGNATURE_BYTES = 64

/** Prefixes a domain to what is signed, so that a signature of one kind never counts as another. */
export function inDomain(domain: Uint8Array, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(domain.length + bytes.length)
  out.set(domain)
  out.set(bytes, domain.length)
  return out
}
