/**
 * The dial scheduler: whom to connect to, and when to dial. In a room of moderate size that is everyone; in a
 * larger one a random part, and gossip reaches the rest. A known member is never given up, and never dialled
 * in quick succession.
 *
 * Who dials first is fixed by rule, because two peers that dial each other at once get two connections: a
 * newcomer dials those it finds; later, the smaller peer id of two that find each other dials. The other one
 * waits a moment longer.
 */

import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../common/logger.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { isBareHost, isRelayed, withoutPeer } from '../../protocol/multiaddr.ts'
import { preferredConnection } from './connection-preference.ts'
import type { Dialer } from './dialer.ts'
import { dialPlan } from './dialer.ts'

/**
 * How a member was discovered. `listed`: it was registered before me. `announced`: it registered after me,
 * and dials me. `told`: by itself, in its beacon. `here`: on the local network. `remembered`: from an earlier
 * session.
 */
export type DiscoverySource = 'listed' | 'announced' | 'told' | 'here' | 'remembered'

export interface DialSchedulerConfig {
  readonly fullMeshUpTo: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
}

export interface DialSchedulerDeps {
  readonly node: Libp2p
  readonly dialer: Dialer
  /** The hosts from which helpers see this peer. */
  readonly observedHosts: () => readonly string[]
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
}

/** Members of all rooms remembered; those never reached are evicted first. */
const MAX_CANDIDATES = 512
/** How long the side that should not dial first waits for the other. */
const OTHER_DIALS_FIRST_MS = 1_500
/** How often a relayed member with direct addresses is dialled directly. */
const UPGRADE_MS = 30_000
/** At most this often, a member's return triggers dials to all others. */
const RETURN_GAP_MS = 5_000

interface Candidate {
  readonly peer: PeerId
  readonly rooms: Set<RoomId>
  /** Its position in the random order that selects a part of a large room. */
  readonly rank: number
  addresses: readonly Multiaddr[]
  /** Its addresses on the local network: it is near, whatever helpers say. */
  lanAddresses: readonly Multiaddr[]
  failures: number
  /** Aborts the dial in progress. */
  dial: AbortController | undefined
  /** Its addresses have changed since then. */
  hasMoved: boolean
  timer: NodeJS.Timeout | undefined
  dueAt: number
}

export class DialScheduler implements Disposable {
  readonly #config: DialSchedulerConfig
  readonly #deps: DialSchedulerDeps
  readonly #candidates = new Map<string, Candidate>()
  readonly #stop = new AbortController()
  #returnedAt = Number.NEGATIVE_INFINITY

  constructor(config: DialSchedulerConfig, deps: DialSchedulerDeps) {
    this.#config = config
    this.#deps = deps
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error('the program ends'))
    for (const candidate of this.#candidates.values()) clearTimeout(candidate.timer)
    this.#candidates.clear()
  }

  /** A member of a room was discovered at these addresses. */
  addMember(room: RoomId, peer: PeerId, addresses: readonly Multiaddr[], source: DiscoverySource): void {
    if (this.#stop.signal.aborted || peer.equals(this.#deps.node.peerId)) return
    const candidate = this.#candidate(peer)
    if (candidate === undefined) return
    candidate.rooms.add(room)
    const before = candidate.addresses
    if (source === 'here') candidate.lanAddresses = addresses.slice(0, MAX_ADDRESSES)
    else candidate.addresses = mergeAddresses(addresses, candidate.addresses)
    if (before.join() !== candidate.addresses.join()) candidate.hasMoved = true
    this.#schedule(candidate, this.#initialDelay(peer, source))
  }

  /** The network changed: dial every member without a direct connection at once. */
  retryAll(): void {
    for (const { dial } of this.#candidates.values()) {
      dial?.abort(new Error('the network has changed'))
    }
    this.retrySoon()
  }

  /** Dial members without a direct connection soon, ahead of schedule. */
  retrySoon(): void {
    for (const candidate of this.#candidates.values()) {
      candidate.failures = 0
      this.#schedule(candidate, this.#deps.random() * this.#config.redialMinMs)
    }
  }

  /** A member said goodbye: stop dialling it for this room. */
  drop(room: RoomId, peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    candidate?.rooms.delete(room)
    if (candidate?.rooms.size === 0) this.#forget(candidate)
  }

  /** The user left a room. */
  dropRoom(room: RoomId): void {
    for (const candidate of [...this.#candidates.values()]) this.drop(room, candidate.peer)
  }

  /** The first connection to a peer is up. */
  onUp(peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    if (candidate === undefined || candidate.failures === 0) return
    candidate.failures = 0
    this.onReturned()
  }

  /** A peer that could not be reached is connected now: what kept the others away may be over, too. */
  onReturned(): void {
    if (performance.now() - this.#returnedAt < RETURN_GAP_MS) return
    this.#returnedAt = performance.now()
    for (const candidate of this.#candidates.values()) {
      this.#schedule(candidate, this.#deps.random() * this.#config.redialMinMs)
    }
  }

  /** The last connection to a peer is closed. */
  onDown(peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    if (candidate !== undefined) this.#schedule(candidate, this.#initialDelay(peer, 'told'))
  }

  #candidate(peer: PeerId): Candidate | undefined {
    const id = peer.toString()
    const known = this.#candidates.get(id)
    if (known !== undefined) return known
    if (this.#candidates.size >= MAX_CANDIDATES && !this.#makeRoom()) return undefined
    const rank = this.#deps.random()
    const candidate = {
      peer,
      rooms: new Set<RoomId>(),
      rank,
      addresses: [],
      lanAddresses: [],
      failures: 0,
      dial: undefined,
      hasMoved: false,
      timer: undefined,
      dueAt: 0,
    }
    this.#candidates.set(id, candidate)
    return candidate
  }

  #makeRoom(): boolean {
    for (const candidate of this.#candidates.values()) {
      if (candidate.failures === 0) continue
      this.#forget(candidate)
      return true
    }
    return false
  }

  #forget(candidate: Candidate): void {
    clearTimeout(candidate.timer)
    candidate.dial?.abort(new Error('it left'))
    this.#candidates.delete(candidate.peer.toString())
  }

  /** How long to leave dialling to the other side. */
  #initialDelay(peer: PeerId, source: DiscoverySource): number {
    const jitter = this.#deps.random() * this.#config.redialMinMs
    if (source === 'listed' || source === 'remembered') return 0
    const isMine =
      (source === 'told' || source === 'here') && this.#deps.node.peerId.toString() < peer.toString()
    return isMine ? jitter : OTHER_DIALS_FIRST_MS + jitter
  }

  #schedule(candidate: Candidate, delayMs: number): void {
    const dueAt = performance.now() + delayMs
    if (candidate.timer !== undefined && candidate.dueAt <= dueAt) return
    clearTimeout(candidate.timer)
    candidate.dueAt = dueAt
    candidate.timer = setTimeout(() => {
      candidate.timer = undefined
      void this.#dial(candidate)
    }, delayMs)
  }

