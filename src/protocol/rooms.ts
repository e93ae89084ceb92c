/**
 * A public room is its name: the topic contains it, and the 16 bytes in every signature derive from it.
 */
import type { Crypto } from './crypto.ts'
import type { RoomId } from './ids.ts'

const DOMAIN = 'parley/1/room\0'
const ROOM_ID_DIGITS = 32

/** The first 16 bytes of SHA-256 over the domain and the room's name, hex. */
export function roomIdOf(name: string, crypto: Crypto): RoomId {
  return crypto.sha256(new TextEncoder().encode(DOMAIN + name)).slice(0, ROOM_ID_DIGITS) as RoomId
}

/** The gossipsub topic of a public room. */
export function topicOf(name: string): string {
  return `/parley/1/room/${name}`
}
