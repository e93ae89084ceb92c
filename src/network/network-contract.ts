/**
 * What a peer's network is given, and what it tells.
 */
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { Logger } from '../common/logger.ts'
import type { NetworkConfig } from '../config/types.ts'
import type { PeerKey, RoomId } from '../protocol/ids.ts'
import type { Verdict } from '../room/events.ts'
import type { SyncRoom } from '../room/sync/sync-room.ts'
import type { HelperEvent, HelperTarget } from './discovery/helper-event.ts'

export interface NetworkOptions {
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly lan: 'on' | 'off'
  readonly helpers: readonly HelperTarget[]
  readonly network: NetworkConfig
}

export interface NetworkDeps {
  readonly privateKey: Ed25519PrivateKey
  readonly logger: Logger
  readonly onPayload: (topic: string, from: PeerKey, payload: Uint8Array) => Verdict
  readonly onSubscribed: (topic: string, peer: PeerKey) => void
  readonly onUnsubscribed: (topic: string, peer: PeerKey) => void
  /** The last connection to a peer is gone. */
  readonly onUp: (peer: PeerKey) => void
  readonly onDown: (peer: PeerKey) => void
  /** A peer is reached in another way than before, or couldn't be. */
  readonly onPath: (peer: PeerKey) => void
  /** The addresses to tell others: multiaddrs in binary form, hex. */
  readonly onAddresses: (addresses: readonly string[]) => void
  readonly onHelper: (event: HelperEvent) => void
  readonly syncRoom: (room: RoomId) => SyncRoom | undefined
}
