/**
 * One open room in the application: its runtime, wired to the network and to whoever watches.
 */

import type { UiEvent } from '../api/events.ts'
import type { Crypto, Signer } from '../protocol/crypto.ts'
import type { PeerKey, RoomId } from '../protocol/ids.ts'
import { roomIdOf, topicOf } from '../protocol/rooms.ts'
import type { RoomNotice } from '../room/events.ts'
import { Room } from '../room/room.ts'
import type { LogDesk } from './log.ts'
import type { Directory } from './peer-labels.ts'
import { eventOf } from './room-notices.ts'
import { RoomRuntime } from './room-runner.ts'

export interface OpenRoomDeps {
  readonly signer: Signer
  readonly crypto: Crypto
  readonly directory: Directory
  readonly log: LogDesk
  readonly lostAfterMs: number
  readonly emit: (event: UiEvent) => void
  /** True for people whose messages the user doesn't want to see. */
  readonly isIgnored: (author: PeerKey) => boolean
  readonly publish: (topic: string, payload: Uint8Array) => void
  readonly requestSync: (room: RoomId, peer: PeerKey) => void
  readonly expel: (peer: PeerKey, reason: string) => void
  readonly onLocated: (room: OpenRoom, peer: PeerKey, addresses: readonly string[]) => void
  readonly onLeft: (room: OpenRoom, peer: PeerKey) => void
}

export interface OpenRoom {
  readonly name: string
  readonly id: RoomId
  readonly topic: string
  readonly runtime: RoomRuntime
}

/** Opens a room under the user's name. Nothing is sent yet. */
export function openRoom(name: string, username: string, deps: OpenRoomDeps): OpenRoom {
  const { signer, crypto, lostAfterMs, directory, emit } = deps
  const id = roomIdOf(name, crypto)
  const topic = topicOf(name)
  const log = deps.log.store.room(id, name)
  const room = new Room({ id, name: username, lostAfterMs }, { log, signer, crypto, random: Math.random })
  const { isIgnored } = deps
  const context = { room: name, self: signer.author, directory, isIgnored, now: Date.now }

  function show(notice: RoomNotice): void {
    if (notice.kind === 'left' && notice.reason === 'quit') deps.onLeft(open, notice.person.key)
    if (notice.kind === 'message' && isIgnored(notice.envelope.author)) return
    if (notice.kind === 'amended' && isIgnored(notice.by.author)) return
    emit(eventOf(notice, context))
  }

  const runtime = new RoomRuntime({
    room,
    turns: deps.log.turns,
    publish: payload => deps.publish(topic, payload),
    requestSync: peer => deps.requestSync(id, peer),
    expel: deps.expel,
    show,
    onLocated: (peer, addresses) => deps.onLocated(open, peer, addresses),
    onSynced: (peer, received, sent) =>
      emit({ type: 'synced', room: name, peer: directory.of(peer).peer, received, sent }),
    onUnsaid: deps.log.onUnsaid,
  })
  const open: OpenRoom = { name, id, topic, runtime }
  return open
}
