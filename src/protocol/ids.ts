/**
 * The identifiers of the protocol as branded strings, so that the compiler keeps a message id from being
 * passed as an author. Each is the lower-case hex form of its bytes: hex sorts like the bytes, works as a map
 * key, and reads the same in a log line and in a test vector.
 */

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/**
 * Hex of a peer's raw Ed25519 public key: 64 characters. It is the author's identity and the libp2p identity
 * at once.
 */
export type PeerKey = Brand<string, 'PeerKey'>

/** Hex of SHA-256 over a message's wire bytes, signature included: 64 characters. */
export type MessageId = Brand<string, 'MessageId'>

/** Hex of a room's 16-byte id: 32 characters. */
export type RoomId = Brand<string, 'RoomId'>

/** Hex of the 8 random bytes that name one log (database) of an author: 16 characters. */
export type LogId = Brand<string, 'LogId'>

/** `author/log`: one hash chain. */
export type ChainId = Brand<string, 'ChainId'>

/** The chain that an author writes in this log. */
export function chainId(author: PeerKey, log: LogId): ChainId {
  return `${author}/${log}` as ChainId
}

/** Lower-case hex of any bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Bytes of a hex string that this program made itself; never call it with outside text. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}
