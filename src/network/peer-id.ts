/**
 * The core names a peer by its raw Ed25519 public key, libp2p by a peer id; for Ed25519 each can be derived
 * from the other.
 */
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import type { PeerKey } from '../protocol/ids.ts'
import { fromHex, toHex } from '../protocol/ids.ts'

const keys = new WeakMap<PeerId, PeerKey>()

/** The key in a peer id; undefined for other kinds of keys, which no member has. */
export function peerKeyOf(peer: PeerId): PeerKey | undefined {
  const known = keys.get(peer)
  if (known !== undefined) return known
  if (peer.type !== 'Ed25519') return undefined
  const key = toHex(peer.publicKey.raw) as PeerKey
  keys.set(peer, key)
  return key
}

/** The peer id of a key. Any 32 bytes give one; only a signature shows whether someone owns it. */
export function peerIdOf(key: PeerKey): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(fromHex(key)))
}

/** Parses a peer id; undefined if it isn't one. */
export function parsePeerId(text: string): PeerId | undefined {
  try {
    return peerIdFromString(text)
  } catch {
    return undefined
  }
}
