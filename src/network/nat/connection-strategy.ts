/**
 * The ways to others, from the best to the last, put together: where this peer is, how members are dialled, how relayed
 * connections become direct ones, and what all of that has led to. Opened and closed as one.
 */
import type { PeerId } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import type { Step } from '../connections/dialer.ts'
import { Dialler, Trails } from '../connections/dialer.ts'
import type { PeerNode } from '../node.ts'
import { Whereabouts } from './address-book.ts'
import { Puncher } from './hole-puncher.ts'
import { ownHosts, watchChanges } from './interfaces.ts'
import { PortMapper } from './port-mapping.ts'

export interface LadderDeps {
  readonly node: PeerNode
  /** Whether the user says which addresses to tell. */
  readonly mode: 'found' | 'announced'
  /** Whether a router may be asked to pass on a port. */
  readonly portMapping: 'on' | 'off'
  /** Whether a relay (peer id) can be used now. */
  readonly isRelayReady: (relay: string) => boolean
  /** Numbers from 0 up to 1. */
  readonly random: () => number
  readonly logger: Logger
  /** A relayed connection with this peer didn't become a direct one: the steps say why. */
  readonly onFailed: (peer: PeerKey) => void
}

export class Ladder implements Disposable {
  readonly whereabouts: Whereabouts
  readonly dialler: Dialler
  readonly #deps: LadderDeps
  readonly #trails = new Trails()
  readonly #puncher: Puncher
  readonly #stop = new AbortController()
  #mapper: PortMapper | undefined

  constructor(deps: LadderDeps) {
    const { node, mode, isRelayReady } = deps
    this.#deps = deps
    this.whereabouts = new Whereabouts(node, mode, ownHosts)
    this.dialler = new Dialler({ internals: node.services.internals, trails: this.#trails, isRelayReady })
    this.#puncher = new Puncher({ ...deps, whereabouts: this.whereabouts, trails: this.#trails })
  }

  /** `onChange`: the network may be another one. `onMapped`: a router passes on other ports than before. */
  async start(onChange: () => void, onMapped: () => void): Promise<void> {
    const { signal } = this.#stop
    await this.#puncher.start()
    watchChanges(() => {
      this.#deps.logger.info('the network has changed')
      this.whereabouts.refresh()
      this.#puncher.retryAll()
      onChange()
    }, signal)
    if (this.#deps.portMapping === 'off') return
    this.#mapper = new PortMapper({ whereabouts: this.whereabouts, logger: this.#deps.logger, onMapped })
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.#puncher[Symbol.dispose]()
    this.#mapper?.[Symbol.dispose]()
  }

  /** What was tried to reach a peer, oldest first. */
  stepsTo(peer: PeerId): readonly Step[] {
    return this.#trails.of(peer)
  }
}
