/**
 * The hole puncher: turns relayed connections between two NATs into direct ones, by DCUtR. The side that was
 * dialled over the relay starts; both send their outside addresses, measure the round trip, and dial at the
 * same moment (simultaneous-open.ts). It needs the mappings that the reachability client found out.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../common/logger.ts'
import type { RateConfig } from '../../common/rate-limit.ts'
import { RateTable } from '../../common/rate-limit.ts'
import type { PunchMessage } from '../../protocol/hole-punching.ts'
import { decodePunch, encodePunch, MAX_PUNCH_BYTES, PUNCH_PROTOCOL } from '../../protocol/hole-punching.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { familyOf, isBareHost, isLocal, isRelayed, relayOf, withoutPeer } from '../../protocol/multiaddr.ts'
import { openConnections } from '../connections/connection-preference.ts'
import type { DialHistory } from '../connections/dialer.ts'
import { reasonOf } from '../connections/dialer.ts'
import { deadline } from '../deadline.ts'
import type { HandshakeRole } from '../libp2p-internals.ts'
import type { PeerNode } from '../node.ts'
import { peerKeyOf } from '../peer-id.ts'
import { lengthPrefixed } from '../streams/length-prefixed.ts'
import type { AddressBook } from './address-book.ts'
import type { PunchEndpoints } from './simultaneous-open.ts'
import { openPunchEndpoints, simultaneousOpen } from './simultaneous-open.ts'

/** For the negotiation, over a distant relay. */
const NEGOTIATION_MS = 8_000
/**
 * Pauses before further attempts: short at first, since one can fail by chance; later the network may have
 * changed.
 */
const PAUSES_MS = [500, 2_000, 10_000, 60_000, 300_000]

export interface HolePuncherDeps {
  readonly node: PeerNode
  readonly addressBook: AddressBook
  readonly history: DialHistory
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  /** An attempt with this peer failed; the dial history says why. */
  readonly onFailed: (peer: PeerKey) => void
}

/** How many addresses of the other side are dialled: so it can't make us dial strangers. */
const MAX_DIALLED = 4
/** How often one peer may ask for it, and how many peers are remembered for that. */
const REQUEST_RATE: RateConfig = { perSecond: 0.2, burst: 6 }
const REQUESTERS = 512

type Wire = ReturnType<typeof lengthPrefixed>

export class HolePuncher implements Disposable {
  readonly #deps: HolePuncherDeps
  readonly #stop = new AbortController()
  /** Peers that are being dialled at this moment. */
  readonly #punching = new Set<string>()
  readonly #retrying = new WeakSet<Connection>()
  readonly #requesters = new RateTable<string>(REQUEST_RATE, REQUESTERS)
  #wake = new AbortController()

