/**
 * libp2p parts that its interface hides and parley needs: the registered topologies, a dial of one address
 * from a chosen local port, outside the dial queue, and relay reservations. It is written as a libp2p
 * service, because services receive these parts.
 */
import type { Connection, Libp2p, PeerId, Topology, Transport, Upgrader } from '@libp2p/interface'
import { isPeerId } from '@libp2p/interface'
import type { ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { ConnectionPreference } from './connections/connection-preference.ts'
import { classifyDial, DialError, DialObserver } from './discovery/dial-failure.ts'

/**
 * Which side of the handshake to take. When two peers dial each other at once, both are dialling sides, and
 * one must act as the listener.
 */
export type HandshakeRole = 'initiator' | 'responder'

export interface DialOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** The TCP port to dial from; default: any. */
  readonly localPort?: number
  /** The own IP address to dial from; default: the system's choice. */
  readonly localAddress?: string
  /** Default: `initiator`. */
  readonly role?: HandshakeRole
}

export interface Internals {
  /** Every listening address, including unconfirmed ones. */
  listening(): readonly Multiaddr[]
  /** The connection preference, by which the node orders connections. */
  readonly preference: ConnectionPreference
  topologies(protocol: string): readonly Topology[]
  /** Connects to one address. Rejects with a `DialError` if it can't in time, or with the signal's reason. */
  dial(address: Multiaddr, options: DialOptions): Promise<Connection>
  /**
   * Reserves a relay slot at a connected helper, renewed automatically until the connection ends. Resolves at
   * once if there is one. Rejects if the helper refuses.
   */
  reserve(helper: PeerId): Promise<void>
  isReserved(helper: PeerId): boolean
}

/** The relay transport's reservations are public, but not in its type. */
interface RelayTransport extends Transport {
  readonly reservationStore: {
    addRelay(helper: PeerId, type: 'configured'): Promise<unknown>
    hasReservation(helper: PeerId): boolean
  }
}

interface Components {
  readonly peerId: PeerId
  readonly events: Pick<Libp2p, 'addEventListener'>
  readonly connectionManager: ConnectionManager
  readonly registrar: Registrar
  readonly transportManager: TransportManager
  readonly upgrader: Upgrader
}

/** The service for `createLibp2p`. */
export function internalsService(components: Components): Internals {
  const { registrar, transportManager, upgrader } = components
  return {
    listening: () => transportManager.getAddrs(),
    preference: orderConnections(components),
    topologies: protocol => registrar.getTopologies(protocol),
    dial(address, options) {
      const transport = transportManager.dialTransportForMultiaddr(address)
      if (transport === undefined) return Promise.reject(new Error(`no way to dial ${address.toString()}`))
      return dial(transport, address, withRole(upgrader, options.role ?? 'initiator'), options)
    },
    reserve: async helper =>
      void (await relayTransport(transportManager).reservationStore.addRelay(helper, 'configured')),
    isReserved: helper => relayTransport(transportManager).reservationStore.hasReservation(helper),
  }
}

/**
 * libp2p's own parts use the first connection they find, so the preferred one comes first from now on.
 * libp2p's search for an open connection reverses the order, so it isn't asked if there is one.
 */
function orderConnections({ peerId, events, connectionManager }: Components): ConnectionPreference {
  const choice = new ConnectionPreference(peerId)
  events.addEventListener('connection:open', ({ detail }) => choice.onOpen(detail, performance.now()))
  const all = connectionManager.getConnections.bind(connectionManager)
  connectionManager.getConnections = peer => (peer === undefined ? all() : choice.inOrder(all(peer)))
  const open = connectionManager.openConnection.bind(connectionManager)
  connectionManager.openConnection = async (target, options) => {
    const [best] = isPeerId(target) && options?.force !== true ? choice.inOrder(all(target)) : []
    return best?.status === 'open' && best.limits === undefined ? best : await open(target, options)
  }
  return choice
}

function relayTransport(transportManager: TransportManager): RelayTransport {
  const found = transportManager.getTransports().find(transport => 'reservationStore' in transport)
  if (found === undefined) throw new Error('this node has no transport through relays')
  return found as RelayTransport
}

/**
 * The signal goes into the socket, where it would destroy an established connection: so it is disarmed then.
 */
async function dial(
  transport: Transport,
  address: Multiaddr,
  upgrader: Upgrader,
  { timeoutMs, signal, localPort, localAddress }: DialOptions,
): Promise<Connection> {
  const over = new AbortController()
  const witness = new DialObserver(() => over.abort())
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    over.abort()
  }, timeoutMs)
  const stop = (): void => over.abort()
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const from = { ...(localPort && { localPort }), ...(localAddress && { localAddress }) }
  const options = { signal: over.signal, upgrader: witness.observe(upgrader), ...from }
  try {
    return await transport.dial(address, options)
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const { progress } = witness
    throw new DialError(classifyDial(cause, isLate ? { ...progress, end: 'late' } : progress), cause)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** The multiplexer looks at the direction of the raw connection, the handshake at an option. */
function withRole(upgrader: Upgrader, role: HandshakeRole): Upgrader {
  if (role === 'initiator') return upgrader
  return Object.assign(Object.create(upgrader) as Upgrader, {
    upgradeOutbound(raw: Parameters<Upgrader['upgradeOutbound']>[0], options: UpgradeOptions) {
      raw.direction = 'inbound'
      return upgrader.upgradeOutbound(raw, { ...options, initiator: false })
    },
  })
}

type UpgradeOptions = Parameters<Upgrader['upgradeOutbound']>[1]
