/**
 * The open rooms, each wired to the network and to the surface.
 */
import type { UiEvent } from '../api/events.ts'
import type { Crypto, Signer } from '../protocol/crypto.ts'
import type { PeerKey, RoomId } from '../protocol/ids.ts'
import { roomIdOf, topicOf } from '../protocol/rooms.ts'
import type { RoomNotice } from '../room/events.ts'
import { Room } from '../room/room.ts'
import type { PeerLog } from './log.ts'
import type { PeerLabels } from './peer-labels.ts'
import { eventOf } from './room-notices.ts'
import { RoomRunner } from './room-runner.ts'

export interface OpenRoomDeps {
  readonly signer: Signer
  readonly crypto: Crypto
  readonly labels: PeerLabels
  readonly log: PeerLog
  readonly lostAfterMs: number
  readonly emit: (event: UiEvent) => void
  /** True for people whose messages the user hides. */
  readonly isIgnored: (author: PeerKey) => boolean
  readonly publish: (topic: string, payload: Uint8Array) => void
  readonly requestSync: (room: RoomId, peer: PeerKey) => void
  readonly expel: (peer: PeerKey, reason: string) => void
  readonly onAddresses: (room: OpenRoom, peer: PeerKey, addresses: readonly string[]) => void
  readonly onLeft: (room: OpenRoom, peer: PeerKey) => void
}

export interface OpenRoom {
  readonly name: string
  readonly id: RoomId
  readonly topic: string
  readonly runner: RoomRunner
}

/** Opens a room under the user's name. Nothing is sent yet. */
export function openRoom(name: string, username: string, deps: OpenRoomDeps): OpenRoom {
  const { signer, crypto, lostAfterMs, labels, emit } = deps
  const id = roomIdOf(name, crypto)
  const topic = topicOf(name)
  const log = deps.log.store.room(id, name)
  const room = new Room({ id, name: username, lostAfterMs }, { log, signer, crypto, random: Math.random })
  const { isIgnored } = deps
  const context = { room: name, self: signer.author, labels, isIgnored, now: Date.now }

  function show(notice: RoomNotice): void {
    if (notice.kind === 'left' && notice.reason === 'quit') deps.onLeft(open, notice.member.key)
    if (notice.kind === 'message' && isIgnored(notice.envelope.author)) return
    if (notice.kind === 'amended' && isIgnored(notice.by.author)) return
    emit(eventOf(notice, context))
  }

  const runner = new RoomRunner({
    room,
    eventLoop: deps.log.eventLoop,
    publish: payload => deps.publish(topic, payload),
    requestSync: peer => deps.requestSync(id, peer),
    expel: deps.expel,
    show,
    onAddresses: (peer, addresses) => deps.onAddresses(open, peer, addresses),
    onSynced: (peer, received, sent) =>
      emit({ type: 'synced', room: name, peer: labels.of(peer).peer, received, sent }),
    onNotStored: deps.log.onNotStored,
  })
  const open: OpenRoom = { name, id, topic, runner }
  return open
}

// The table of open rooms: the current one, the one for a name, topic or id, and totals over all of them. A
// room that is being left stays known to the network a moment longer than to the user.

/** Rooms open at once: as many as a person can follow, and more. */
export const MAX_OPEN_ROOMS = 16

export class OpenRooms {
  readonly #open = new Map<string, OpenRoom>()
  readonly #byTopic = new Map<string, OpenRoom>()
  readonly #byId = new Map<RoomId, OpenRoom>()
  #current: OpenRoom | undefined
  /** Own messages that nobody held when their room was closed, by room name. */
  readonly #undeliveredInClosed = new Map<string, number>()

  /** The current room; undefined after the last one was left. */
  get current(): OpenRoom | undefined {
    return this.#current
  }

  get all(): readonly OpenRoom[] {
    return [...this.#open.values()]
  }

  get names(): readonly string[] {
    return [...this.#open.keys()]
  }

  get(name: string): OpenRoom | undefined {
    return this.#open.get(name)
  }

  /** The room for a gossipsub topic. */
  inTopic(topic: string): OpenRoom | undefined {
    return this.#byTopic.get(topic)
  }

  withId(id: RoomId): OpenRoom | undefined {
    return this.#byId.get(id)
  }

  /** Own messages that no one else is known to hold. */
  get undelivered(): number {
    const closed = this.#undeliveredInClosed.values().reduce((sum, count) => sum + count, 0)
    return this.all.reduce((sum, { runner }) => sum + runner.room.undelivered, closed)
  }

  /** True if nobody else is in any of the rooms. */
  get isAlone(): boolean {
    return this.all.every(({ runner }) => runner.room.members.length === 0)
  }

  /** `again`: the network is still in it, because it is just being left. */
  add(room: OpenRoom): 'new' | 'again' {
    const before = this.#byTopic.has(room.topic) ? 'again' : 'new'
    this.#open.set(room.name, room)
    // it counts its own messages again
    this.#undeliveredInClosed.delete(room.name)
    this.#byTopic.set(room.topic, room)
    this.#byId.set(room.id, room)
    return before
  }

  makeCurrent(room: OpenRoom): void {
    this.#current = room
  }

  /** The user left it; the one opened before becomes current. */
  leave({ name }: OpenRoom): void {
    this.#open.delete(name)
    this.#current = this.all.at(-1)
  }

  /** It is closed. `kept`: it was opened again meanwhile, so the network stays in it. */
  remove({ name, id, topic, runner }: OpenRoom): 'removed' | 'kept' {
    if (this.#byTopic.get(topic)?.runner !== runner) return 'kept'
    this.#undeliveredInClosed.set(name, runner.room.undelivered)
    this.#byTopic.delete(topic)
    this.#byId.delete(id)
    return 'removed'
  }
}
