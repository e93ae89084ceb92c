/**
 * The dialer: dials a member over all its addresses in the order of the dial plan. The next dial starts after
 * a short delay, or as soon as none is in progress; the first connection wins. A relay is dialled early, so
 * that people can talk while direct dials are still running.
 */

import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { dropOldest } from '../../common/rate-limit.ts'
import {
  bareHost,
  hostOf,
  isBareHost,
  isLocal,
  isRelayed,
  relayOf,
  withoutPeer,
} from '../../protocol/multiaddr.ts'
import type { DialFailure } from '../discovery/dial-failure.ts'
import { DialError } from '../discovery/dial-failure.ts'
import type { Internals } from '../libp2p-internals.ts'

/** Delay between two direct dials: RFC 8305 (Happy Eyeballs) recommends 250. */
const STAGGER_MS = 250
/** Head start of direct dials before relays: a little more than a round trip around the world. */
const HEADSTART_MS = 600
/** Time limit for one address. */
const ADDRESS_MS = 5_000
/** Time limit through a relay: both handshakes travel the whole way. */
const RELAYED_MS = 10_000

export interface DialerDeps {
  readonly internals: Internals
  readonly history: DialHistory
  /**
   * Whether a relay (peer id) can be used: an own helper that is lost at the moment is not dialled for it.
   */
  readonly isRelayReady: (relay: string) => boolean
}

export class Dialer {
  readonly #deps: DialerDeps

  constructor(deps: DialerDeps) {
    this.#deps = deps
  }

  /** Resolves with the first connection; rejects if no address leads to the peer. */
  async dial(peer: PeerId, addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Connection> {
    const won = new AbortController()
    const all = [...addresses]
    const running = new Set<Promise<Connection>>()
    const failures: unknown[] = []
    return await new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const next = (): void => {
        clearTimeout(timer)
        const address = all.shift()
        if (address === undefined || signal.aborted) {
          if (running.size === 0) reject(new AggregateError(failures, 'no address leads to the peer'))
          return
        }
        const attempt = this.#attempt(peer, address, AbortSignal.any([signal, won.signal]))
        running.add(attempt)
        attempt.then(
          connection => {
            clearTimeout(timer)
            all.length = 0
            // a relayed connection doesn't end the race: a direct one may follow
            if (connection.direct) won.abort(new Error('another address was faster'))
            resolve(connection)
          },
          cause => {
            failures.push(cause)
            running.delete(attempt)
            if (running.size === 0) next()
          },
        )
        const [following] = all
        if (following !== undefined) timer = setTimeout(next, waitBefore(following, address))
      }
      next()
    })
  }

  async #attempt(peer: PeerId, address: Multiaddr, signal: AbortSignal): Promise<Connection> {
    const { internals, history, isRelayReady } = this.#deps
    const startedAt = performance.now()
    const path = pathKindOf(address)
    const timeoutMs = path === 'relay' ? RELAYED_MS : ADDRESS_MS
    const step = () => ({
      path,
      address: address.toString(),
      tookMs: Math.round(performance.now() - startedAt),
    })
    try {
      const to = withoutPeer(address).encapsulate(`/p2p/${peer}`)
      if (path === 'relay' && !isRelayReady(relayOf(address))) throw new Error('that helper is not connected')
      const connection = await internals.dial(to, { timeoutMs, signal })
      history.add(peer, { ...step(), outcome: 'connected' })
      return connection
    } catch (cause) {
      if (!signal.aborted) history.add(peer, { ...step(), outcome: 'failed', reason: reasonOf(cause) })
      throw cause
    }
  }
}

function pathKindOf(address: Multiaddr): PathKind {
  if (isRelayed(address)) return 'relay'
  return isLocal(address) ? 'lan' : 'direct'
}

function waitBefore(next: Multiaddr, before: Multiaddr): number {
  if (!isRelayed(next)) return STAGGER_MS
  return isRelayed(before) ? RELAYED_MS : HEADSTART_MS
}

