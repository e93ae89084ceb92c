/**
 * A peer's network, the door of this folder: the node and everything that discovers, connects to and listens
 * to others, wired together. It passes on what concerns the rooms and knows nothing of their messages. Opened
 * and closed as one.
 */

import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface'
import type { Logger } from '../common/logger.ts'
import type { NetworkConfig } from '../config/types.ts'
import type { PeerKey, RoomId } from '../protocol/ids.ts'
import { toHex } from '../protocol/ids.ts'
import { readAddress } from '../protocol/multiaddr.ts'
import type { Verdict } from '../room/events.ts'
import type { SyncRoom } from '../room/sync/sync-room.ts'
import { ConnectionGater } from './connections/connection-gater.ts'
import { ConnectionManager } from './connections/connection-manager.ts'
import { DialScheduler } from './connections/dial-scheduler.ts'
import type { DialAttempt } from './connections/dialer.ts'
import { Heartbeat } from './connections/heartbeat.ts'
import { pingConnection } from './connections/ping.ts'
import type { HelperEvent, HelperTarget } from './discovery/helper-connection.ts'
import { HelperConnections } from './discovery/helper-connection.ts'
import type { PeerAddresses } from './discovery/peer-record.ts'
import { Gossip } from './gossip/gossip.ts'
import { GossipStreams } from './gossip/gossip-streams.ts'
import type { OwnReachability } from './nat/address-book.ts'
import { ConnectionStrategy } from './nat/connection-strategy.ts'
import { interfaceAddresses } from './nat/interfaces.ts'
import type { PeerNode } from './node.ts'
import { createPeerNode } from './node.ts'
import { peerIdOf } from './peer-id.ts'
import { startNode, usableListen } from './start-node.ts'
import { SyncService } from './sync/sync-service.ts'

/** A helper that doesn't answer at first is dialled again this soon, milliseconds. */
const HELPER_RETRY_MIN_MS = 250
/**
 * How long a goodbye may take to arrive: a busy partner answers within it, and one that hangs can't delay us.
 */
const GOODBYE_MS = 1_000

export class Network {
  readonly node: PeerNode
  readonly #gater: ConnectionGater
  readonly #gossip: Gossip
  readonly #connectionManager: ConnectionManager
  readonly #heartbeat: Heartbeat
  readonly #strategy: ConnectionStrategy
  readonly #dialScheduler: DialScheduler
  readonly #sync: SyncService
  readonly #helpers: HelperConnections
  readonly #rooms = new Set<RoomId>()

