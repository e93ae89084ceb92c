/**
 * The address book of this peer: where it can be dialled, merged from what its interfaces, helpers and router
 * report, and what to announce: addresses that a helper confirmed, addresses of its own network for peers in
 * the same one, and otherwise a relay address. An address that only might work costs everyone who tries it
 * seconds.
 */
import type { Libp2p } from '@libp2p/interface'
import { isLoopback } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import type { IpFamily } from '../../protocol/multiaddr.ts'
import {
  atPort,
  bareHost,
  familyOf,
  familyOfHost,
  hostOf,
  isLocal,
  isOwn,
  isRelayed,
  portOf,
  withoutPeer,
} from '../../protocol/multiaddr.ts'
import type { Seen, Tried } from '../../protocol/reachability.ts'
import type { Internals } from '../libp2p-internals.ts'

/**
 * `public`: others can dial this peer. `nat`: a router translates addresses. `blocked`: nothing translates,
 * but something stops incoming connections. `unknown`: nobody could tell.
 */
export type Reachability = 'public' | 'nat' | 'blocked' | 'unknown'

/**
 * `kept`: the mapped port equals the local one, as with most routers whose mapping is the same for all
 * destinations. `changed`: it differs, as with most symmetric NATs.
 */
export type PortMappingKind = 'kept' | 'changed' | 'unknown'

/** The own reachability. */
export interface OwnReachability {
  readonly reachability: Reachability
  /** Hosts from which helpers see this peer. */
  readonly observedHosts: readonly string[]
  /** Helpers that relay for this peer. */
  readonly relays: number
  /** How its router mapped the port of a connection. */
  readonly mappedPort: PortMappingKind
}

/** What one helper reports over one address family, and its relay. */
export interface HelperView {
  readonly seen?: Seen
  readonly tried?: Tried
  /** The local port of the connection to the helper: its mapping is `seen.observed`. */
  readonly localPort?: number
  /** The relay address through the helper, up to `/p2p-circuit`. */
  readonly relay?: Multiaddr
}

/** As many as a beacon holds. */
const MAX_ANNOUNCED = 8

/** The part of a node that is used. */
export type AddressedNode = Pick<Libp2p, 'peerId' | 'getMultiaddrs' | 'addEventListener'> & {
  readonly services: { readonly internals: Pick<Internals, 'listening'> }
}

export class AddressBook {
  readonly #node: AddressedNode
  /** This machine's own IP addresses, including loopback. */
  readonly #interfaceAddresses: () => readonly string[]
  /** Announced addresses are used as they are: the user knows better. */
  readonly #mode: 'found' | 'announced'
  readonly #reports = new Map<string, HelperView>()
  readonly #listeners = new Set<() => void>()
  #mapped: readonly number[] = []
  #announced = ''

  constructor(node: AddressedNode, mode: 'found' | 'announced', ownHosts: () => readonly string[]) {
    this.#node = node
    this.#mode = mode
    this.#interfaceAddresses = ownHosts
    node.addEventListener('self:peer:update', () => this.refresh())
  }

  /** Calls the listener when the addresses to announce changed. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** A report of one helper. Ports that it reached at another host than the one it sees now mean nothing. */
  report(helper: string, news: HelperView): void {
    const { tried, ...before } = this.#reports.get(helper) ?? {}
    const hasMoved = news.seen && before.seen && hostOf(news.seen.observed) !== hostOf(before.seen.observed)
    const kept = tried === undefined || hasMoved ? before : { ...before, tried }
    this.#reports.set(helper, { ...kept, ...news })
    this.refresh()
  }

  /** The connection to a helper ended, and its reports with it. */
  forget(helper: string): void {
    this.#reports.delete(helper)
    this.refresh()
  }

  /** Ports that a router forwards to this peer, by its own account. */
  setMapped(ports: readonly number[]): void {
    this.#mapped = ports
  }

  reportFrom(helper: string): HelperView | undefined {
    return this.#reports.get(helper)
  }

  get reports(): ReadonlyMap<string, HelperView> {
    return this.#reports
  }

  /** Hosts from which helpers see this peer. */
  get observedHosts(): readonly string[] {
    const seen = [...this.#reports.values()].flatMap(({ seen }) =>
      seen ? (hostOf(seen.observed) ?? []) : [],
    )
    return [...new Set(seen)]
  }

  /**
   * Ports that a helper might reach at the observed host: mapped and listening ones. Of both families if it
   * isn't known which one the helper sees.
   */
  ports(kind?: IpFamily): readonly number[] {
    const mapped = kind === 'ip6' ? [] : this.#mapped
    return [...new Set([...mapped, ...this.listenPorts(kind)])]
  }

