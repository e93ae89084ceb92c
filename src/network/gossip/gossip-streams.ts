/**
 * Gossipsub's streams, of which it keeps one each way with a peer and never looks after them again. Here they are moved
 * from one connection to another without a gap, and a peer that begins again is greeted: gossipsub tells its
 * subscriptions on a new stream of its own only.
 */
import type { Connection, Libp2p, PeerId, Stream, Topology } from '@libp2p/interface'
import { PUNCH_PROTOCOL } from '../../protocol/hole-punching.ts'
import { RENDEZVOUS_PROTOCOL } from '../../protocol/rendezvous.ts'
import type { GossipService } from './gossip.ts'
import { GOSSIP_PREFIX } from './gossip.ts'

/** The version that every parley peer speaks; the library registers the same topology for each. */
export const GOSSIP_PROTOCOL = `${GOSSIP_PREFIX}1.2.0`

/** How long closing a stream may take, milliseconds: what was given to it is sent first. */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * How long opening one may take, milliseconds. Gossipsub opens one after the other, so that a connection on which nothing
 * answers holds up everybody else.
 */
const OPEN_TIMEOUT_MS = 5_000

/** What is on a connection all the time, and needs no waiting for. */
const IDLE_PROTOCOLS = ['/parley/beat/', '/ipfs/', PUNCH_PROTOCOL]

export class GossipStreams {
  readonly #pubsub: Insides
  /** The stream on which each peer talks to us. */
  readonly #inbound = new Map<string, Stream>()

  constructor(pubsub: GossipService) {
    this.#pubsub = pubsub as unknown as Insides
    this.#forgiveReplaced()
  }

  /**
   * Gossipsub forgets a peer, and ends all its streams, when reading one that it opened fails; also when that is an old
   * one, on a connection that was cut because there is a better one. Here an old one just ends.
   */
  #forgiveReplaced(): void {
    const pubsub = this.#pubsub
    const read = pubsub.pipePeerReadStream
    pubsub.pipePeerReadStream = (peer, source) => {
      const isReplaced = (): boolean => {
        const current = pubsub.streamsInbound.get(peer.toString())
        return current !== undefined && current.source !== source
      }
      return read.call(pubsub, peer, until(source, isReplaced))
    }
  }

  forget(peer: PeerId): void {
    this.#inbound.delete(peer.toString())
  }

  /** Tells the own subscriptions again to a peer that talks on another stream than before: it may have forgotten them. */
  greet(peer: PeerId, connections: readonly Connection[]): void {
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

  /** Has gossipsub open its stream to a peer, on this connection. It does so only if it knows of none. */
  open(peer: PeerId, on: Connection, topologies: readonly Topology[]): void {
    this.#offer(peer, on, topologies, () => {})
  }

  /**
   * Has gossipsub open its stream on another connection. It does so only while it knows of none, so the old one is
   * hidden from it until it has looked; until the new one is there, what is published goes out on the old one.
   */
  move(peer: PeerId, to: Connection, topologies: readonly Topology[]): void {
    const id = peer.toString()
    const { streamsOutbound } = this.#pubsub
    const old = streamsOutbound.get(id)
    streamsOutbound.delete(id)
    this.#offer(peer, to, topologies, () => {
      if (old !== undefined && !streamsOutbound.has(id)) streamsOutbound.set(id, old)
    })
  }

  #offer(peer: PeerId, to: Connection, topologies: readonly Topology[], onLooked: () => void): void {
    const newStream = (...[protocol, options]: Parameters<Connection['newStream']>): Promise<Stream> => {
      onLooked()
      return to.newStream(protocol, { ...options, signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) })
    }
    const carrier: Connection = Object.create(to, { newStream: { value: newStream } })
    for (const topology of topologies) topology.onConnect?.(peer, carrier)
  }

  /** Ends our gossip on connections that are left: what was given to it still arrives. */
  closeOn(connections: readonly Connection[]): void {
    for (const stream of connections.flatMap(({ streams }) => streams)) {
      const isOurs = isGossip(stream) && stream.direction === 'outbound'
      if (!isOurs || stream.writeStatus !== 'writable') continue
      const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS)
      stream.close({ signal }).catch((error: Error) => stream.abort(error))
    }
  }

  /**
   * Ends our only stream to a peer if the other side has closed its end: it hears nothing more there, and gossipsub
   * notices nothing. Another one follows. Of several the old ones are left by both sides, and what is on them arrives.
   */
  endAbandoned(connections: readonly Connection[]): void {
    const ours = connections
      .flatMap(({ streams }) => streams)
      .filter(stream => isGossip(stream) && stream.direction === 'outbound')
    const [only, ...others] = ours
    const isAbandoned = only?.remoteWriteStatus === 'closed' && others.length === 0
    if (isAbandoned) only.abort(new Error('the other side has left it'))
  }

  /** True while something is under way on a connection. */
  isBusy({ streams }: Connection): boolean {
    return streams.some(({ protocol }) => !IDLE_PROTOCOLS.some(idle => protocol.startsWith(idle)))
  }
}

/** What gossipsub has beside its interface: its streams by peer id, and what it does for itself when it opens one. */
interface Insides {
  readonly streamsOutbound: Map<string, unknown>
  readonly streamsInbound: ReadonlyMap<string, { readonly source: AsyncIterable<unknown> }>
  pipePeerReadStream(peer: PeerId, source: AsyncIterable<unknown>): Promise<void>
  getTopics(): string[]
  sendSubscriptions(peer: string, topics: readonly string[], subscribe: boolean): void
}

/** What comes from a source, which may fail when nobody needs it any more. */
async function* until(source: AsyncIterable<unknown>, isOver: () => boolean): AsyncGenerator<unknown> {
  try {
    yield* source
  } catch (cause) {
    if (!isOver()) throw cause
  }
}

/** True if gossip goes out on a connection. */
export function hasGossip(connection: Connection): boolean {
  return connection.streams.some(stream => isGossip(stream) && stream.direction === 'outbound')
}

/**
 * True unless a peer is known for a helper, which speaks none. What a peer speaks otherwise isn't asked for: the library
 * learns it late, and may have forgotten it.
 */
export async function maySpeakGossip(node: Libp2p, peer: PeerId): Promise<boolean> {
  const known = await node.peerStore.get(peer).catch(() => undefined)
  return known?.protocols.includes(RENDEZVOUS_PROTOCOL) !== true
}

function isGossip({ protocol }: Stream): boolean {
  return protocol.startsWith(GOSSIP_PREFIX)
}
