/**
 * The connection manager: keeps at least one connection to each peer, and never two for long. libp2p keeps
 * every connection that comes up; gossipsub keeps its stream on the first one and opens no other when that
 * closes. So this part closes surplus connections by a rule that both ends share, moves gossip to the better
 * connection first, and restarts gossip on a connection that has no stream.
 */
import type { Connection, Libp2p, PeerId, Topology } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { deadline } from '../deadline.ts'
import type { GossipStreams } from '../gossip/gossip-streams.ts'
import { GOSSIP_PROTOCOL, hasGossip, maySpeakGossip } from '../gossip/gossip-streams.ts'
import type { Internals } from '../libp2p-internals.ts'
import { isAddressLost } from '../nat/interfaces.ts'
import { peerKeyOf } from '../peer-id.ts'
import { checkReplacedConnection, openConnections } from './connection-preference.ts'
import { closeIfSilent, pingConnection } from './ping.ts'

/** How often connections are checked: a stream may end without its connection, and moving takes a moment. */
const CHECK_INTERVAL_MS = 1_000
/** How long closing a surplus connection may take before it is aborted. */
const CLOSE_TIMEOUT_MS = 2_000
/** How long a peer may take to answer after a network change. A healthy one takes a tenth of it. */
const PROBE_MS = 2_500
/**
 * How long a peer may take to answer before gossip starts or moves; if it doesn't answer, the next check asks
 * again.
 */
const ANSWER_MS = 5_000
/** How long a surplus connection may stay open for streams in progress. */
const LINGER_MS = 15_000

export interface ConnectionManagerDeps {
  readonly node: Libp2p
  readonly streams: GossipStreams
  readonly internals: Pick<Internals, 'preference' | 'topologies'>
  readonly logger: Logger
  /** The first connection to a peer is up. */
  readonly onUp: (key: PeerKey, peer: PeerId) => void
  /** The last connection to a peer is closed. */
  readonly onDown: (key: PeerKey, peer: PeerId) => void
  /** Helpers speak no gossip, and their connections are managed by the helper connection. */
  readonly isHelper: (peer: PeerId) => boolean
  /** A peer's path changed between direct and relayed. */
  readonly onPath: (key: PeerKey) => void
}

export class ConnectionManager implements Disposable {
  readonly #deps: ConnectionManagerDeps
  readonly #stop = new AbortController()
  /** Peers with a surplus connection, and since when. */
  readonly #surplusSince = new Map<string, number>()
  /** Peers that are being asked for an answer before gossip starts or moves. */
  readonly #pinging = new Set<string>()

