/**
 * A peer's open rooms and its network, wired together: network events go to their room, and rooms' requests
 * to the network.
 */
import type { UiEvent } from '../api/events.ts'
import type { Logger } from '../common/logger.ts'
import { dropOldest } from '../common/rate-limit.ts'
import type { PeerConfig } from '../config/types.ts'
import { Network } from '../network/network.ts'
import type { PeerKey } from '../protocol/ids.ts'
import type { RoomEvent } from '../room/events.ts'
import type { DataFolder } from '../storage/data-folder.ts'
import type { Path, PathFacts } from './connection-paths.ts'
import { PathReporter, pathTo } from './connection-paths.ts'
import { helperTargets, onHelperEvent } from './helper-trust.ts'
import { knownMemberOf, knownMembersOf } from './known-addresses.ts'
import { PeerLog } from './log.ts'
import { nodeCrypto, nodeSigner } from './node-crypto.ts'
import type { OpenRoom, OpenRoomDeps } from './open-rooms.ts'
import { OpenRooms, openRoom } from './open-rooms.ts'
import type { Identity } from './peer-labels.ts'
import { PeerLabels } from './peer-labels.ts'

export interface PeerDeps {
  readonly version: string
  readonly folder: DataFolder
  readonly logger: Logger
  readonly emit: (event: UiEvent) => void
  /** Newest messages shown when a room is joined. @default 50 */
  readonly backlog?: number
}

const BACKLOG = 50