// The dial plan: the order in which to try a member's addresses, and which to skip because they mean
// something else from here. Peers behind one router try local addresses first; otherwise public ones come
// first; relays come last. Pure.

export interface DialPlan {
  readonly direct: readonly Multiaddr[]
  readonly relayed: readonly Multiaddr[]
}

/** `homes`: the hosts from which helpers see this peer; empty if no helper reported any. */
export function dialPlan(addresses: readonly Multiaddr[], homes: readonly string[]): DialPlan {
  const theirs = addresses.filter(isBareHost).flatMap(address => hostOf(address) ?? [])
  const dialable = addresses.filter(address => !isBareHost(address) && !isRelayed(address))
  const near = dialable.filter(isLocal)
  const far = dialable.filter(address => !isLocal(address))
  const relayed = addresses.filter(isRelayed)
  switch (networkRelation(theirs, homes)) {
    case 'same-home':
      return { direct: [...near, ...far], relayed }
    case 'maybe':
      return { direct: [...far, ...near], relayed }
    case 'elsewhere':
      return { direct: far, relayed }
  }
}

/**
 * Two peers seen from local addresses share at least the helper's network. Without a report from a helper
 * about either of them, anything is possible.
 */
function networkRelation(
  theirs: readonly string[],
  homes: readonly string[],
): 'same-home' | 'maybe' | 'elsewhere' {
  if (theirs.length === 0 || homes.length === 0) return 'maybe'
  if (theirs.some(home => homes.includes(home))) return 'same-home'
  const areLocal = [theirs, homes].every(hosts => hosts.some(host => isLocal(bareHost(host))))
  return areLocal ? 'maybe' : 'elsewhere'
}

// The dial history: the attempts to reach each member and their results, kept for `/why`. It decides nothing.

/** The kinds of path. `lan`: an address that is valid in one network only. */
export type PathKind = 'direct' | 'lan' | 'relay' | 'punch'

export interface DialAttempt {
  /** When the attempt ended, milliseconds since the epoch. */
  readonly at: number
  readonly path: PathKind
  readonly outcome: 'connected' | 'failed'
  readonly tookMs: number
  /** The address; empty if there was none to try. */
  readonly address: string
  /** Why it failed, in words. */
  readonly reason?: string
}

/** Members remembered, and attempts of each. */
const MAX_PEERS = 512
const MAX_ATTEMPTS = 12

export class DialHistory {
  readonly #attempts = new Map<string, readonly DialAttempt[]>()

  add(peer: PeerId, step: Omit<DialAttempt, 'at'>): void {
    const id = peer.toString()
    const before = this.#attempts.get(id) ?? []
    this.#attempts.delete(id)
    this.#attempts.set(id, [...before, { ...step, at: Date.now() }].slice(-MAX_ATTEMPTS))
    if (this.#attempts.size > MAX_PEERS) dropOldest(this.#attempts)
  }

  /** The latest attempts, oldest first. */
  of(peer: PeerId): readonly DialAttempt[] {
    return this.#attempts.get(peer.toString()) ?? []
  }
}

/** What went wrong, short enough for one line. */
export function reasonOf(cause: unknown): string {
  const error = cause instanceof AggregateError ? cause.errors.at(-1) : cause
  if (error instanceof DialError) {
    const { failure, cause: inner } = error
    // only the relay's own words tell why it refused
    return failure.kind === 'unknown' ? reasonOf(inner) : REASONS[failure.kind]
  }
  return (error instanceof Error ? error.message : String(error)).slice(0, 120)
}

const REASONS: Readonly<Record<Exclude<DialFailure['kind'], 'unknown'>, string>> = {
  'unknown-host': 'there is no host of that name',
  'lookup-failed': 'that name could not be looked up',
  refused: 'it was refused',
  'no-answer': 'there was no answer',
  'no-route': 'there is no way to that host',
  'not-allowed': 'this machine does not allow it',
  silent: 'something listens there and says nothing',
  'hung-up': 'it was broken off',
  'not-libp2p': 'something else answers there',
  'own-address': 'that address is your own',
}
