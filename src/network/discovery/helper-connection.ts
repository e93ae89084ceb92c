/**
 * The connection to one helper: dials it, checks its key against the known one, keeps this peer registered
 * there for every open room, and reconnects for ever when it is lost. Rooms don't need it: a helper that is
 * down is reported once, and again when it is back.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, PeerId, PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../common/logger.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { roomNamespace } from '../../protocol/rendezvous.ts'
import { closeIfSilent } from '../connections/ping.ts'
import { fired } from '../deadline.ts'
import type { Internals } from '../libp2p-internals.ts'
import type { AddressBook } from '../nat/address-book.ts'
import { freeLocalPort, isAddressLost } from '../nat/interfaces.ts'
import { ReachabilityClient } from '../nat/reachability-client.ts'
import type { PeerNode } from '../node.ts'
import { parsePeerId } from '../peer-id.ts'
import type { HelperFailure } from './dial-failure.ts'
import { classifyError, errorCodes } from './dial-failure.ts'
import type { PeerAddresses } from './peer-record.ts'
import { keepRegistered } from './registration.ts'
import { probeRendezvous } from './rendezvous-client.ts'

export interface HelperConnectionConfig {
  readonly retryMinMs: number
  readonly retryMaxMs: number
  readonly dialTimeoutMs: number
}

/** How long a helper may take to answer after a network change before the connection counts as lost. */
const PROBE_MS = 2_500

export interface HelperConnectionDeps {
  readonly node: PeerNode
  readonly privateKey: PrivateKey
  readonly addressBook: AddressBook
  readonly random: () => number
  readonly logger: Logger
  readonly onEvent: (event: HelperEvent) => void
  /** Members of a room: those who registered `before` this peer, or `after` it. */
  readonly onMembers: (room: RoomId, members: readonly PeerAddresses[], order: 'before' | 'after') => void
}

export class HelperConnection {
  readonly #target: HelperTarget
  readonly #config: HelperConnectionConfig
  readonly #deps: HelperConnectionDeps
  readonly #report: HelperReport
  readonly #stop = new AbortController()
  readonly #rooms = new Map<RoomId, AbortController>()
  #peer: PeerId | undefined
  /** Whether `#peer` is final, or just the first node that answered, which may turn out to be no helper. */
  #isSettled: boolean
  #connected: AbortController | undefined
  #running: Promise<void> | undefined
  #reachability: ReachabilityClient | undefined
  #connection: Connection | undefined
  /** Ends the attempt in progress and the pause before the next one. */
  #wake = new AbortController()

  constructor(target: HelperTarget, config: HelperConnectionConfig, deps: HelperConnectionDeps) {
    this.#target = target
    this.#config = config
    this.#deps = deps
    this.#report = new HelperReport(target, deps.onEvent)
    this.#peer = target.expected === undefined ? undefined : parsePeerId(target.expected)
    this.#isSettled = this.#peer !== undefined
  }

  /** The helper's peer id, once known. */
  get peer(): PeerId | undefined {
    return this.#peer
  }