export class Rooms {
  readonly #deps: PeerDeps
  readonly #config: PeerConfig
  readonly #crypto = nodeCrypto()
  readonly labels = new PeerLabels(this.#crypto)
  readonly #signer
  readonly #openRooms = new OpenRooms()
  readonly log: PeerLog
  readonly ignored = new IgnoredPeers()
  #network: Network | undefined
  readonly #paths: PathReporter
  #addresses: readonly string[] = []
  #name: string

  private constructor(config: PeerConfig, deps: PeerDeps, log: PeerLog) {
    this.log = log
    this.#config = config
    this.#deps = deps
    this.#name = config.name
    this.#signer = nodeSigner(deps.folder.privateKey)
    const facts = (key: PeerKey): PathFacts => this.pathFactsOf(key)
    const { emit } = deps
    this.#paths = new PathReporter({ node: () => this.#net.node, facts, directory: this.labels, emit })
  }

  /** Opens the network. Rejects with a `ParleyError` if it can't. */
  static async open(config: PeerConfig, deps: PeerDeps): Promise<Rooms> {
    const { folder, logger, emit } = deps
    const { retention } = config
    const log = await PeerLog.open({ folder, logger, emit, retention, crypto: nodeCrypto() })
    const rooms = new Rooms(config, deps, log)
    try {
      await rooms.#openNetwork()
    } catch (error) {
      log.close()
      throw error
    }
    return rooms
  }

  async #openNetwork(): Promise<void> {
    const { folder, logger, emit } = this.#deps
    const config = this.#config
    this.#network = await Network.open(
      { ...config, helpers: helperTargets(config, folder.pins) },
      {
        privateKey: folder.privateKey,
        logger,
        onPayload: (topic, from, payload) =>
          this.#openRooms.inTopic(topic)?.runner.validate(from, payload) ?? 'ignore',
        onSubscribed: (topic, peer) => this.#onSubscribed(topic, peer),
        onUnsubscribed: (topic, peer) => this.#notify(topic, { kind: 'unsubscribed', peer }),
        onUp: peer => this.#notifyAll({ kind: 'reached', peer }),
        onDown: peer => {
          this.#paths.forget(peer)
          this.#notifyAll({ kind: 'unlinked', peer })
        },
        onPath: peer => void this.#paths.report(peer),
        onAddresses: addresses => {
          this.#addresses = addresses
          this.#notifyAll({ kind: 'addresses', addresses })
        },
        onHelper: event => onHelperEvent(event, folder, emit),
        syncRoom: id => this.#openRooms.withId(id)?.runner.syncRoom,
      },
    )
  }

  get selfKey(): PeerKey {
    return this.#signer.author
  }

  get self(): Identity {
    return this.labels.of(this.#signer.author)
  }

  get name(): string {
    return this.#name
  }

  get addresses(): readonly string[] {
    return this.#net.addresses
  }

  /** The current room; undefined after the last one was left. */
  get current(): OpenRoom | undefined {
    return this.#openRooms.current
  }

  get names(): readonly string[] {
    return this.#openRooms.names
  }

  get(name: string): OpenRoom | undefined {
    return this.#openRooms.get(name)
  }

  /** Own messages that no one else is known to hold. */
  get undelivered(): number {
    return this.#openRooms.undelivered
  }

  /** True if nobody else is in any of the rooms. */
  get isAlone(): boolean {
    return this.#openRooms.isAlone
  }

  /** Opens a room, or makes it current if it is open. */
  join(name: string): OpenRoom {
    const room = this.#openRooms.get(name) ?? this.#openRoom(name)
    this.#openRooms.makeCurrent(room)
    return room
  }

  /** Says goodbye in a room and closes it; the one opened before becomes current. */
  async leave(room: OpenRoom): Promise<void> {
    // at once, so that the next input goes to the next room
    this.#openRooms.leave(room)
    await room.runner.close()
    this.log.stopPruning(room.runner)
    if (this.#openRooms.remove(room) === 'removed') this.#net.leaveRoom(room.id, room.topic)
  }

  /** Changes the username in all rooms. */
  async rename(name: string): Promise<void> {
    this.#name = name
    await Promise.all(this.#openRooms.all.map(room => room.runner.handle({ kind: 'rename', name })))
  }

  pathTo(key: PeerKey): Path | undefined {
    return pathTo(this.#net.node, key)
  }

  pathFactsOf(key: PeerKey): PathFacts {
    return {
      path: this.pathTo(key),
      attempts: this.#net.attemptsTo(key),
      ownReachability: this.#net.ownReachability,
    }
  }

  /** Says goodbye everywhere and closes the network. */
  async close(): Promise<void> {
    await Promise.all(this.#openRooms.all.map(room => room.runner.close()))
    await this.#net.close()
  }

  get #net(): Network {
    if (this.#network === undefined) throw new Error('the network is not open yet')
    return this.#network
  }

  #openRoom(name: string): OpenRoom {
    const room = openRoom(name, this.#name, this.#roomDeps())
    const added = this.#openRooms.add(room)
    this.log.startPruning(room.runner)
    void room.runner.handle({ kind: 'opened', backlog: this.#deps.backlog ?? BACKLOG })
    void room.runner.handle({ kind: 'addresses', addresses: this.#addresses })
    if (added === 'new') this.#net.joinRoom(room.id, room.topic)
    for (const peer of this.#net.subscribers(room.topic)) this.#onSubscribed(room.topic, peer)
    for (const { peer, addresses } of knownMembersOf(this.#deps.folder, name)) {
      this.#net.suggestAddresses(room.id, peer, addresses, 'remembered')
    }
    return room
  }

  #roomDeps(): OpenRoomDeps {
    const { emit, folder } = this.#deps
    return {
      signer: this.#signer,
      crypto: this.#crypto,
      labels: this.labels,
      log: this.log,
      lostAfterMs: this.#config.network.lostAfterMs,
      emit,
      isIgnored: author => this.ignored.has(author),
      publish: (topic, payload) => this.#net.publish(topic, payload),
      requestSync: (room, peer) => this.#net.requestSync(room, peer),
      expel: (peer, reason) => this.#expel(peer, reason),
      onLeft: (room, peer) => this.#net.drop(room.id, peer),
      onAddresses: (room, peer, addresses) => {
        folder.members.remember(room.name, knownMemberOf(this.labels.of(peer).peer, addresses, Date.now()))
        this.#net.suggestAddresses(room.id, peer, addresses, 'told')
      },
    }
  }

  #onSubscribed(topic: string, peer: PeerKey): void {
    this.#notify(topic, { kind: 'linked', peer })
    if (this.#openRooms.inTopic(topic) !== undefined) void this.#paths.report(peer)
  }

  #notifyAll(event: RoomEvent): void {
    for (const { runner } of this.#openRooms.all) void runner.handle(event)
  }

  #notify(topic: string, event: RoomEvent): void {
    void this.#openRooms.inTopic(topic)?.runner.handle(event)
  }

  #expel(key: PeerKey, reason: string): void {
    this.#net.expel(key, reason)
    const { peer, fingerprint } = this.labels.of(key)
    const text = `a peer (${fingerprint}) was cut off for ten minutes: it sent what no honest peer sends`
    this.#deps.emit({ type: 'notice', code: 'expelled', text, peer, reason })
  }
}

// Ignored people, until the program ends.

const MAX_IGNORED = 256

class IgnoredPeers {
  readonly #keys = new Map<PeerKey, true>()

  has(key: PeerKey): boolean {
    return this.#keys.has(key)
  }

  add(key: PeerKey): void {
    this.#keys.set(key, true)
    if (this.#keys.size > MAX_IGNORED) dropOldest(this.#keys)
  }

  /** False if that person wasn't ignored. */
  delete(key: PeerKey): boolean {
    return this.#keys.delete(key)
  }
}
