/**
 * The links to other peers: at least one connection each, and never two for long. libp2p keeps every connection
 * that comes up, and gossipsub keeps its stream on the one it saw first and opens no other when that one closes;
 * so this part closes surplus connections by a rule that both ends share, moves gossip to the better connection before
 * the worse one goes, and has it begin again where it is left without a stream.
 */
import type { Connection, Libp2p, PeerId, Topology } from '@libp2p/interface'
import type { PeerKey } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import { deadline } from './deadline.ts'
import type { GossipStreams } from './gossip-streams.ts'
import { GOSSIP_PROTOCOL, gossipProtocolOf, hasGossip } from './gossip-streams.ts'
import { peerKeyOf } from './peer-key.ts'
import { pingOver } from './ping.ts'

/** Both ends need a moment to see both connections before they can agree on one. */
const SETTLE_MS = 1_000
/** How often links are looked at: streams may end without their connection, and what moves takes a moment. */
const LOOK_INTERVAL_MS = 1_000
/** How long closing a surplus connection may take before it is cut. */
const CLOSE_TIMEOUT_MS = 2_000
/** Two connections that come up within this are of two dials at the same time. */
const CROSSING_MS = 3_000
/** How long an old connection may take to answer when a new one comes. */
const DOUBT_MS = 1_500
/** How long a peer may take to answer when the network has changed. A good one answers in a tenth of it. */
const PROBE_MS = 2_500
/** How long a relayed connection may stay open beside a direct one, for what is under way on it. */
const LINGER_MS = 15_000

export interface LinksDeps {
  readonly node: Libp2p
  readonly streams: GossipStreams
  /** Gossipsub's registered topologies: see registrar.ts. */
  readonly topologies: (protocol: string) => readonly Topology[]
  readonly logger: Logger
  /** The last connection to a peer is gone. */
  readonly onDown: (key: PeerKey, peer: PeerId) => void
  /** Helpers speak no gossip, and whoever keeps the link to one decides about its connections. */
  readonly isHelper: (peer: PeerId) => boolean
  /** A peer is now reached directly and not by a relay any more, or the other way round. */
  readonly onPath: (key: PeerKey) => void
}

export class Links implements Disposable {
  readonly #deps: LinksDeps
  readonly #stop = new AbortController()
  /** Peers that are connected in both ways, and since when. */
  readonly #both = new Map<string, number>()

