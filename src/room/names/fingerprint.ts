/**
 * A peer's fingerprint: what two people compare, aloud or on paper, to make sure that they talk to each other
 * and not to an impostor. Its first group is the tag that tells equal names apart. A tag is a hint only:
 * trying keys finds a match for its 20 bits within a minute, but not for the fingerprint's 160.
 */
import type { Crypto } from '../../protocol/crypto.ts'
import { fromHex } from '../../protocol/ids.ts'

/** RFC 4648 section 6: no 0, 1 or 8, which are read as O, I and B. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BITS_PER_CHARACTER = 5

/** Bytes of the hash that are shown: 32 characters, in 8 groups that can be read out. */
const SHOWN_BYTES = 20
const GROUP_CHARACTERS = 4

/** Groups in a fingerprint. */
export const FINGERPRINT_GROUPS = 8

/**
 * The fingerprint of a raw 32-byte Ed25519 public key: base32 of the first 20 bytes of its SHA-256, in groups of
 * four: `K7QF-2MZD-…`, 39 characters. `sha256` gives hex, as in `Crypto`.
 */
export function fingerprint(publicKey: Uint8Array, sha256: Crypto['sha256']): string {
  const text = base32(fromHex(sha256(publicKey)).subarray(0, SHOWN_BYTES))
  const starts = Array.from({ length: FINGERPRINT_GROUPS }, (_, group) => group * GROUP_CHARACTERS)
  return starts.map(start => text.slice(start, start + GROUP_CHARACTERS)).join('-')
}

/** The first groups of a fingerprint: `K7QF`, or longer where one group doesn't tell people apart. */
export function tagOf(fingerprintText: string, groups = 1): string {
  return fingerprintText.slice(0, groups * (GROUP_CHARACTERS + 1) - 1)
}

/** Without padding: the bytes are a multiple of 5 bits. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, byte => byte.toString(2).padStart(8, '0')).join('')
  let text = ''
  for (let at = 0; at < bits.length; at += BITS_PER_CHARACTER) {
    text += BASE32.charAt(Number.parseInt(bits.slice(at, at + BITS_PER_CHARACTER), 2))
  }
  return text
}
