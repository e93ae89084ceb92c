/**
 * The links to other peers: at least one connection each, and never two for long. libp2p keeps every connection
 * that comes up, and gossipsub keeps its stream on the one it saw first and opens no other when that one closes;
 * so this part closes surplus connections by a rule that both ends share, and has gossipsub begin again where it
 * is left without a stream.
 */
import type { Connection, Libp2p, PeerId, Topology } from '@libp2p/interface'
import type { PeerKey } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import { GOSSIP_PREFIX } from './gossip.ts'
import { peerKeyOf } from './peer-key.ts'

/** Both ends need a moment to see both connections before they can agree on one. */
const SETTLE_MS = 1_000
/** How often links without gossip are looked for: streams may end without their connection. */
const REPAIR_INTERVAL_MS = 1_000
/** How long closing a surplus connection may take before it is cut. */
const CLOSE_TIMEOUT_MS = 2_000

export interface LinksDeps {
  readonly node: Libp2p
  /** Gossipsub's registered topologies: see registrar.ts. */
  readonly topologies: (protocol: string) => readonly Topology[]
  readonly logger: Logger
  /** The last connection to a peer is gone. */
  readonly onDown: (key: PeerKey, peer: PeerId) => void
}

export class Links implements Disposable {
  readonly #deps: LinksDeps
  readonly #stop = new AbortController()

  constructor(deps: LinksDeps) {
    this.#deps = deps
    const { node } = deps
    const { signal } = this.#stop
    const on = <Detail>(name: string, act: (detail: Detail) => void): void => {
      const listener = (event: Event): void => act((event as CustomEvent<Detail>).detail)
      node.addEventListener(name as 'peer:connect', listener, { signal })
    }
    on<PeerId>('peer:disconnect', peer => this.#onDisconnect(peer))
    on<Connection>('connection:open', connection => this.#settleLater(connection.remotePeer))
    on<Connection>('connection:close', connection => void this.#repair(connection.remotePeer))
    const timer = setInterval(() => this.#repairAll(), REPAIR_INTERVAL_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }

  #onDisconnect(peer: PeerId): void {
    const key = peerKeyOf(peer)
    if (key !== undefined) this.#deps.onDown(key, peer)
  }

  #settleLater(peer: PeerId): void {
    if (this.#deps.node.getConnections(peer).length < 2) return
    const timer = setTimeout(() => this.#settle(peer), SETTLE_MS)
    this.#stop.signal.addEventListener('abort', () => clearTimeout(timer))
  }

  /** The side with the smaller peer id closes all but one. */
  #settle(peer: PeerId): void {
    const self = this.#deps.node.peerId.toString()
    if (self > peer.toString()) return
    const open = this.#deps.node.getConnections(peer).filter(connection => connection.status === 'open')
    const [, ...surplus] = open.sort(byPreference)
    for (const connection of surplus) {
      const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS)
      connection.close({ signal }).catch((error: Error) => connection.abort(error))
    }
  }

  #repairAll(): void {
    for (const peer of this.#deps.node.getPeers()) void this.#repair(peer)
  }

  /** Lets gossipsub open its stream if it has none to a peer that speaks its protocol. */
  async #repair(peer: PeerId): Promise<void> {
    const connections = this.#deps.node
      .getConnections(peer)
      .filter(connection => connection.status === 'open')
    if (connections.length === 0 || connections.some(hasGossip)) return
    const known = await this.#deps.node.peerStore.get(peer).catch(() => undefined)
    const protocol = known?.protocols.find(name => name.startsWith(GOSSIP_PREFIX))
    const [connection] = connections.sort(byPreference)
    if (protocol === undefined || connection === undefined || this.#stop.signal.aborted) return
    this.#deps.logger.debug('gossip begins again', { peer: peer.toString() })
    for (const topology of this.#deps.topologies(protocol)) topology.onConnect?.(peer, connection)
  }
}

/** Direct before limited, then the oldest. */
function byPreference(a: Connection, b: Connection): number {
  const direct = Number(a.limits !== undefined) - Number(b.limits !== undefined)
  return direct !== 0 ? direct : a.timeline.open - b.timeline.open
}

function hasGossip(connection: Connection): boolean {
  return connection.streams.some(
    stream => stream.direction === 'outbound' && stream.protocol.startsWith(GOSSIP_PREFIX),
  )
}