  constructor(deps: LinksDeps) {
    this.#deps = deps
    const { node } = deps
    const { signal } = this.#stop
    const on = <Detail>(name: string, act: (detail: Detail) => void): void => {
      const listener = (event: Event): void => act((event as CustomEvent<Detail>).detail)
      node.addEventListener(name as 'peer:connect', listener, { signal })
    }
    on<PeerId>('peer:disconnect', peer => this.#onDisconnect(peer))
    on<Connection>('connection:open', connection => this.#onOpen(connection))
    on<Connection>('connection:close', connection => this.#onClose(connection))
    const timer = setInterval(() => this.#lookAtAll(), LOOK_INTERVAL_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }

  /** The network has changed: cuts the connections that lead nowhere any more. Resolves when that is known of each. */
  async probe(): Promise<void> {
    const open = this.#deps.node.getConnections().filter(({ remotePeer }) => !this.#deps.isHelper(remotePeer))
    const signal = deadline(PROBE_MS, this.#stop.signal)
    const cut = (connection: Connection): void => {
      if (!this.#stop.signal.aborted) connection.abort(new Error('no answer after the network has changed'))
    }
    await Promise.all(open.map(connection => pingOver(connection, signal).catch(() => cut(connection))))
  }

  #onDisconnect(peer: PeerId): void {
    this.#both.delete(peer.toString())
    this.#deps.streams.forget(peer)
    const key = peerKeyOf(peer)
    if (key !== undefined) this.#deps.onDown(key, peer)
  }

  /** At once: gossipsub itself waits until the other side has told its protocols, two more round trips. */
  #beginGossip(peer: PeerId): void {
    const [connection, ...others] = this.#openTo(peer)
    if (connection === undefined || others.length > 0) return
    for (const topology of this.#deps.topologies(GOSSIP_PROTOCOL)) topology.onConnect?.(peer, connection)
  }

  #onOpen(connection: Connection): void {
    const { remotePeer, direct } = connection
    if (this.#deps.isHelper(remotePeer)) return
    const others = this.#openTo(remotePeer).filter(other => other.direct !== direct)
    if (others.length > 0 && direct) this.#tellPath(remotePeer)
    this.#beginGossip(remotePeer)
    if (this.#deps.node.getConnections(remotePeer).length < 2) return
    this.#doubt(connection)
    // no listener for the end: each of a stranger's connections would leave one
    setTimeout(() => {
      if (!this.#stop.signal.aborted) this.#settle(remotePeer)
    }, SETTLE_MS).unref()
  }

  #onClose({ remotePeer, direct }: Connection): void {
    const left = this.#openTo(remotePeer)
    if (direct && left.length > 0 && left.every(other => !other.direct)) this.#tellPath(remotePeer)
    void this.#repair(remotePeer)
  }

  #tellPath(peer: PeerId): void {
    const key = peerKeyOf(peer)
    if (key !== undefined) this.#deps.onPath(key)
  }

  /** Of several connections of one kind, the side with the smaller peer id closes all but one. */
  #settle(peer: PeerId): void {
    this.#look(peer)
    const self = this.#deps.node.peerId.toString()
    if (self > peer.toString()) return
    for (const kind of ['direct', 'relayed']) {
      const alike = this.#openTo(peer).filter(({ direct }) => direct === (kind === 'direct'))
      const [oldest, ...others] = alike
      const newest = alike.at(-1)
      const isReplaced = oldest && newest && isOlder(oldest, newest)
      for (const surplus of isReplaced ? alike.slice(0, -1) : others) close(surplus)
    }
  }

  /** Who dials though there is a connection has lost it: unless it answers at once, it is dead here, too. */
  #doubt(newest: Connection): void {
    const signal = deadline(DOUBT_MS, this.#stop.signal)
    for (const other of this.#openTo(newest.remotePeer)) {
      if (other.direct !== newest.direct || !isOlder(other, newest)) continue
      pingOver(other, signal).catch(() => {
        if (!this.#stop.signal.aborted) other.abort(new Error('it was replaced'))
      })
    }
  }

  #lookAtAll(): void {
    for (const peer of this.#deps.node.getPeers()) if (!this.#deps.isHelper(peer)) this.#look(peer)
  }

  #look(peer: PeerId): void {
    const connections = this.#deps.node.getConnections(peer)
    this.#deps.streams.endAbandoned(connections)
    this.#deps.streams.greet(peer, connections)
    void this.#repair(peer)
    const open = this.#openTo(peer)
    const [best, ...others] = open
    const relayed = others.filter(({ direct }) => !direct)
    if (best?.direct && relayed.length > 0) this.#leaveRelay(peer, best, relayed)
    else this.#both.delete(peer.toString())
  }

  /** First gossip goes over to the direct connection, then both sides wait for what is under way, then one closes. */
  #leaveRelay(peer: PeerId, best: Connection, relayed: readonly Connection[]): void {
    const { node, streams } = this.#deps
    const since = this.#both.get(peer.toString()) ?? performance.now()
    this.#both.set(peer.toString(), since)
    if (!hasGossip(best)) void this.#move(peer, best)
    else streams.closeOn(relayed)
    const isOver = performance.now() - since > LINGER_MS
    const isMine = node.peerId.toString() < peer.toString()
    const isQuiet = relayed.every(connection => !streams.isBusy(connection))
    if (isOver || (isMine && isQuiet && hasGossip(best))) for (const connection of relayed) close(connection)
  }

  async #move(peer: PeerId, best: Connection): Promise<void> {
    const protocol = await gossipProtocolOf(this.#deps.node, peer)
    if (protocol === undefined || this.#stop.signal.aborted || hasGossip(best)) return
    this.#deps.logger.debug('gossip moves to a direct connection', { peer: peer.toString() })
    this.#deps.streams.move(peer, best, this.#deps.topologies(protocol))
  }

  /** Lets gossipsub open its stream if it has none to a peer that speaks its protocol. */
  async #repair(peer: PeerId): Promise<void> {
    if (this.#openTo(peer).length === 0 || this.#openTo(peer).some(hasGossip)) return
    const protocol = await gossipProtocolOf(this.#deps.node, peer)
    const [connection] = this.#openTo(peer)
    if (protocol === undefined || connection === undefined || this.#stop.signal.aborted) return
    this.#deps.logger.debug('gossip begins again', { peer: peer.toString() })
    for (const topology of this.#deps.topologies(protocol)) topology.onConnect?.(peer, connection)
  }

  /** Open connections, the best first. */
  #openTo(peer: PeerId): readonly Connection[] {
    return openConnections(this.#deps.node, peer)
  }
}

/** The open connections to a peer: direct ones before those through a relay, then the oldest. */
export function openConnections(node: Libp2p, peer: PeerId): readonly Connection[] {
  return node
    .getConnections(peer)
    .filter(connection => connection.status === 'open')
    .toSorted((a, b) => Number(b.direct) - Number(a.direct) || a.timeline.open - b.timeline.open)
}

/** True if a connection was there before another one, and not just because both sides dialled at the same time. */
function isOlder(connection: Connection, than: Connection): boolean {
  return than.timeline.open - connection.timeline.open > CROSSING_MS
}

function close(connection: Connection): void {
  const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS)
  connection.close({ signal }).catch((error: Error) => connection.abort(error))
}
