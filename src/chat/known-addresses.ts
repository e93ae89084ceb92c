/**
 * Known members' addresses between sessions: the data folder keeps text that other programs can read, rooms
 * use keys and binary addresses.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { parsePeerId, peerKeyOf } from '../network/peer-id.ts'
import type { PeerKey } from '../protocol/ids.ts'
import { toHex } from '../protocol/ids.ts'
import { readAddress } from '../protocol/multiaddr.ts'
import type { DataFolder } from '../storage/data-folder.ts'
import type { KnownMember } from '../storage/known-members.ts'

/** What to remember of a member. Invalid addresses are left out. */
export function knownMemberOf(peer: string, addresses: readonly string[], lastSeen: number): KnownMember {
  return { peer, addresses: addresses.flatMap(address => textOf(address)), lastSeen }
}

/** A room's members from earlier sessions, with binary addresses in hex. */
export function knownMembersOf(
  folder: DataFolder,
  room: string,
): readonly { readonly peer: PeerKey; readonly addresses: readonly string[] }[] {
  return folder.members.of(room).flatMap(member => {
    const id = parsePeerId(member.peer)
    const peer = id && peerKeyOf(id)
    if (peer === undefined) return []
    return [{ peer, addresses: member.addresses.flatMap(address => bytesOf(address)) }]
  })
}

function textOf(hex: string): string[] {
  return readAddress(hex).map(address => address.toString())
}

function bytesOf(text: string): string[] {
  try {
    return [toHex(multiaddr(text).bytes)]
  } catch {
    // the file may have been edited by hand
    return []
  }
}
