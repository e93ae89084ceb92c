/**
 * Limits inbound connections, in all and from one source. A connection counts from its first byte to its
 * last, so one that never finishes its handshake counts, too. libp2p's own limit counts only finished ones
 * and prunes old connections to make room for strangers; this one refuses the newcomer.
 */

import type { ConnectionGater as GaterHooks, Libp2p, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { dropOldest } from '../../common/rate-limit.ts'
import { withoutZone } from '../../protocol/multiaddr.ts'

export interface InboundLimits {
  readonly connections: number
  /** From one IPv4 address or one IPv6 /64. */
  readonly connectionsPerAddress: number
}

export type RefusalReason = 'connections' | 'connections-per-address'

/** A gater for `createLibp2p`, which copies own properties: so it is no class. */
export function connectionLimiter(
  limits: InboundLimits,
  onRefused: (reason: RefusalReason) => void,
): GaterHooks {
  const perSource = new Map<string, number>()
  let total = 0

  function admit(source: string): RefusalReason | undefined {
    const count = perSource.get(source) ?? 0
    if (total >= limits.connections) return 'connections'
    if (count >= limits.connectionsPerAddress) return 'connections-per-address'
    total++
    perSource.set(source, count + 1)
    return undefined
  }

  function release(source: string): void {
    total--
    const count = (perSource.get(source) ?? 1) - 1
    if (count === 0) perSource.delete(source)
    else perSource.set(source, count)
  }

  return {
    denyInboundConnection(connection: MultiaddrConnection): boolean {
      if (connection.status !== 'open') return true
      const source = sourceOf(connection.remoteAddr)
      const refusal = admit(source)
      if (refusal === undefined) connection.addEventListener('close', () => release(source), { once: true })
      else onRefused(refusal)
      return refusal !== undefined
    },
  }
}

// Decides who may connect: not too many at a time, and no peer that was expelled recently.

/**
 * How long an expelled peer stays out: long enough to make flooding pointless, short enough for a fixed bug.
 */
const BAN_MS = 600_000
/** Bans remembered; the oldest is evicted. */
const MAX_BANS = 1_024

export class ConnectionGater {
  readonly #bans = new Map<string, number>()
  readonly gater: GaterHooks

  constructor(limits: InboundLimits) {
    const isBanned = (peer: PeerId): boolean => this.#isBanned(peer)
    this.gater = {
      ...connectionLimiter(limits, () => {}),
      denyDialPeer: isBanned,
      denyInboundEncryptedConnection: isBanned,
      denyOutboundEncryptedConnection: isBanned,
    }
  }

  /** Closes all connections to a peer at once and refuses new ones. */
  expel(node: Libp2p, peer: PeerId, reason: string): void {
    this.#bans.set(peer.toString(), performance.now() + BAN_MS)
    if (this.#bans.size > MAX_BANS) dropOldest(this.#bans)
    for (const connection of node.getConnections(peer)) connection.abort(new Error(reason))
  }

  #isBanned(peer: PeerId): boolean {
    const until = this.#bans.get(peer.toString())
    if (until === undefined) return false
    if (performance.now() < until) return true
    this.#bans.delete(peer.toString())
    return false
  }
}

// The source of a connection, in the granularity for limits against strangers: one IPv4 address, or one IPv6
// /64, which is the least that anyone gets and too many addresses to count individually.

/** The multicodec codes that a binary multiaddr begins with: https://github.com/multiformats/multicodec */
const IP4 = 0x04
const IP6 = 0x29

/** ::ffff:0:0/96: an IPv4 peer at a dual-stack socket. */
const MAPPED_IPV4 = '00000000000000000000ffff'

/** A short key, equal for equal sources. Everything without an IP address is one source. */
export function sourceOf(address: Multiaddr): string {
  const [code, ...rest] = withoutZone(address).bytes.subarray(0, 17)
  const ip = Buffer.from(rest).toString('hex')
  if (code === IP4) return `ip4-${ip.slice(0, 8)}`
  if (code !== IP6) return 'other'
  return ip.startsWith(MAPPED_IPV4) ? `ip4-${ip.slice(24)}` : `ip6-${ip.slice(0, 16)}`
}