  constructor(deps: ConnectionManagerDeps) {
    this.#deps = deps
    const { node } = deps
    const { signal } = this.#stop
    const on = <Detail>(name: string, act: (detail: Detail) => void): void => {
      const listener = (event: Event): void => act((event as CustomEvent<Detail>).detail)
      node.addEventListener(name as 'peer:connect', listener, { signal })
    }
    on<PeerId>('peer:connect', peer => this.#onConnect(peer))
    on<PeerId>('peer:disconnect', peer => this.#onDisconnect(peer))
    on<Connection>('connection:open', connection => this.#onOpen(connection))
    on<Connection>('connection:close', connection => this.#onClose(connection))
    const timer = setInterval(() => this.#checkAll(), CHECK_INTERVAL_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }

  /**
   * The network changed: closes the connections that lead nowhere any more. Those bound to an address that
   * this machine lost are closed before this returns; it resolves when all others are checked.
   */
  async probeAll(ownHosts: readonly string[]): Promise<void> {
    const open = this.#deps.node.getConnections().filter(({ remotePeer }) => !this.#deps.isHelper(remotePeer))
    const lost = open.filter(connection => isAddressLost(connection, ownHosts))
    for (const connection of lost) connection.abort(new Error('its own address is gone'))
    const reason = 'no answer after the network has changed'
    const others = open.filter(connection => !lost.includes(connection))
    await Promise.all(
      others.map(connection => closeIfSilent(connection, PROBE_MS, reason, this.#stop.signal)),
    )
  }

  #onConnect(peer: PeerId): void {
    const key = peerKeyOf(peer)
    if (key !== undefined) this.#deps.onUp(key, peer)
  }

  #onDisconnect(peer: PeerId): void {
    this.#surplusSince.delete(peer.toString())
    this.#deps.streams.forget(peer)
    const key = peerKeyOf(peer)
    if (key !== undefined) this.#deps.onDown(key, peer)
  }

  #onOpen(connection: Connection): void {
    const { remotePeer, direct } = connection
    if (this.#deps.isHelper(remotePeer)) return
    const others = this.#openConnections(remotePeer).filter(other => other !== connection)
    if (direct && others.length > 0 && others.every(other => !other.direct)) this.#reportPath(remotePeer)
    // at once: gossipsub itself waits until the other side has sent its protocols, two more round trips
    if (others.length === 0) this.#deps.streams.open(remotePeer, connection, this.#topologies)
    else {
      checkReplacedConnection(connection, others, this.#deps.internals.preference, this.#stop.signal)
      this.#check(remotePeer)
    }
  }

  #onClose({ remotePeer, direct }: Connection): void {
    const left = this.#openConnections(remotePeer)
    if (direct && left.length > 0 && left.every(other => !other.direct)) this.#reportPath(remotePeer)
    void this.#restartGossip(remotePeer)
  }

  #reportPath(peer: PeerId): void {
    const key = peerKeyOf(peer)
    if (key !== undefined) this.#deps.onPath(key)
  }

  #checkAll(): void {
    for (const peer of this.#deps.node.getPeers()) if (!this.#deps.isHelper(peer)) this.#check(peer)
  }

  #check(peer: PeerId): void {
    const connections = this.#deps.node.getConnections(peer)
    this.#deps.streams.closeHalfClosed(connections)
    this.#deps.streams.resendSubscriptions(peer, connections)
    void this.#restartGossip(peer)
    const [best, ...others] = this.#openConnections(peer)
    if (best !== undefined && others.length > 0) this.#closeSurplus(peer, best, others)
    else this.#surplusSince.delete(peer.toString())
  }

  /**
   * First gossip moves to the best connection, then both sides finish streams in progress, then one side
   * closes.
   */
  #closeSurplus(peer: PeerId, best: Connection, others: readonly Connection[]): void {
    const { node, streams } = this.#deps
    const since = this.#surplusSince.get(peer.toString()) ?? performance.now()
    this.#surplusSince.set(peer.toString(), since)
    if (hasGossip(best)) streams.closeOn(others)
    else if (others.some(hasGossip)) void this.#move(peer, best)
    const isOver = performance.now() - since > LINGER_MS
    const isMine = node.peerId.toString() < peer.toString()
    const isQuiet = others.every(connection => !streams.isBusy(connection))
    if (isOver || (isMine && isQuiet && hasGossip(best))) for (const surplus of others) close(surplus)
  }

  async #move(peer: PeerId, best: Connection): Promise<void> {
    const { streams, logger } = this.#deps
    if (!(await this.#answersPing(peer, best)) || hasGossip(best)) return
    logger.debug('gossip moves to a better connection', { peer: peer.toString() })
    streams.move(peer, best, this.#topologies)
  }

  /** Makes gossipsub open its stream if it has none to a peer. */
  async #restartGossip(peer: PeerId): Promise<void> {
    const { node, streams, logger } = this.#deps
    const isFine = (): boolean =>
      this.#openConnections(peer).length === 0 || this.#openConnections(peer).some(hasGossip)
    if (isFine() || !(await maySpeakGossip(node, peer))) return
    const [connection] = this.#openConnections(peer)
    if (connection === undefined || !(await this.#answersPing(peer, connection)) || isFine()) return
    logger.debug('gossip begins again', { peer: peer.toString() })
    streams.open(peer, connection, this.#topologies)
  }

  /**
   * Gossipsub opens streams one after the other, and one that nobody answers would delay all. So ask first,
   * once at a time.
   */
  async #answersPing(peer: PeerId, connection: Connection): Promise<boolean> {
    const id = peer.toString()
    if (this.#pinging.has(id)) return false
    this.#pinging.add(id)
    try {
      await pingConnection(connection, deadline(ANSWER_MS, this.#stop.signal))
      return connection.status === 'open' && !this.#stop.signal.aborted
    } catch {
      return false
    } finally {
      this.#pinging.delete(id)
    }
  }

  /** Gossipsub's own. */
  get #topologies(): readonly Topology[] {
    return this.#deps.internals.topologies(GOSSIP_PROTOCOL)
  }

  /** Open connections, preferred first. */
  #openConnections(peer: PeerId): readonly Connection[] {
    return openConnections(this.#deps.node, peer)
  }
}

function close(connection: Connection): void {
  const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS)
  connection.close({ signal }).catch((error: Error) => connection.abort(error))
}
