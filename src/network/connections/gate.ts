/**
 * Who may connect: not too many at a time, and for some time nobody who was cut off for misbehaving.
 */
import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import { dropOldest } from '../../common/rate-limit.ts'
import type { InboundLimits } from './connection-gater.ts'
import { inboundGate } from './connection-gater.ts'

/** How long someone stays out: long enough to make flooding pointless, short enough for a bug that was fixed. */
const BAN_MS = 600_000
/** Bans remembered; the oldest is forgotten first. */
const MAX_BANS = 1_024

export class Gate {
  readonly #bans = new Map<string, number>()
  readonly gater: ConnectionGater

  constructor(limits: InboundLimits) {
    const isBanned = (peer: PeerId): boolean => this.#isBanned(peer)
    this.gater = {
      ...inboundGate(limits, () => {}),
      denyDialPeer: isBanned,
      denyInboundEncryptedConnection: isBanned,
      denyOutboundEncryptedConnection: isBanned,
    }
  }

  /** Hangs up on a peer at once and keeps it out. */
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
