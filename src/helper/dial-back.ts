/**
 * The dial-back: tells peers whether this helper can dial them. It dials only the address from which the
 * request came, only ports that the request names, rarely, and reports `reached` only if the peer itself
 * answers there with its key: so nobody can use it for scanning or for flooding others.
 */
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../common/logger.ts'
import type { RateConfig } from '../common/rate-limit.ts'
import { RateTable } from '../common/rate-limit.ts'
import { sourceOf } from '../network/connections/connection-gater.ts'
import { deadline } from '../network/deadline.ts'
import type { Internals } from '../network/libp2p-internals.ts'
import { lengthPrefixed } from '../network/streams/length-prefixed.ts'
import {
  atPort,
  familyOf,
  hostOf,
  isLocal,
  isRelayed,
  portOf,
  withoutPeer,
  withoutZone,
} from '../protocol/multiaddr.ts'
import type { ReachOutcome, Tried } from '../protocol/reachability.ts'
import {
  encodeSeen,
  encodeTried,
  MAX_OTHER_FAMILY,
  MAX_PORTS,
  MAX_REACH_BYTES,
  REACH_PROTOCOL,
  readAsk,
} from '../protocol/reachability.ts'

/** Requests of one address that lead to dials: a household that comes home at once fits. */
const SOURCE_RATE: RateConfig = { perSecond: 1 / 5, burst: 16 }
const SOURCES = 4_096
/** Dials at a time: each is a socket for at most `DIAL_MS`. */
const MAX_DIALS = 64
/** One dial: TCP retransmits a lost first packet after a second, and a handshake takes two round trips. */
const DIAL_MS = 3_000
/** To close politely after the peer was reached. */
const HANG_UP_MS = 250
/** The whole exchange. */
const EXCHANGE_MS = 10_000

export interface DialBackDeps {
  readonly node: Libp2p<{ internals: Internals }>
  readonly logger: Logger
}

export class DialBack implements Disposable {
  readonly #deps: DialBackDeps
  readonly #sources = new RateTable<string>(SOURCE_RATE, SOURCES)
  readonly #stop = new AbortController()
  #dials = 0

  constructor(deps: DialBackDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    const options = { maxInboundStreams: 1, maxOutboundStreams: 1 }
    await this.#deps.node.handle(
      REACH_PROTOCOL,
      (stream, connection) => this.#onStream(stream, connection),
      options,
    )
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error('the helper ends'))
  }

  async #onStream(stream: Stream, connection: Connection): Promise<void> {
    const signal = deadline(EXCHANGE_MS, this.#stop.signal)
    try {
      await this.#answer(stream, connection, signal)
      await stream.close({ signal })
    } catch (cause) {
      stream.abort(cause instanceof Error ? cause : new Error('could not answer', { cause }))
    }
  }

  async #answer(stream: Stream, connection: Connection, signal: AbortSignal): Promise<void> {
    const wire = lengthPrefixed(stream, MAX_REACH_BYTES)
    const ports = readAsk((await wire.read({ signal })).subarray())
    if (ports === undefined) throw new Error('no question')
    const observed = withoutPeer(connection.remoteAddr)
    const [otherPorts, otherFamily] = [this.#otherPorts(connection), this.#otherAddresses(connection)]
    // a zone is valid on this machine only
    const seen = { observed: withoutZone(observed), time: Date.now(), otherPorts, otherFamily }
    await wire.write(encodeSeen(seen), { signal })
    const tried = await this.#try(connection.remotePeer, observed, ports, signal)
    await wire.write(encodeTried(tried), { signal })
  }

  async #try(
    peer: PeerId,
    observed: Multiaddr,
    ports: readonly number[],
    signal: AbortSignal,
  ): Promise<Tried> {
    const isFull = this.#dials + ports.length > MAX_DIALS
    if (hostOf(observed) === undefined || ports.length === 0 || isFull) return new Map()
    if (!this.#sources.take(sourceOf(observed), performance.now())) return new Map()
    this.#dials += ports.length
    try {
      const outcomes = await Promise.all(
        ports.map(async port => [port, await this.#dial(peer, atPort(observed, port), signal)] as const),
      )
      return new Map(outcomes)
    } finally {
      this.#dials -= ports.length
    }
  }

  async #dial(peer: PeerId, place: Multiaddr, signal: AbortSignal): Promise<ReachOutcome> {
    const address = place.encapsulate(`/p2p/${peer}`)
    const startedAt = performance.now()
    try {
      const { internals } = this.#deps.node.services
      const connection = await internals.dial(address, { timeoutMs: DIAL_MS, signal })
      internals.preference.deprecate(connection)
      connection.close({ signal: AbortSignal.timeout(HANG_UP_MS) }).catch(error => connection.abort(error))
      return 'reached'
    } catch (cause) {
      this.#deps.logger.debug('a visitor is not reached', { address: address.toString(), cause })
      return performance.now() - startedAt < DIAL_MS ? 'refused' : 'silent'
    }
  }

  /** This helper's other ports in the address family of the visitor. */
  #otherPorts({ remoteAddr }: Connection): readonly number[] {
    const kind = familyOf(remoteAddr)
    const all = this.#deps.node
      .getMultiaddrs()
      .filter(address => familyOf(address) === kind && !isRelayed(address))
      .flatMap(address => portOf(address) ?? [])
    return [...new Set(all)].slice(0, MAX_PORTS)
  }

  /** This helper's addresses in the other family. */
  #otherAddresses({ remoteAddr }: Connection): readonly Multiaddr[] {
    const { node } = this.#deps
    const other = familyOf(remoteAddr) === 'ip6' ? 'ip4' : 'ip6'
    const all = [...node.getMultiaddrs(), ...node.services.internals.listening()]
    const usable = all.filter(
      address => familyOf(address) === other && portOf(address) !== undefined && !isLocal(address),
    )
    const unique = new Map(usable.map(withoutPeer).map(address => [address.toString(), address]))
    return [...unique.values()].slice(0, MAX_OTHER_FAMILY)
  }
}
