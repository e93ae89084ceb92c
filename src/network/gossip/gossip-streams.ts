/**
 * Gossipsub's streams. Gossipsub keeps one in each direction with a peer and never checks them again. This
 * part moves them from one connection to another without a gap, and sends the own subscriptions again to a
 * peer that restarted: gossipsub sends them only on a new stream of its own.
 */
import type { Connection, Libp2p, PeerId, Stream, Topology } from '@libp2p/interface'
import { PUNCH_PROTOCOL } from '../../protocol/hole-punching.ts'
import { RENDEZVOUS_PROTOCOL } from '../../protocol/rendezvous.ts'
import type { GossipService } from './gossip.ts'
import { GOSSIP_PREFIX } from './gossip.ts'

/** The version that every parley peer speaks; the library registers the same topology for each version. */
export const GOSSIP_PROTOCOL = `${GOSSIP_PREFIX}1.2.0`

/** How long closing a stream may take, milliseconds: queued data is sent first. */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * How long opening a stream may take, milliseconds. Gossipsub opens one after the other, so a connection on
 * which nobody answers delays all others.
 */
const OPEN_TIMEOUT_MS = 5_000

/** Protocols with streams open all the time, which needn't be waited for. */
const IDLE_PROTOCOLS = ['/parley/beat/', '/ipfs/', PUNCH_PROTOCOL]

export class GossipStreams {
  readonly #pubsub: GossipsubInternals
  /** The stream on which each peer sends to us. */
  readonly #inbound = new Map<string, Stream>()

  constructor(pubsub: GossipService) {
    this.#pubsub = pubsub as unknown as GossipsubInternals
    this.#tolerateReplaced()
  }

  /**
   * Gossipsub drops a peer and all its streams when reading one of them fails, even if that is an old one on
   * a connection that was closed in favour of a better one. With this, an old stream just ends.
   */
  #tolerateReplaced(): void {
    const pubsub = this.#pubsub
    const read = pubsub.pipePeerReadStream
    pubsub.pipePeerReadStream = (peer, source) => {
      const isReplaced = (): boolean => {
        const current = pubsub.streamsInbound.get(peer.toString())
        return current !== undefined && current.source !== source
      }
      return read.call(pubsub, peer, untilEnd(source, isReplaced))
    }
  }

  forget(peer: PeerId): void {
    this.#inbound.delete(peer.toString())
  }

  /** Sends the own subscriptions again to a peer that uses a new stream: it may have forgotten them. */
  resendSubscriptions(peer: PeerId, connections: readonly Connection[]): void {
    const id = peer.toString()
    const latest = connections
      .flatMap(({ streams }) => streams)
      .filter(stream => isGossip(stream) && stream.direction === 'inbound')
      .toSorted((a, b) => b.timeline.open - a.timeline.open)[0]
    const before = this.#inbound.get(id)
    if (latest === undefined || latest === before) return
    this.#inbound.set(id, latest)
    if (before === undefined || !this.#pubsub.streamsOutbound.has(id)) return
    this.#pubsub.sendSubscriptions(id, this.#pubsub.getTopics(), true)
  }

  /** Makes gossipsub open its stream to a peer on this connection. It does so only if it knows of none. */
  open(peer: PeerId, on: Connection, topologies: readonly Topology[]): void {
    this.#notifyTopology(peer, on, topologies, () => {})
  }

  /**
   * Makes gossipsub open its stream on another connection. It does so only while it knows of none, so the old
   * stream is hidden from it until it has looked; until the new one is open, messages go out on the old one.
   */
  move(peer: PeerId, to: Connection, topologies: readonly Topology[]): void {
    const id = peer.toString()
    const { streamsOutbound } = this.#pubsub
    const old = streamsOutbound.get(id)
    streamsOutbound.delete(id)
    this.#notifyTopology(peer, to, topologies, () => {
      if (old !== undefined && !streamsOutbound.has(id)) streamsOutbound.set(id, old)
    })
  }

  #notifyTopology(peer: PeerId, to: Connection, topologies: readonly Topology[], onLooked: () => void): void {
    const newStream = (...[protocol, options]: Parameters<Connection['newStream']>): Promise<Stream> => {
      onLooked()
      return to.newStream(protocol, { ...options, signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) })
    }
    const carrier: Connection = Object.create(to, { newStream: { value: newStream } })
    for (const topology of topologies) topology.onConnect?.(peer, carrier)
  }

  /** Closes our gossip streams on connections that are given up; queued data still arrives. */
  closeOn(connections: readonly Connection[]): void {
    for (const stream of connections.flatMap(({ streams }) => streams)) {
      const isOurs = isGossip(stream) && stream.direction === 'outbound'
      if (!isOurs || stream.writeStatus !== 'writable') continue
      const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS)
      stream.close({ signal }).catch((error: Error) => stream.abort(error))
    }
  }

  /**
   * Closes our only stream to a peer if the other side has closed its end, where it hears nothing any more
   * and gossipsub doesn't notice. A new one follows. Of several streams, both sides give up the old ones, and
   * queued data arrives.
   */
  closeHalfClosed(connections: readonly Connection[]): void {
    const ours = connections
      .flatMap(({ streams }) => streams)
      .filter(stream => isGossip(stream) && stream.direction === 'outbound')
    const [only, ...others] = ours
    const isAbandoned = only?.remoteWriteStatus === 'closed' && others.length === 0
    if (isAbandoned) only.abort(new Error('the other side has left it'))
  }

  /** True while streams are in progress on a connection. */
  isBusy({ streams }: Connection): boolean {
    return streams.some(({ protocol }) => !IDLE_PROTOCOLS.some(idle => protocol.startsWith(idle)))
  }
}

/** What gossipsub has beyond its interface: its streams by peer id, and its handler for a new one. */
interface GossipsubInternals {
  readonly streamsOutbound: Map<string, unknown>
  readonly streamsInbound: ReadonlyMap<string, { readonly source: AsyncIterable<unknown> }>
  pipePeerReadStream(peer: PeerId, source: AsyncIterable<unknown>): Promise<void>
  getTopics(): string[]
  sendSubscriptions(peer: string, topics: readonly string[], subscribe: boolean): void
}

/** The items of a source, ignoring a failure once nobody needs it any more. */
async function* untilEnd(source: AsyncIterable<unknown>, isOver: () => boolean): AsyncGenerator<unknown> {
  try {
    yield* source
  } catch (cause) {
    if (!isOver()) throw cause
  }
}

/** True if our gossip uses a connection. */
export function hasGossip(connection: Connection): boolean {
  return connection.streams.some(stream => isGossip(stream) && stream.direction === 'outbound')
}

/**
 * True unless a peer is known to be a helper, which speaks no gossip. The peer's protocol list isn't
 * consulted: the library learns it late and may have forgotten it.
 */
export async function maySpeakGossip(node: Libp2p, peer: PeerId): Promise<boolean> {
  const known = await node.peerStore.get(peer).catch(() => undefined)
  return known?.protocols.includes(RENDEZVOUS_PROTOCOL) !== true
}

function isGossip({ protocol }: Stream): boolean {
  return protocol.startsWith(GOSSIP_PREFIX)
}
