/**
 * The connection strategy: the paths to other peers, from the best to the last, wired together: the address
 * book, the dialer, the hole puncher and the dial history. Opened and closed as one.
 */
import type { PeerId } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import type { DialAttempt } from '../connections/dialer.ts'
import { Dialer, DialHistory } from '../connections/dialer.ts'
import type { PeerNode } from '../node.ts'
import { AddressBook } from './address-book.ts'
import { HolePuncher } from './hole-puncher.ts'
import { interfaceAddresses, monitorNetwork } from './interfaces.ts'
import { PortMapper } from './port-mapping.ts'

export interface ConnectionStrategyDeps {
  readonly node: PeerNode
  /** Whether the user chose the addresses to announce. */
  readonly mode: 'found' | 'announced'
  /** Whether a router may be asked to forward a port. */
  readonly portMapping: 'on' | 'off'
  /** Whether a relay (peer id) can be used now. */
  readonly isRelayReady: (relay: string) => boolean
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  /** Hole punching with this peer failed: its dial attempts say why. */
  readonly onFailed: (peer: PeerKey) => void
}

export class ConnectionStrategy implements Disposable {
  readonly addressBook: AddressBook
  readonly dialer: Dialer
  readonly #deps: ConnectionStrategyDeps
  readonly #history = new DialHistory()
  readonly #puncher: HolePuncher
  readonly #stop = new AbortController()
  #mapper: PortMapper | undefined

  constructor(deps: ConnectionStrategyDeps) {
    const { node, mode, isRelayReady } = deps
    this.#deps = deps
    this.addressBook = new AddressBook(node, mode, interfaceAddresses)
    this.dialer = new Dialer({ internals: node.services.internals, history: this.#history, isRelayReady })
    this.#puncher = new HolePuncher({ ...deps, addressBook: this.addressBook, history: this.#history })
  }

  /** `onChange`: the network may have changed. `onMapped`: the router's port mappings changed. */
  async start(onChange: () => void, onMapped: () => void): Promise<void> {
    const { signal } = this.#stop
    await this.#puncher.start()
    monitorNetwork(() => {
      this.#deps.logger.info('the network has changed')
      this.addressBook.refresh()
      this.#puncher.retryAll()
      onChange()
    }, signal)
    if (this.#deps.portMapping === 'off') return
    this.#mapper = new PortMapper({ addressBook: this.addressBook, logger: this.#deps.logger, onMapped })
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.#puncher[Symbol.dispose]()
    this.#mapper?.[Symbol.dispose]()
  }

  /** The attempts to reach a peer, oldest first. */
  attemptsTo(peer: PeerId): readonly DialAttempt[] {
    return this.#history.of(peer)
  }
}