  listenPorts(kind?: IpFamily): readonly number[] {
    // the node's own list lacks public addresses that it isn't sure of
    const all = [...this.#node.services.internals.listening(), ...this.#listened]
    const own = all.filter(address => kind === undefined || familyOf(address) === kind)
    return [...new Set(own.filter(address => !isRelayed(address)).flatMap(address => portOf(address) ?? []))]
  }

  /** Over the address family that everybody has, if helpers are reached over it. */
  get state(): Reachability {
    if (this.#mode === 'announced' || this.confirmed.length > 0) return 'public'
    const views = this.#mainReports
    if (views.length === 0) return 'unknown'
    if (!this.isObservedDirectly) return 'nat'
    return views.some(({ tried }) => tried !== undefined && tried.size > 0) ? 'blocked' : 'unknown'
  }

  /** True while someone may be unable to dial this peer: not everybody has IPv6. */
  get needsRelay(): boolean {
    return this.#mode === 'found' && this.confirmedAt('ip4').length === 0
  }

  /** True if helpers see one of this machine's own addresses: no router translates. */
  get isObservedDirectly(): boolean {
    const own = this.#interfaceAddresses()
    return this.#mainReports.some(({ seen }) => seen && isOwn(seen.observed, own))
  }

  /** How a translating router mapped the ports of connections to helpers. */
  get mappedPort(): PortMappingKind {
    if (this.isObservedDirectly) return 'unknown'
    const kept = this.#reportsOf('ip4').flatMap(({ seen, localPort }) =>
      seen === undefined || localPort === undefined ? [] : portOf(seen.observed) === localPort,
    )
    if (kept.length === 0) return 'unknown'
    return kept.every(Boolean) ? 'kept' : 'changed'
  }

  /** True if a router translates IPv4 addresses and nobody has come through it. */
  get isBehindRouter(): boolean {
    return this.needsRelay && this.#reportsOf('ip4').length > 0 && !this.isObservedDirectly
  }

  /** True if a helper could not come through although the router reported a mapping. */
  get isMappingUseless(): boolean {
    const wasTried = this.#reportsOf('ip4').some(({ tried }) => this.#mapped.some(port => tried?.has(port)))
    return this.isBehindRouter && (wasTried || this.#mapped.length === 0)
  }

  /** True if a helper sees this peer at an address that is valid in one network only. */
  get isObservedLocally(): boolean {
    return this.observedHosts.some(home => isLocal(bareHost(home)))
  }

  /**
   * True if this machine has no public address of this family, so that the route to one leads through a
   * router.
   */
  isLocalOnly(kind?: IpFamily): boolean {
    const ofKind = this.#interfaceAddresses().filter(
      host => kind === undefined || familyOfHost(host) === kind,
    )
    return ofKind.every(host => isLocal(bareHost(host)))
  }

  /** Addresses at which a helper reached this peer. */
  get confirmed(): readonly Multiaddr[] {
    const all = [...this.#reports.values()].flatMap(({ seen, tried }) => {
      if (seen === undefined || tried === undefined) return []
      const reached = [...tried].filter(([, outcome]) => outcome === 'reached')
      return reached.map(([port]) => atPort(seen.observed, port).toString())
    })
    return [...new Set(all)].map(address => multiaddr(address))
  }

  confirmedAt(kind: IpFamily): readonly Multiaddr[] {
    return this.confirmed.filter(address => familyOf(address) === kind)
  }

  /** The addresses to announce, without `/p2p/…`, the most useful first. */
  addresses(): Multiaddr[] {
    if (this.#mode === 'announced') return this.#listened
    const { confirmed } = this
    const relays = this.needsRelay ? this.relays : []
    const listened = this.#listened.filter(address => isLocal(address) || !this.#isUnreachable(address))
    const all = [...confirmed, ...relays, ...this.observedHosts.map(bareHost), ...listened]
    const told = new Map(all.map(address => [address.toString(), address]))
    return [...told.values()].slice(0, MAX_ANNOUNCED)
  }

  /** Relay addresses of this peer. */
  get relays(): readonly Multiaddr[] {
    return [...this.#reports.values()].flatMap(({ relay }) => relay ?? [])
  }

  #reportsOf(kind: IpFamily): readonly HelperView[] {
    return [...this.#reports.values()].filter(({ seen }) => seen && familyOf(seen.observed) === kind)
  }

  get #mainReports(): readonly HelperView[] {
    const views = this.#reportsOf('ip4')
    return views.length > 0 ? views : this.#reportsOf('ip6')
  }

  /** A public address of this machine at which a helper didn't reach it. */
  #isUnreachable(address: Multiaddr): boolean {
    const [host, port] = [hostOf(address), portOf(address)]
    return this.#reports.values().some(({ seen, tried }) => {
      const outcome = port === undefined ? undefined : tried?.get(port)
      return (
        seen !== undefined && hostOf(seen.observed) === host && outcome !== undefined && outcome !== 'reached'
      )
    })
  }

  /** Listening or announced addresses: loopback only if there is nothing else. */
  get #listened(): Multiaddr[] {
    const all = this.#node
      .getMultiaddrs()
      .filter(address => !isRelayed(address))
      .map(withoutPeer)
    const reachable = all.filter(address => !isLoopback(address))
    return reachable.length > 0 ? reachable : all
  }

  /** Looks again: the machine's own addresses may have changed. */
  refresh(): void {
    const now = this.addresses().join()
    if (now === this.#announced) return
    this.#announced = now
    for (const listener of this.#listeners) listener()
  }
}
