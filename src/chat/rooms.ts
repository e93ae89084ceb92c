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
import type { Path, Ways } from './connection-paths.ts'
import { PathReporter, pathTo } from './connection-paths.ts'
import { helperTargets, onHelperEvent } from './helper-trust.ts'
import { locatedAt, rememberedAt } from './known-addresses.ts'
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
  readonly directory = new PeerLabels(this.#crypto)
  readonly #signer
  readonly #table = new OpenRooms()
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
    const ways = (key: PeerKey): Ways => this.waysTo(key)
    const { emit } = deps
    this.#paths = new PathReporter({ node: () => this.#net.node, ways, directory: this.directory, emit })
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
          this.#table.inTopic(topic)?.runtime.judge(from, payload) ?? 'ignore',
        onSubscribed: (topic, peer) => this.#onSubscribed(topic, peer),
        onUnsubscribed: (topic, peer) => this.#tell(topic, { kind: 'unsubscribed', peer }),
        onUp: peer => this.#tellAll({ kind: 'reached', peer }),
        onDown: peer => {
          this.#paths.forget(peer)
          this.#tellAll({ kind: 'unlinked', peer })
        },
        onPath: peer => void this.#paths.tell(peer),
        onAddresses: addresses => {
          this.#addresses = addresses
          this.#tellAll({ kind: 'addresses', addresses })
        },
        onHelper: event => onHelperEvent(event, folder, emit),
        syncRoom: id => this.#table.withId(id)?.runtime.syncRoom,
      },
    )
  }

  get selfKey(): PeerKey {
    return this.#signer.author
  }

  get self(): Identity {
    return this.directory.of(this.#signer.author)
  }

  get name(): string {
    return this.#name
  }

  get addresses(): readonly string[] {
    return this.#net.addresses
  }

  /** The current room; undefined after the last one was left. */
  get current(): OpenRoom | undefined {
    return this.#table.current
  }

  get names(): readonly string[] {
    return this.#table.names
  }

  get(name: string): OpenRoom | undefined {
    return this.#table.get(name)
  }

  /** Own messages that no one else is known to hold. */
  get undelivered(): number {
    return this.#table.undelivered
  }

  /** True if nobody else is in any of the rooms. */
  get isAlone(): boolean {
    return this.#table.isAlone
  }

  /** Opens a room, or makes it current if it is open. */
  join(name: string): OpenRoom {
    const room = this.#table.get(name) ?? this.#openRoom(name)
    this.#table.speakIn(room)
    return room
  }

  /** Says goodbye in a room and closes it; the one opened before becomes current. */
  async leave(room: OpenRoom): Promise<void> {
    // at once, so that the next input goes to the next room
    this.#table.leave(room)
    await room.runtime.close()
    this.log.release(room.runtime)
    if (this.#table.remove(room) === 'removed') this.#net.leaveRoom(room.id, room.topic)
  }

  /** Changes the username in all rooms. */
  async rename(name: string): Promise<void> {
    this.#name = name
    await Promise.all(this.#table.all.map(room => room.runtime.handle({ kind: 'rename', name })))
  }

  pathTo(key: PeerKey): Path | undefined {
    return pathTo(this.#net.node, key)
  }

  waysTo(key: PeerKey): Ways {
    return { path: this.pathTo(key), steps: this.#net.attemptsTo(key), standing: this.#net.ownReachability }
  }

  /** Says goodbye everywhere and closes the network. */
  async close(): Promise<void> {
    await Promise.all(this.#table.all.map(room => room.runtime.close()))
    await this.#net.close()
  }

  get #net(): Network {
    if (this.#network === undefined) throw new Error('the network is not open yet')
    return this.#network
  }

  #openRoom(name: string): OpenRoom {
    const room = openRoom(name, this.#name, this.#roomDeps())
    const added = this.#table.add(room)
    this.log.retain(room.runtime)
    void room.runtime.handle({ kind: 'opened', backlog: this.#deps.backlog ?? BACKLOG })
    void room.runtime.handle({ kind: 'addresses', addresses: this.#addresses })
    if (added === 'new') this.#net.joinRoom(room.id, room.topic)
    for (const peer of this.#net.subscribers(room.topic)) this.#onSubscribed(room.topic, peer)
    for (const { peer, addresses } of rememberedAt(this.#deps.folder, name)) {
      this.#net.suggestAddresses(room.id, peer, addresses, 'remembered')
    }
    return room
  }

  #roomDeps(): OpenRoomDeps {
    const { emit, folder } = this.#deps
    return {
      signer: this.#signer,
      crypto: this.#crypto,
      directory: this.directory,
      log: this.log,
      lostAfterMs: this.#config.network.lostAfterMs,
      emit,
      isIgnored: author => this.ignored.has(author),
      publish: (topic, payload) => this.#net.publish(topic, payload),
      requestSync: (room, peer) => this.#net.requestSync(room, peer),
      expel: (peer, reason) => this.#expel(peer, reason),
      onLeft: (room, peer) => this.#net.drop(room.id, peer),
      onLocated: (room, peer, addresses) => {
        folder.members.remember(room.name, locatedAt(this.directory.of(peer).peer, addresses, Date.now()))
        this.#net.suggestAddresses(room.id, peer, addresses, 'told')
      },
    }
  }

  #onSubscribed(topic: string, peer: PeerKey): void {
    this.#tell(topic, { kind: 'linked', peer })
    if (this.#table.inTopic(topic) !== undefined) void this.#paths.tell(peer)
  }

  #tellAll(event: RoomEvent): void {
    for (const { runtime } of this.#table.all) void runtime.handle(event)
  }

  #tell(topic: string, event: RoomEvent): void {
    void this.#table.inTopic(topic)?.runtime.handle(event)
  }

  #expel(key: PeerKey, reason: string): void {
    this.#net.expel(key, reason)
    const { peer, fingerprint } = this.directory.of(key)
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
