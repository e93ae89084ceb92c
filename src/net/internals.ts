/**
 * What libp2p keeps for its own components and parley needs all the same: the registered topologies, a dial of one
 * address that neither waits in a queue nor joins another dial, from a local port of our choice, and reservations at
 * relays. A service that serves nobody, since services are handed these parts.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, PeerId, Topology, Transport, Upgrader } from '@libp2p/interface'
import type { Registrar, TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const MAX_RESERVE_TRIES = 4
const RESERVE_PAUSE_MS = 250

/**
 * Which side of the handshake to take. When two dial each other at once, both have dialled, and one must play the
 * part of the one that was dialled.
 */
export type Role = 'initiator' | 'responder'

export interface DialOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** The TCP port to dial from; any if it isn't given. */
  readonly localPort?: number
  /** The own IP address to dial from; the one that the system chooses if it isn't given. */
  readonly localAddress?: string
  /** `initiator` if it isn't given. */
  readonly role?: Role
}

export interface Internals {
  /** Every address that is listened on, those that nobody has confirmed included. */
  listening(): readonly Multiaddr[]
  topologies(protocol: string): readonly Topology[]
  /** Connects to one address. Rejects when that fails, takes too long, or the signal fires. */
  dial(address: Multiaddr, options: DialOptions): Promise<Connection>
  /**
   * Asks a connected helper to relay to this peer; it is renewed by itself until the connection ends. Resolves at once
   * if it does already. Rejects if it doesn't want to.
   */
  reserve(helper: PeerId): Promise<void>
  isReserved(helper: PeerId): boolean
}

/** The relay's transport keeps its reservations in public, but not in its type. */
interface RelayTransport extends Transport {
  readonly reservationStore: {
    addRelay(helper: PeerId, type: 'configured'): Promise<unknown>
    hasReservation(helper: PeerId): boolean
  }
}

interface Components {
  readonly registrar: Registrar
  readonly transportManager: TransportManager
  readonly upgrader: Upgrader
}

/** The service for `createLibp2p`. */
export function internalsService({ registrar, transportManager, upgrader }: Components): Internals {
  return {
    listening: () => transportManager.getAddrs(),
    topologies: protocol => registrar.getTopologies(protocol),
    dial(address, options) {
      const transport = transportManager.dialTransportForMultiaddr(address)
      if (transport === undefined) return Promise.reject(new Error(`no way to dial ${address.toString()}`))
      return dial(transport, address, inRole(upgrader, options.role ?? 'initiator'), options)
    },
    reserve: helper => reserve(relayTransport(transportManager), helper),
    isReserved: helper => relayTransport(transportManager).reservationStore.hasReservation(helper),
  }
}

/** The library may choose a connection that is just being closed, such as that of a helper that dialled back. */
async function reserve({ reservationStore }: RelayTransport, helper: PeerId): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await reservationStore.addRelay(helper, 'configured')
      return
    } catch (cause) {
      const isClosing = cause instanceof Error && cause.name === 'ConnectionClosedError'
      if (!isClosing || tries === MAX_RESERVE_TRIES) throw cause
      await pause(RESERVE_PAUSE_MS, undefined, { ref: false })
    }
  }
}

function relayTransport(transportManager: TransportManager): RelayTransport {
  const found = transportManager.getTransports().find(transport => 'reservationStore' in transport)
  if (found === undefined) throw new Error('this node has no transport through relays')
  return found as RelayTransport
}

/** The signal goes into the socket, where it would cut a connection that is up: so it is disarmed then. */
async function dial(
  transport: Transport,
  address: Multiaddr,
  upgrader: Upgrader,
  { timeoutMs, signal, localPort, localAddress }: DialOptions,
): Promise<Connection> {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  const stop = (): void => over.abort(signal?.reason)
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const from = { ...(localPort && { localPort }), ...(localAddress && { localAddress }) }
  const options = { signal: over.signal, upgrader, ...from }
  try {
    return await transport.dial(address, options)
  } catch (cause) {
    throw over.signal.aborted ? over.signal.reason : cause
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** The multiplexer looks at the direction of the raw connection, the handshake at an option. */
function inRole(upgrader: Upgrader, role: Role): Upgrader {
  if (role === 'initiator') return upgrader
  return Object.assign(Object.create(upgrader) as Upgrader, {
    upgradeOutbound(raw: Parameters<Upgrader['upgradeOutbound']>[0], options: UpgradeOptions) {
      raw.direction = 'inbound'
      return upgrader.upgradeOutbound(raw, { ...options, initiator: false })
    },
  })
}

type UpgradeOptions = Parameters<Upgrader['upgradeOutbound']>[1]