  async #dial(candidate: Candidate): Promise<void> {
    const { node, dialer, logger } = this.#deps
    const { peer } = candidate
    const way = preferredConnection(node, peer)
    if (way === 'direct' || candidate.dial !== undefined || !this.#isWanted(candidate)) return
    const { direct: others, relayed } = dialPlan(candidate.addresses, this.#deps.observedHosts())
    const direct = mergeAddresses(candidate.lanAddresses, others)
    const addresses = way === 'relayed' ? direct : [...direct, ...relayed]
    if (addresses.length === 0) return
    candidate.dial = new AbortController()
    candidate.hasMoved = false
    const signal = AbortSignal.any([this.#stop.signal, candidate.dial.signal])
    try {
      const connection = await dialer.dial(peer, addresses, signal)
      candidate.failures = 0
      if (!connection.direct && direct.length > 0) this.#scheduleRetry(candidate, UPGRADE_MS)
    } catch (error) {
      candidate.failures++
      logger.debug('a member does not answer', { peer: peer.toString(), failures: candidate.failures, error })
      this.#scheduleRetry(candidate, way === 'relayed' ? UPGRADE_MS : this.#backoff(candidate.failures))
    } finally {
      candidate.dial = undefined
      if (candidate.hasMoved) this.#scheduleRetry(candidate, 0)
    }
  }

  #scheduleRetry(candidate: Candidate, delayMs: number): void {
    if (this.#candidates.has(candidate.peer.toString())) this.#schedule(candidate, delayMs)
  }

  #backoff(failures: number): number {
    const { redialMinMs, redialMaxMs } = this.#config
    const full = Math.min(redialMaxMs, redialMinMs * 2 ** failures)
    return full * (0.5 + this.#deps.random() / 2)
  }

  /** Everyone in a room of moderate size; otherwise half as many, the first in the random order. */
  #isWanted(candidate: Candidate): boolean {
    const { fullMeshUpTo } = this.#config
    if (this.#candidates.size <= fullMeshUpTo) return true
    let before = 0
    for (const other of this.#candidates.values()) if (other.rank < candidate.rank) before++
    return before < fullMeshUpTo / 2
  }
}

// A member's addresses, merged from announcements at different times. Pure.

/** Addresses kept for one member. */
const MAX_ADDRESSES = 8

/**
 * Newer addresses first, without duplicates. An announcement with the peer's observed host or its relay is
 * complete and replaces all earlier ones.
 */
function mergeAddresses(newer: readonly Multiaddr[], older: readonly Multiaddr[]): readonly Multiaddr[] {
  const isWhole = newer.some(address => isBareHost(address) || isRelayed(address))
  const all = isWhole ? newer : [...newer, ...older]
  const unique = new Map(all.map(address => [withoutPeer(address).toString(), address]))
  return [...unique.values()].slice(0, MAX_ADDRESSES)
}