  get isConnected(): boolean {
    return this.#connection !== undefined
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Unregisters everywhere, then ends. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** The network changed: reconnects at once, or checks whether the connection still works. */
  networkChanged(ownHosts: readonly string[]): void {
    this.#wake.abort()
    const connection = this.#connection
    if (connection === undefined) return
    const reason = 'the helper does not answer any more'
    if (isAddressLost(connection, ownHosts)) connection.abort(new Error('its own address is gone'))
    else
      void closeIfSilent(connection, PROBE_MS, reason, this.#stop.signal).then(() =>
        this.#reachability?.askAgain(),
      )
  }

  /** Asks the helper again whether it can dial this peer. */
  askReachabilityAgain(): void {
    this.#reachability?.askAgain()
  }

  /** Registers this peer in the room from now on. */
  joinRoom(room: RoomId): void {
    const leaving = new AbortController()
    this.#rooms.set(room, leaving)
    const [connection, connected] = [this.#connection, this.#connected]
    if (connection !== undefined && connected !== undefined)
      void this.#register(room, leaving.signal, connection, connected)
  }

  leaveRoom(room: RoomId): void {
    this.#rooms.get(room)?.abort()
    this.#rooms.delete(room)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    for (let failures = 0; !signal.aborted; ) {
      this.#wake = new AbortController()
      const reached = await this.#connect()
      if (reached !== undefined) {
        const since = performance.now()
        await this.#serve(reached)
        // a helper that accepts everyone and keeps nobody must not be dialled in quick succession
        if (performance.now() - since >= this.#config.retryMaxMs) failures = 0
      }
      if (signal.aborted) return
      const either = AbortSignal.any([signal, this.#wake.signal])
      await pause(this.#backoff(failures++), undefined, { signal: either }).catch(() => {})
    }
  }

  async #connect(): Promise<DialledHelper | undefined> {
    try {
      const reached = await this.#dial()
      return this.#withExpectedKey(reached.connection) && reached
    } catch (cause) {
      if (this.#stop.signal.aborted || this.#wake.signal.aborted) return undefined
      this.#deps.logger.debug('a helper is not reached', { address: this.#target.text, cause })
      this.#report.unreached(classifyError(cause))
      return undefined
    }
  }

  /** Dials whoever answers there. The key is compared afterwards, so that a wrong one can be reported. */
  #dial(): Promise<DialledHelper> {
    const { node } = this.#deps
    const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal])
    return dialHelper(node.services.internals, this.#target.multiaddr, {
      timeoutMs: this.#config.dialTimeoutMs,
      signal,
    })
  }

  /**
   * Only the known key, or the first one seen, is a helper; any other node is disconnected before it is asked
   * anything.
   */
  #withExpectedKey(connection: Connection): Connection | undefined {
    const peer = connection.remotePeer
    this.#peer ??= peer
    if (peer.equals(this.#peer)) return connection
    connection.abort(new Error('not the helper that was expected'))
    this.#report.wrongKey(this.#peer.toString(), peer.toString())
    return undefined
  }

  /** Checks in parallel whether it is a helper; if not, disconnects. */
  async #checkIsHelper(
    connection: Connection,
    connected: AbortController,
  ): Promise<HelperFailure | undefined> {
    const trouble = await checkHelper(connection, this.#stop.signal)
    if (this.#stop.signal.aborted) return undefined
    if (trouble !== undefined) {
      connected.abort()
      return trouble
    }
    const peer = connection.remotePeer.toString()
    if (!this.#isSettled) this.#report.pinned(peer)
    this.#isSettled = true
    this.#report.connected(peer)
    return undefined
  }

  #reject(connection: Connection, trouble: HelperFailure): void {
    if (!this.#isSettled) this.#peer = undefined
    connection.close().catch(error => connection.abort(error))
    this.#deps.logger.debug('no helper answers', { address: this.#target.text, trouble })
    this.#report.unreached(trouble)
  }

  /** Keeps all rooms registered while the connection lives. */
  async #serve({ connection, localPort }: DialledHelper): Promise<void> {
    const connected = new AbortController()
    const end = (): void => connected.abort()
    connection.addEventListener('close', end, { once: true })
    this.#stop.signal.addEventListener('abort', end, { once: true })
    const confirmed = this.#checkIsHelper(connection, connected)
    this.#connection = connection
    preferConnection(this.#deps.node, connection)
    this.#reachability = new ReachabilityClient(this.#deps, connection, localPort, connected.signal)
    this.#reachability.start()
    this.#connected = connected
    const rooms = [...this.#rooms].map(([room, leaving]) =>
      this.#register(room, leaving.signal, connection, connected),
    )
    if (connection.status === 'open') await fired(connected.signal)
    connected.abort()
    this.#stop.signal.removeEventListener('abort', end)
    this.#connected = undefined
    this.#connection = undefined
    this.#reachability = undefined
    await Promise.all(rooms)
    const trouble = await confirmed
    if (this.#stop.signal.aborted) return
    if (trouble === undefined) this.#report.lost(connection.remotePeer.toString())
    else this.#reject(connection, trouble)
  }

  async #register(
    room: RoomId,
    leaving: AbortSignal,
    connection: Connection,
    connected: AbortController,
  ): Promise<void> {
    const { node, privateKey, logger, onMembers } = this.#deps
    const ended = await keepRegistered({
      node,
      privateKey,
      own: this.#deps.addressBook,
      connection,
      namespace: roomNamespace(room),
      onMembers: (members, order) => onMembers(room, members, order),
      signal: AbortSignal.any([leaving, connected.signal]),
      logger,
    })
    if (ended.kind === 'stopped') return
    logger.debug('no longer registered', { helper: connection.remotePeer.toString(), ended })
    connected.abort()
  }

  #backoff(failures: number): number {
    const { retryMinMs, retryMaxMs } = this.#config
    const full = Math.min(retryMaxMs, retryMinMs * 2 ** failures)
    return full * (0.5 + this.#deps.random() / 2)
  }
}

// The connections to all helpers as one: any of them suffices, and none knows of the others.

export class HelperConnections {
  readonly #connections: readonly HelperConnection[]

  constructor(targets: readonly HelperTarget[], config: HelperConnectionConfig, deps: HelperConnectionDeps) {
    this.#connections = targets.map(target => new HelperConnection(target, config, deps))
  }

  start(): void {
    for (const link of this.#connections) link.start()
  }

  /** Unregisters everywhere. */
  async stop(): Promise<void> {
    await Promise.all(this.#connections.map(link => link.stop()))
  }

  joinRoom(room: RoomId): void {
    for (const link of this.#connections) link.joinRoom(room)
  }

  leaveRoom(room: RoomId): void {
    for (const link of this.#connections) link.leaveRoom(room)
  }

  networkChanged(ownHosts: readonly string[]): void {
    for (const link of this.#connections) link.networkChanged(ownHosts)
  }

  /** Asks all of them again whether they can dial this peer. */
  askReachabilityAgain(): void {
    for (const link of this.#connections) link.askReachabilityAgain()
  }

  has(peer: PeerId): boolean {
    return this.#connections.some(link => link.peer?.equals(peer))
  }

  /** Strangers' relays (by peer id) are dialled when needed; own helpers are kept connected anyway. */
  isRelayReady(relay: string): boolean {
    const own = this.#connections.filter(link => link.peer?.toString() === relay)
    return own.length === 0 || own.some(link => link.isConnected)
  }
}

// The configured helpers, and the events about them.

/** Where a helper is and which key it should have. */
export interface HelperTarget {
  /** As the user wrote it. */
  readonly text: string
  /** The address to dial, without a peer id. */
  readonly multiaddr: string
  /** The peer id that the user gave, or that was pinned at first use. */
  readonly expected?: string
}

export type HelperEvent =
  | { readonly kind: 'connected'; readonly peer: string; readonly address: string }
  | { readonly kind: 'lost'; readonly peer: string; readonly address: string }
  /** Not reached in this session so far; attempts continue. */
  | { readonly kind: 'unreachable'; readonly target: HelperTarget; readonly trouble: HelperFailure }
  /** Another key answers than the expected one; it is not trusted. */
  | {
      readonly kind: 'wrong-key'
      readonly target: HelperTarget
      readonly expected: string
      readonly shown: string
    }
  /** First contact: from now on only this key is accepted. */
  | {
      readonly kind: 'pinned'
      readonly peer: string
      readonly address: string
      readonly target: HelperTarget
    }

// Dials a helper from a chosen local port. The port that the helper observes is then known to be this port's
// mapping, and other peers can be dialled from it. The name is looked up each time, so a helper that moved is
// found.

export interface HelperDialOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface DialledHelper {
  readonly connection: Connection
  /** Undefined if no port could be chosen: then only hole punching is impossible. */
  readonly localPort: number | undefined
}

/** System errors for a port that can't be used. */
const PORT_ERRORS = ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'EINVAL']

/** Rejects with a `DialError` when no libp2p node answers there, or with the signal's reason. */
export async function dialHelper(
  internals: Internals,
  address: string,
  options: HelperDialOptions,
): Promise<DialledHelper> {
  const to = multiaddr(address)
  const localPort = await freeLocalPort()
  if (localPort === undefined) return { connection: await internals.dial(to, options), localPort }
  try {
    return { connection: await internals.dial(to, { ...options, localPort }), localPort }
  } catch (cause) {
    if (!errorCodes(cause).some(code => PORT_ERRORS.includes(code))) throw cause
    return { connection: await internals.dial(to, options), localPort: undefined }
  }
}

/**
 * Other connections to this helper were dialled on the way to some relayed peer, from a port whose mapping is
 * unknown.
 */
function preferConnection(node: PeerNode, connection: Connection): void {
  const { preference } = node.services.internals
  preference.prefer(connection)
  for (const other of node.getConnections(connection.remotePeer)) {
    // another helper connection may lead to the same helper
    if (other.direction === 'outbound' && !preference.isPreferred(other))
      other.close().catch(e => other.abort(e))
  }
}

// Checks whether the node is a helper. Any libp2p node accepts a connection; only a helper accepts
// registrations.

/** Why the node can't be used as a helper; undefined if it can, or if the signal fired. Never rejects. */
export async function checkHelper(
  connection: Connection,
  signal: AbortSignal,
): Promise<HelperFailure | undefined> {
  const probed = await probeRendezvous({ connection, signal })
  switch (probed.kind) {
    case 'ok':
    case 'stopped':
      return undefined
    case 'unsupported':
    case 'invalid':
    case 'refused':
      return { kind: 'not-a-helper' }
    case 'lost':
      return { kind: connection.status === 'open' ? 'silent' : 'hung-up' }
  }
}

// Reports on one helper: each change, and each kind of trouble once. A lost helper is one event; why it isn't
// reached is reported only until the first connection.

export class HelperReport {
  readonly #target: HelperTarget
  readonly #emit: (event: HelperEvent) => void
  #state: 'new' | 'connected' | 'lost' = 'new'
  /** Kinds of trouble reported since the last connection. */
  readonly #reported = new Set<string>()

  constructor(target: HelperTarget, tell: (event: HelperEvent) => void) {
    this.#target = target
    this.#emit = tell
  }

  pinned(peer: string): void {
    this.#emit({ kind: 'pinned', peer, address: this.#target.text, target: this.#target })
  }

  connected(peer: string): void {
    this.#state = 'connected'
    this.#reported.clear()
    this.#emit({ kind: 'connected', peer, address: this.#target.text })
  }

  lost(peer: string): void {
    this.#state = 'lost'
    this.#emit({ kind: 'lost', peer, address: this.#target.text })
  }

  unreached(trouble: HelperFailure): void {
    if (this.#state === 'new' && this.#isNews(trouble.kind))
      this.#emit({ kind: 'unreachable', target: this.#target, trouble })
  }

  wrongKey(expected: string, shown: string): void {
    if (this.#isNews('wrong-key')) this.#emit({ kind: 'wrong-key', target: this.#target, expected, shown })
  }

  #isNews(kind: string): boolean {
    const isNews = !this.#reported.has(kind)
    this.#reported.add(kind)
    return isNews
  }
}
