/**
 * The cookie of a rendezvous answer: how far the asker has read. It is the asker who keeps it, so reading on
 * costs the helper nothing between two requests. Askers must treat it as opaque; forging one gains nothing.
 *
 *     epoch: 8 random bytes of this table | position: u64, big endian | namespace: UTF-8
 *
 * The namespace stands last because rust-libp2p takes cookies apart: 16 bytes, then the namespace.
 */

/** Bytes of an epoch. */
export const EPOCH_BYTES = 8

const PREFIX_BYTES = EPOCH_BYTES + 8

/** `position` is a count that stays far below 2^53. */
export function writeCookie(epoch: Uint8Array, position: number, namespace: string): Uint8Array {
  const name = Buffer.from(namespace, 'utf8')
  const cookie = new Uint8Array(PREFIX_BYTES + name.length)
  cookie.set(epoch, 0)
  new DataView(cookie.buffer).setBigUint64(EPOCH_BYTES, BigInt(position))
  cookie.set(name, PREFIX_BYTES)
  return cookie
}

/** The position in a cookie of this table and namespace; undefined for any other bytes. */
export function readCookie(epoch: Uint8Array, cookie: Uint8Array, namespace: string): number | undefined {
  if (cookie.length < PREFIX_BYTES) return undefined
  const bytes = Buffer.from(cookie.buffer, cookie.byteOffset, cookie.byteLength)
  if (!bytes.subarray(0, EPOCH_BYTES).equals(epoch)) return undefined
  if (!bytes.subarray(PREFIX_BYTES).equals(Buffer.from(namespace, 'utf8'))) return undefined
  const position = bytes.readBigUInt64BE(EPOCH_BYTES)
  return position <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(position) : undefined
}
