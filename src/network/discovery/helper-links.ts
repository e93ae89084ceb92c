/**
 * The links to all helpers, as one: any of them is enough, and none knows of the others.
 */
import type { PeerId } from '@libp2p/interface'
import type { RoomId } from '../../protocol/ids.ts'
import type { HelperLinkConfig, HelperLinkDeps } from './helper-connection.ts'
import { HelperLink } from './helper-connection.ts'
import type { HelperTarget } from './helper-event.ts'

export class HelperLinks {
  readonly #links: readonly HelperLink[]

  constructor(targets: readonly HelperTarget[], config: HelperLinkConfig, deps: HelperLinkDeps) {
    this.#links = targets.map(target => new HelperLink(target, config, deps))
  }

  start(): void {
    for (const link of this.#links) link.start()
  }

  /** Takes all registrations back. */
  async stop(): Promise<void> {
    await Promise.all(this.#links.map(link => link.stop()))
  }

  joinRoom(room: RoomId): void {
    for (const link of this.#links) link.joinRoom(room)
  }

  leaveRoom(room: RoomId): void {
    for (const link of this.#links) link.leaveRoom(room)
  }

  networkChanged(ownHosts: readonly string[]): void {
    for (const link of this.#links) link.networkChanged(ownHosts)
  }

  /** Asks again whether they reach this peer. */
  askAgain(): void {
    for (const link of this.#links) link.askAgain()
  }

  has(peer: PeerId): boolean {
    return this.#links.some(link => link.peer?.equals(peer))
  }

  /** Strangers' relays (by peer id) are dialled when they are needed; these are kept connected anyway. */
  isRelayReady(relay: string): boolean {
    const own = this.#links.filter(link => link.peer?.toString() === relay)
    return own.length === 0 || own.some(link => link.isConnected)
  }
}