  private constructor(node: PeerNode, gate: ConnectionGater, options: NetworkOptions, deps: NetworkDeps) {
    const { logger, privateKey } = deps
    const { network } = options
    const random = Math.random
    this.node = node
    this.#gater = gate
    const mode = options.announce.length > 0 ? 'announced' : 'found'
    const isRelayReady = (relay: string): boolean => this.#helpers.isRelayReady(relay)
    const own = { mode, portMapping: options.lan, isRelayReady, onFailed: deps.onPath } as const
    this.#strategy = new ConnectionStrategy({ ...own, node, random, logger })
    const { addressBook, dialer } = this.#strategy
    this.#dialScheduler = new DialScheduler(network, {
      node,
      dialer,
      observedHosts: () => addressBook.observedHosts,
      random,
      logger,
    })
    this.#heartbeat = new Heartbeat(network, { node, logger })
    this.#gossip = new Gossip({
      node,
      ...deps,
      onPayload: (topic, from, payload) => {
        this.#heartbeat.heard(from)
        return deps.onPayload(topic, from, payload)
      },
    })
    this.#sync = new SyncService({
      node,
      room: deps.syncRoom,
      now: () => performance.now(),
      onHeard: peer => this.#heartbeat.heard(peer),
      expel: (peer, reason) => this.expel(peer, reason),
      logger,
    })
    this.#connectionManager = new ConnectionManager({
      node,
      streams: new GossipStreams(node.services.pubsub),
      internals: node.services.internals,
      logger,
      isHelper: peer => this.#helpers.has(peer),
      onPath: deps.onPath,
      onUp: (key, peer) => {
        deps.onUp(key)
        this.#dialScheduler.onUp(peer)
      },
      onDown: (key, peer) => {
        deps.onDown(key)
        this.#dialScheduler.onDown(peer)
      },
    })
    const { helperRetryMaxMs: retryMaxMs, dialTimeoutMs } = network
    const retry = { retryMinMs: HELPER_RETRY_MIN_MS, retryMaxMs, dialTimeoutMs }
    const onMembers = (room: RoomId, members: readonly PeerAddresses[], order: 'before' | 'after'): void =>
      this.#onMembers(room, members, order)
    const onEvent = (event: HelperEvent): void => {
      if (event.kind === 'connected') this.#dialScheduler.onReturned()
      deps.onHelper(event)
    }
    const link = { node, privateKey, addressBook, random, logger, onEvent, onMembers }
    this.#helpers = new HelperConnections(options.helpers, retry, link)
    addressBook.onChange(() => deps.onAddresses(this.#ownAddresses()))
    node.addEventListener('peer:discovery', event => this.#onDiscovered(event.detail))
    node.addEventListener('peer:disconnect', event => this.#forget(event.detail))
  }

  /** Creates the node and starts listening. Throws a `ParleyError` if it can't. */
  static async open(options: NetworkOptions, deps: NetworkDeps): Promise<Network> {
    const { network, helpers } = options
    const gate = new ConnectionGater({
      connections: network.maxConnections,
      connectionsPerAddress: network.maxConnectionsPerAddress,
    })
    const known = helpers.flatMap(helper =>
      helper.expected ? `${helper.multiaddr}/p2p/${helper.expected}` : [],
    )
    const listen = await usableListen(options.listen)
    const node = await createPeerNode(
      { ...options, ...network, listen, helpers: known },
      { privateKey: deps.privateKey, gater: gate.gater },
    )
    const opened = new Network(node, gate, options, deps)
    try {
      await opened.#sync.start()
      await opened.#heartbeat.start()
      await startNode(node, listen)
      await opened.#strategy.start(
        () => opened.#onNetworkChanged(),
        () => opened.#helpers.askReachabilityAgain(),
      )
    } catch (error) {
      await opened.close()
      throw error
    }
    deps.onAddresses(opened.#ownAddresses())
    opened.#helpers.start()
    return opened
  }

  /** Multiaddrs to give to others, each with this peer's id. */
  get addresses(): readonly string[] {
    return this.node.getMultiaddrs().map(address => address.toString())
  }

  joinRoom(room: RoomId, topic: string): void {
    this.#rooms.add(room)
    this.#gossip.join(topic)
    this.#helpers.joinRoom(room)
  }

  leaveRoom(room: RoomId, topic: string): void {
    this.#rooms.delete(room)
    this.#helpers.leaveRoom(room)
    this.#dialScheduler.dropRoom(room)
    this.#gossip.leave(topic)
  }

  publish(topic: string, payload: Uint8Array): void {
    this.#gossip.publish(topic, payload)
  }

  requestSync(room: RoomId, peer: PeerKey): void {
    this.#sync.request(room, peer)
  }

  /** The connected peers that subscribe to a topic. */
  subscribers(topic: string): readonly PeerKey[] {
    return this.#gossip.subscribers(topic)
  }

  /** A member and its announced addresses. Invalid addresses are left out. */
  suggestAddresses(
    room: RoomId,
    peer: PeerKey,
    addresses: readonly string[],
    source: 'told' | 'remembered',
  ): void {
    this.#dialScheduler.addMember(room, peerIdOf(peer), addresses.flatMap(readAddress), source)
  }

  /** A member left for good. */
  drop(room: RoomId, peer: PeerKey): void {
    this.#dialScheduler.drop(room, peerIdOf(peer))
  }

  expel(peer: PeerKey, reason: string): void {
    const id = peerIdOf(peer)
    for (const room of this.#rooms) this.#dialScheduler.drop(room, id)
    this.#gater.expel(this.node, id, reason)
  }

  /** Lets published messages arrive, unregisters, then closes every connection. */
  async close(): Promise<void> {
    this.#dialScheduler[Symbol.dispose]()
    await Promise.all([this.#allReceived(), this.#helpers.stop()])
    this.#connectionManager[Symbol.dispose]()
    this.#heartbeat[Symbol.dispose]()
    this.#strategy[Symbol.dispose]()
    await this.#sync.stop()
    await this.node.stop()
  }

  /**
   * Resolves when all partners have read what was sent so far, or didn't in time. Bytes that left this
   * process aren't safe: if the other side writes at that moment, closing resets the connection and its
   * unread bytes are lost. A ping returns after everything before it was read.
   */
  async #allReceived(): Promise<void> {
    const signal = AbortSignal.timeout(GOODBYE_MS)
    await this.#gossip.drained(signal).catch(() => {})
    const partners = this.node.getConnections().filter(({ remotePeer }) => !this.#helpers.has(remotePeer))
    await Promise.allSettled(partners.map(connection => pingConnection(connection, signal)))
  }

  /** The attempts to reach a peer, oldest first. */
  attemptsTo(peer: PeerKey): readonly DialAttempt[] {
    return this.#strategy.attemptsTo(peerIdOf(peer))
  }

  /** How others can reach this peer. */
  get ownReachability(): OwnReachability {
    const { state: reachability, observedHosts, relays, needsRelay, mappedPort } = this.#strategy.addressBook
    return {
      reachability,
      observedHosts,
      relays: needsRelay ? relays.length : 0,
      mappedPort,
    }
  }

  /** Helpers first: they report where we are now, and where others are. */
  #onNetworkChanged(): void {
    const hosts = interfaceAddresses()
    this.#helpers.networkChanged(hosts)
    const probed = this.#connectionManager.probeAll(hosts)
    this.#dialScheduler.retryAll()
    void probed.then(() => this.#dialScheduler.retrySoon())
  }

  /** Members registered before me are mine to dial; those who register later dial me. */
  #onMembers(room: RoomId, members: readonly PeerAddresses[], order: 'before' | 'after'): void {
    const source = order === 'before' ? 'listed' : 'announced'
    for (const { peerId, addresses } of members)
      this.#dialScheduler.addMember(room, peerId, addresses, source)
  }

  /** A parley peer on the local network. Whether it is in one of my rooms shows when it is connected. */
  #onDiscovered({
    id,
    multiaddrs,
  }: {
    id: PeerId
    multiaddrs: Parameters<DialScheduler['addMember']>[2]
  }): void {
    if (this.#helpers.has(id)) return
    for (const room of this.#rooms) this.#dialScheduler.addMember(room, id, multiaddrs, 'here')
  }

  /** libp2p's memory of departed peers is useless: the dial scheduler knows the members. */
  #forget(peer: PeerId): void {
    if (!this.#helpers.has(peer)) this.node.peerStore.delete(peer).catch(() => {})
  }

  #ownAddresses(): readonly string[] {
    return this.#strategy.addressBook.addresses().map(address => toHex(address.bytes))
  }
}

// The options and callbacks of a peer's network.

export interface NetworkOptions {
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly lan: 'on' | 'off'
  readonly helpers: readonly HelperTarget[]
  readonly network: NetworkConfig
}

export interface NetworkDeps {
  readonly privateKey: Ed25519PrivateKey
  readonly logger: Logger
  readonly onPayload: (topic: string, from: PeerKey, payload: Uint8Array) => Verdict
  readonly onSubscribed: (topic: string, peer: PeerKey) => void
  readonly onUnsubscribed: (topic: string, peer: PeerKey) => void
  /** The first connection to a peer is up. */
  readonly onUp: (peer: PeerKey) => void
  readonly onDown: (peer: PeerKey) => void
  /** A peer's path changed, or an attempt to reach it failed. */
  readonly onPath: (peer: PeerKey) => void
  /** The addresses to announce: multiaddrs in binary form, hex. */
  readonly onAddresses: (addresses: readonly string[]) => void
  readonly onHelper: (event: HelperEvent) => void
  readonly syncRoom: (room: RoomId) => SyncRoom | undefined
}
