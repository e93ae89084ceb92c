/**
 * What this peer has in one connected helper besides the rendezvous: a view from outside, and a relay where others can't
 * reach this peer otherwise. It asks at once, again now and then and when something has changed, and reports to the
 * whereabouts. A helper that knows neither is a rendezvous all the same.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import type { IpKind } from '../../protocol/multiaddr.ts'
import { isLocal, kindOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { PeerNode } from '../node.ts'
import type { Whereabouts } from './address-book.ts'
import { askReach } from './client.ts'
import { lookOtherwise, secondNameOf } from './second-view.ts'

/** Routers are restarted and providers change addresses: often enough to notice, rare enough to cost nothing. */
const AGAIN_MS = 300_000
/** After an answer that the helper gives without having tried: it was asked too often from this address. */
const SOON_MS = 30_000

/** Set by the relay's transport, and would make libp2p dial a lost helper in a way of its own. */
const KEEP_ALIVE_TAG = 'keep-alive-circuit-relay'

export interface OutpostDeps {
  readonly node: PeerNode
  readonly whereabouts: Whereabouts
  readonly logger: Logger
}

export class Outpost {
  readonly #deps: OutpostDeps
  readonly #connection: Connection
  readonly #signal: AbortSignal
  #wake = new AbortController()

  /** It ends when the signal fires. */
  constructor(deps: OutpostDeps, connection: Connection, localPort: number | undefined, signal: AbortSignal) {
    this.#deps = deps
    this.#connection = connection
    this.#signal = signal
    if (localPort !== undefined) this.#deps.whereabouts.report(this.#helper, { localPort })
    const forget = (): void => {
      deps.whereabouts.forget(this.#helper)
      deps.whereabouts.forget(secondNameOf(this.#helper))
    }
    signal.addEventListener('abort', forget, { once: true })
  }

  get #helper(): string {
    return this.#connection.remotePeer.toString()
  }

  /** By which kind of addresses the helper is reached; undefined if it was given by name. */
  get #kind(): IpKind | undefined {
    return kindOf(this.#connection.remoteAddr)
  }

  /** Begins. What it learns changes what is told to others as it comes. */
  start(): void {
    void this.#run()
  }

  /** Asks again at once: the network has changed. */
  again(): void {
    this.#wake.abort()
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#wake = new AbortController()
      const wasTried = await this.#ask()
      const either = AbortSignal.any([this.#signal, this.#wake.signal])
      const ms = wasTried ? AGAIN_MS : SOON_MS
      await pause(ms, undefined, { signal: either, ref: false }).catch(() => {})
    }
  }

  /** One question, and a reservation if the answer makes it necessary. True if the helper did try. */
  async #ask(): Promise<boolean> {
    const { whereabouts } = this.#deps
    let looking: Promise<void> | undefined
    let reserving = this.#isSurelyHidden ? this.#reserve() : undefined
    const { seen, tried } = await askReach({
      connection: this.#connection,
      ports: whereabouts.ports(this.#kind),
      signal: this.#signal,
      onSeen: first => {
        if (this.#signal.aborted) return
        whereabouts.report(this.#helper, { seen: first })
        if (!whereabouts.isDirectlySeen) reserving ??= this.#reserve()
        looking = Promise.resolve(reserving).then(() => this.#lookOtherwise())
      },
    })
    if (this.#signal.aborted) return true
    if (tried !== undefined && tried.size > 0) whereabouts.report(this.#helper, { tried })
    if (seen !== undefined && whereabouts.needsRelay) reserving ??= this.#reserve()
    await reserving
    await looking
    // the library renews the reservation by itself, and tags the helper each time
    const tags = { [KEEP_ALIVE_TAG]: undefined }
    await this.#deps.node.peerStore.merge(this.#connection.remotePeer, { tags }).catch(() => {})
    return tried === undefined || tried.size > 0
  }

  #lookOtherwise(): Promise<void> {
    return lookOtherwise(this.#deps, this.#connection, this.#signal)
  }

  /** A helper on the internet, and this machine has no address there. */
  get #isSurelyHidden(): boolean {
    return this.#deps.whereabouts.isLocalOnly(this.#kind) && !isLocal(this.#connection.remoteAddr)
  }

  async #reserve(): Promise<void> {
    const { node, whereabouts, logger } = this.#deps
    const { remotePeer, remoteAddr } = this.#connection
    if (!whereabouts.needsRelay) return
    try {
      await node.services.internals.reserve(remotePeer)
      if (this.#signal.aborted) return
      const relay = withoutPeer(remoteAddr).encapsulate(`/p2p/${remotePeer}/p2p-circuit`)
      whereabouts.report(this.#helper, { relay })
    } catch (error) {
      logger.debug('a helper does not relay to us', { helper: this.#helper, error })
    }
  }
}
