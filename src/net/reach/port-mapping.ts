/**
 * Asks the router in between to pass ports on to this peer, by UPnP, where one is found that does. It begins only when a
 * helper has seen that there is a router, holds nothing up, and says nothing when there is none: most networks have no
 * such service. A mapped port counts like any other: it is told to others only once a helper has reached it.
 */
import type { Logger } from '../../core/logger.ts'
import { deadline } from '../deadline.ts'
import type { Gateway } from './gateway.ts'
import { addMapping, deleteMapping, openGateway } from './gateway.ts'
import type { SearchOptions } from './gateway-search.ts'
import { searchGateways } from './gateway-search.ts'
import { ownHosts } from './own-hosts.ts'
import type { Whereabouts } from './whereabouts.ts'

/** How long routers may take to answer a search: the protocol recommends up to 3 seconds. */
const SEARCH_MS = 6_000
/** A search on a network where a router was just restarted finds nothing: so it is repeated, seldom. */
const AGAIN_MS = 120_000
/** For one question to a router. */
const ASK_MS = 5_000
/** How long a mapping lasts that isn't renewed: who goes without a word leaves no hole for long. */
const LEASE_SECONDS = 1_200
/** Twice before it ends, on a machine that sleeps now and then. */
const RENEW_MS = (LEASE_SECONDS * 1_000) / 3
/** Outside ports to ask for, one after the other, where the first is taken. */
const MAX_TRIES = 4

export interface PortMappingDeps {
  readonly whereabouts: Pick<Whereabouts, 'state' | 'listenPorts' | 'onChange' | 'setMapped'>
  readonly logger: Logger
  readonly onMapped: () => void
  /** How routers are looked for; in all networks if it isn't said. */
  readonly search?: Omit<SearchOptions, 'signal'>
}

/** Outside and inside port. */
type Mapping = readonly [number, number]

export class PortMapper implements Disposable {
  readonly #deps: PortMappingDeps
  readonly #stop = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #unlisten: () => void
  #triedAt = Number.NEGATIVE_INFINITY
  /** What a router passes on now. */
  #held: { readonly gateway: Gateway; readonly mapped: readonly Mapping[] } | undefined

  /** Begins. */
  constructor(deps: PortMappingDeps) {
    this.#deps = deps
    this.#unlisten = deps.whereabouts.onChange(() => this.#look())
    this.#timer = setInterval(() => this.#onTime(), AGAIN_MS).unref()
  }

  /** Ends, and takes the mappings back. */
  [Symbol.dispose](): void {
    this.#unlisten()
    clearInterval(this.#timer)
    this.#stop.abort(new Error('the program ends'))
    if (this.#held !== undefined) giveBack(this.#held.gateway, this.#held.mapped)
    this.#held = undefined
  }

  #onTime(): void {
    this.#look()
    const isDue = performance.now() - this.#triedAt > RENEW_MS
    if (this.#held !== undefined && isDue) this.#renew(this.#held.gateway, this.#held.mapped)
  }

  #look(): void {
    const { whereabouts, logger } = this.#deps
    const isDue = performance.now() - this.#triedAt > AGAIN_MS
    if (this.#stop.signal.aborted || whereabouts.state !== 'nat' || !isDue) return
    this.#triedAt = performance.now()
    this.#findAndMap().catch((error: unknown) => logger.debug('no router passes on a port', { error }))
  }

  async #findAndMap(): Promise<void> {
    const { search = { hosts: ownHosts() }, logger } = this.#deps
    const { signal } = this.#stop
    for (const location of await searchGateways({ ...search, signal: deadline(SEARCH_MS, signal) })) {
      try {
        const gateway = await openGateway(location, deadline(ASK_MS, signal))
        this.#hold(gateway, await this.#mapAll(gateway))
        return
      } catch (error) {
        logger.debug('a router passes on no port', { router: location.host, error })
      }
    }
  }

  async #mapAll(gateway: Gateway): Promise<readonly Mapping[]> {
    const mapped: Mapping[] = []
    for (const port of this.#deps.whereabouts.listenPorts)
      mapped.push([await this.#mapOne(gateway, port), port])
    return mapped
  }

  /** Tries the next port where one is taken. */
  async #mapOne(gateway: Gateway, internalPort: number): Promise<number> {
    const { signal } = this.#stop
    let refusal: unknown
    for (let tries = 0; tries < MAX_TRIES && !signal.aborted; tries++) {
      const lease = { internalPort, externalPort: internalPort + tries, seconds: LEASE_SECONDS }
      try {
        return await addMapping(gateway, lease, deadline(ASK_MS, signal))
      } catch (cause) {
        refusal = cause
      }
    }
    throw refusal
  }

  #hold(gateway: Gateway, mapped: readonly Mapping[]): void {
    const { whereabouts, logger, onMapped } = this.#deps
    // it has ended meanwhile
    if (this.#stop.signal.aborted) {
      giveBack(gateway, mapped)
      return
    }
    this.#held = { gateway, mapped }
    const ports = mapped.map(([port]) => port)
    logger.info('a router passes on ports', { mapped: ports.join() })
    whereabouts.setMapped(ports)
    onMapped()
  }

  /** A router that is gone is looked for again once a helper sees that the port is. */
  #renew(gateway: Gateway, mapped: readonly Mapping[]): void {
    this.#triedAt = performance.now()
    for (const [externalPort, internalPort] of mapped) {
      const lease = { internalPort, externalPort, seconds: LEASE_SECONDS }
      addMapping(gateway, lease, deadline(ASK_MS, this.#stop.signal)).catch((error: unknown) =>
        this.#deps.logger.debug('a router no longer passes on a port', { port: externalPort, error }),
      )
    }
  }
}

function giveBack(gateway: Gateway, mapped: readonly Mapping[]): void {
  for (const [port] of mapped) deleteMapping(gateway, port, AbortSignal.timeout(ASK_MS)).catch(() => {})
}
