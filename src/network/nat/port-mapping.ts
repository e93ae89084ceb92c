/**
 * Port mapping: asks the router to forward ports to this peer, by NAT-PMP or PCP and by UPnP. It starts only
 * when a helper has seen that there is a router, delays nothing, and reports nothing if no router answers,
 * since many networks have no such service. A mapped port counts like any other: it is announced only once a
 * helper has reached it.
 */
import type { Logger } from '../../common/logger.ts'
import type { AddressBook } from './address-book.ts'
import { interfaceAddresses, routerAddress } from './interfaces.ts'
import type { PortMappings } from './nat-pmp.ts'
import { keepPortsMapped } from './nat-pmp.ts'
import type { SearchOptions } from './upnp.ts'
import { keepPortsMappedByUpnp } from './upnp.ts'

/** A search on a network whose router just restarted finds nothing, so it is repeated, rarely. */
const RETRY_MS = 120_000

export interface PortMappingDeps {
  readonly addressBook: Pick<
    AddressBook,
    'isBehindRouter' | 'isMappingUseless' | 'listenPorts' | 'onChange' | 'setMapped'
  >
  readonly logger: Logger
  readonly onMapped: () => void
  /** How UPnP routers are searched; default: in all networks. */
  readonly search?: Omit<SearchOptions, 'signal'>
  /** The address of the router for NAT-PMP; default: the system's gateway. */
  readonly router?: () => Promise<string | undefined>
}

export class PortMapper implements Disposable {
  readonly #deps: PortMappingDeps
  readonly #stop = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #unlisten: () => void
  #triedAt = Number.NEGATIVE_INFINITY
  /** The current mappings. */
  #mappings: PortMappings | undefined

  /** Starts. */
  constructor(deps: PortMappingDeps) {
    this.#deps = deps
    this.#unlisten = deps.addressBook.onChange(() => this.#check())
    this.#timer = setInterval(() => this.#check(), RETRY_MS).unref()
  }

  /** Ends, and releases the mappings. */
  [Symbol.dispose](): void {
    this.#unlisten()
    clearInterval(this.#timer)
    this.#stop.abort(new Error('the program ends'))
    void this.#mappings?.release()
    this.#mappings = undefined
  }

  #check(): void {
    const { addressBook, logger } = this.#deps
    const isDue = performance.now() - this.#triedAt > RETRY_MS
    const isNeeded = this.#mappings === undefined ? addressBook.isBehindRouter : addressBook.isMappingUseless
    if (this.#stop.signal.aborted || !isNeeded || !isDue) return
    this.#triedAt = performance.now()
    this.#map().catch((error: unknown) => logger.debug('no router passes on a port', { error }))
  }

  /** An existing mapping leads nowhere, since no helper can reach it: it is released first. */
  async #map(): Promise<void> {
    const { addressBook, logger, onMapped } = this.#deps
    const before = this.#mappings
    this.#mappings = undefined
    await before?.release()
    const held = await this.#search(addressBook.listenPorts('ip4'))
    // it ended meanwhile
    if (this.#stop.signal.aborted) return await held.release()
    this.#mappings = held
    logger.info('a router passes on ports', { mapped: held.ports.join() })
    addressBook.setMapped(held.ports)
    onMapped()
  }

  /** Both protocols in parallel; the first success counts. */
  async #search(ports: readonly number[]): Promise<PortMappings> {
    const { search = { hosts: interfaceAddresses() }, logger } = this.#deps
    const found = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, found.signal])
    const ways = [this.#byNatPmp(ports, signal), keepPortsMappedByUpnp({ ports, search, signal, logger })]
    try {
      const { ports: outside } = await Promise.any(ways)
      return { ports: outside, release: () => releaseAll(ways) }
    } finally {
      found.abort(new Error('the other way was faster'))
    }
  }

  async #byNatPmp(ports: readonly number[], signal: AbortSignal): Promise<PortMappings> {
    const router = await (this.#deps.router ?? routerAddress)()
    if (router === undefined) throw new Error("the router's address is not known")
    return await keepPortsMapped({ router, ports, signal, onLost: () => this.#onLost() })
  }

  #onLost(): void {
    this.#deps.logger.info('a router does not pass on ports any more')
    this.#deps.addressBook.setMapped([])
    this.#deps.onMapped()
  }
}

/** Both may have succeeded: many routers speak both. */
async function releaseAll(ways: readonly Promise<PortMappings>[]): Promise<void> {
  const settled = await Promise.allSettled(ways)
  await Promise.all(settled.map(way => (way.status === 'fulfilled' ? way.value.release() : undefined)))
}