  constructor(deps: HolePuncherDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    const { node } = this.#deps
    const options = { maxInboundStreams: 1, maxOutboundStreams: 1, runOnLimitedConnection: true }
    await node.handle(PUNCH_PROTOCOL, (stream, connection) => this.#onStream(stream, connection), options)
    const { signal } = this.#stop
    node.addEventListener('connection:open', ({ detail }) => void this.#watch(detail), { signal })
    node.addEventListener('connection:close', ({ detail }) => this.#resume(detail), { signal })
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error('the program ends'))
  }

  /** The network changed: what failed may work now. */
  retryAll(): void {
    this.#wake.abort()
    this.#wake = new AbortController()
  }

  /** If a direct connection ends before the relayed one was closed, the relayed one is the only one again. */
  #resume({ direct, remotePeer }: Connection): void {
    if (direct) for (const left of openConnections(this.#deps.node, remotePeer)) void this.#watch(left)
  }

  /** Retries while the relayed connection is the only one. */
  async #watch(connection: Connection): Promise<void> {
    if (connection.direct || connection.direction !== 'inbound' || this.#retrying.has(connection)) return
    this.#retrying.add(connection)
    for (let tries = 0; this.#isNeeded(connection); tries++) {
      if (tries > 0) await this.#pause(PAUSES_MS[tries - 1] ?? PAUSES_MS.at(-1) ?? 0)
      if (this.#isNeeded(connection)) await this.#initiate(connection)
    }
    this.#retrying.delete(connection)
  }

  #isNeeded({ status, remotePeer }: Connection): boolean {
    const connections = openConnections(this.#deps.node, remotePeer)
    return status === 'open' && !this.#stop.signal.aborted && !connections.some(({ direct }) => direct)
  }

  async #pause(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal])
    const jittered = ms * (0.75 + this.#deps.random() / 2)
    await pause(jittered, undefined, { signal, ref: false }).catch(() => {})
  }

  /** The side that was dialled over the relay: B in the specification. */
  async #initiate(connection: Connection): Promise<void> {
    if (this.#punching.has(connection.remotePeer.toString())) return
    const signal = deadline(NEGOTIATION_MS, this.#stop.signal)
    let stream: Stream | undefined
    try {
      stream = await connection.newStream(PUNCH_PROTOCOL, { signal, runOnLimitedConnection: true })
      const wire = lengthPrefixed(stream, MAX_PUNCH_BYTES)
      const doors = await this.#endpoints(connection, 'responder')
      const askedAt = performance.now()
      await sendMessage(wire, doors, signal)
      const { addresses } = await receiveMessage(wire, 'connect', signal)
      const roundTripMs = performance.now() - askedAt
      await wire.write(encodePunch({ kind: 'sync', addresses: [] }), { signal })
      await pause(roundTripMs / 2)
      await this.#punch(connection, addresses, doors, 'responder')
    } catch (cause) {
      stream?.abort(new Error('could not agree', { cause }))
      this.#failed(connection, performance.now(), cause)
    } finally {
      stream?.close({ signal: AbortSignal.timeout(NEGOTIATION_MS) }).catch(() => {})
    }
  }

  /** The side that dialled over the relay: A in the specification. */
  async #onStream(stream: Stream, connection: Connection): Promise<void> {
    const signal = deadline(NEGOTIATION_MS, this.#stop.signal)
    try {
      if (connection.direct) throw new Error('this connection is direct')
      const id = connection.remotePeer.toString()
      if (this.#punching.has(id)) throw new Error('it is under way')
      if (!this.#requesters.take(id, performance.now())) throw new Error('the other side asks too often')
      const wire = lengthPrefixed(stream, MAX_PUNCH_BYTES)
      const { addresses } = await receiveMessage(wire, 'connect', signal)
      const doors = await this.#endpoints(connection, 'initiator')
      await sendMessage(wire, doors, signal)
      await receiveMessage(wire, 'sync', signal)
      stream.close({ signal }).catch(() => {})
      await this.#punch(connection, addresses, doors, 'initiator')
    } catch (cause) {
      stream.abort(new Error('could not agree', { cause }))
      this.#failed(connection, performance.now(), cause)
    }
  }

  #endpoints(connection: Connection, role: HandshakeRole): Promise<PunchEndpoints> {
    return openPunchEndpoints(this.#deps.addressBook, relayOf(connection.remoteAddr), role)
  }

  async #punch(
    connection: Connection,
    theirs: readonly Multiaddr[],
    { from }: PunchEndpoints,
    role: HandshakeRole,
  ): Promise<void> {
    const { node, random, history } = this.#deps
    const { remotePeer: peer } = connection
    const id = peer.toString()
    const addresses = theirs.filter(address => this.#isWorthDialling(address, from)).slice(0, MAX_DIALLED)
    if (addresses.length === 0) throw new Error('the other side does not know its outside address')
    const startedAt = performance.now()
    this.#punching.add(id)
    try {
      const options = { peer, addresses, from, role, random, signal: this.#stop.signal }
      const { remoteAddr } = await simultaneousOpen(node.services.internals, options)
      const tookMs = Math.round(performance.now() - startedAt)
      const address = withoutPeer(remoteAddr).toString()
      history.add(peer, { path: 'punch', outcome: 'connected', tookMs, address })
    } catch (cause) {
      this.#failed(connection, startedAt, cause, addresses[0])
    } finally {
      this.#punching.delete(id)
    }
  }

  /** Local addresses only if helpers see this peer at one, too. */
  #isWorthDialling(address: Multiaddr, from: PunchEndpoints['from']): boolean {
    const kind = familyOf(address)
    if (kind === undefined || isRelayed(address) || isBareHost(address)) return false
    if (from[kind] === undefined) return false
    return !isLocal(address) || this.#deps.addressBook.isObservedLocally
  }

  #failed(connection: Connection, startedAt: number, cause: unknown, address?: Multiaddr): void {
    if (!this.#isNeeded(connection)) return
    const tookMs = Math.round(performance.now() - startedAt)
    const reason = reasonOf(cause)
    this.#deps.history.add(connection.remotePeer, {
      path: 'punch',
      outcome: 'failed',
      tookMs,
      address: address?.toString() ?? '',
      reason,
    })
    this.#deps.logger.debug('no hole was punched', { peer: connection.remotePeer.toString(), reason })
    const key = peerKeyOf(connection.remotePeer)
    if (key !== undefined) this.#deps.onFailed(key)
  }
}

async function sendMessage(wire: Wire, { announced }: PunchEndpoints, signal: AbortSignal): Promise<void> {
  await wire.write(encodePunch({ kind: 'connect', addresses: announced }), { signal })
}

async function receiveMessage(
  wire: Wire,
  kind: PunchMessage['kind'],
  signal: AbortSignal,
): Promise<PunchMessage> {
  const message = decodePunch((await wire.read({ signal })).subarray())
  if (message?.kind !== kind) throw new Error('the other side says something else')
  return message
}
