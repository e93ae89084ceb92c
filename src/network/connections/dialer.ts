/**
 * Dials a member over all its addresses, in the order that routes.ts gives: the next one begins a moment after the one
 * before, or as soon as nothing else is under way, and the first that connects wins. A relay gets its turn early, so
 * that one can talk while a direct address is still being tried.
 */

import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { dropOldest } from '../../common/rate-limit.ts'
import {
  hostAlone,
  hostOf,
  isHostAlone,
  isLocal,
  isRelayed,
  relayOf,
  withoutPeer,
} from '../../protocol/multiaddr.ts'
import type { DialTrouble } from '../discovery/dial-failure.ts'
import { DialError } from '../discovery/dial-failure.ts'
import type { Internals } from '../libp2p-internals.ts'

/** Between two direct addresses: RFC 8305 (happy eyeballs) recommends 250. */
const STAGGER_MS = 250
/** How much sooner direct addresses begin than relays: a round trip to the other side of the world, and some. */
const HEADSTART_MS = 600
/** For one address. */
const ADDRESS_MS = 5_000
/** Through a relay four parties take part: both ends' handshakes go the whole way. */
const RELAYED_MS = 10_000

export interface DialerDeps {
  readonly internals: Internals
  readonly trails: DialHistory
  /** Whether a relay (peer id) can be used: an own helper that is lost at the moment is not dialled for it. */
  readonly isRelayReady: (relay: string) => boolean
}

export class Dialer {
  readonly #deps: DialerDeps

  constructor(deps: DialerDeps) {
    this.#deps = deps
  }

  /** Resolves with the first connection; rejects when no address leads to the peer. */
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
            // a relayed one ends nothing: a direct one may still come
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
    const { internals, trails, isRelayReady } = this.#deps
    const startedAt = performance.now()
    const rung = rungOf(address)
    const timeoutMs = rung === 'relay' ? RELAYED_MS : ADDRESS_MS
    const step = () => ({
      rung,
      address: address.toString(),
      tookMs: Math.round(performance.now() - startedAt),
    })
    try {
      const to = withoutPeer(address).encapsulate(`/p2p/${peer}`)
      if (rung === 'relay' && !isRelayReady(relayOf(address))) throw new Error('that helper is not connected')
      const connection = await internals.dial(to, { timeoutMs, signal })
      trails.add(peer, { ...step(), outcome: 'connected' })
      return connection
    } catch (cause) {
      if (!signal.aborted) trails.add(peer, { ...step(), outcome: 'failed', reason: reasonOf(cause) })
      throw cause
    }
  }
}

function rungOf(address: Multiaddr): PathKind {
  if (isRelayed(address)) return 'relay'
  return isLocal(address) ? 'lan' : 'direct'
}

function waitBefore(next: Multiaddr, before: Multiaddr): number {
  if (!isRelayed(next)) return STAGGER_MS
  return isRelayed(before) ? RELAYED_MS : HEADSTART_MS
}

// In which order to try a member's addresses: between two peers behind one router their local ones first, otherwise
// public ones, and a relay last; and which not to try at all, because they mean something else from here. Pure.

export interface DialPlan {
  readonly direct: readonly Multiaddr[]
  readonly relayed: readonly Multiaddr[]
}

/** `homes`: the hosts from which helpers see this peer; none if no helper told. */
export function dialPlan(addresses: readonly Multiaddr[], homes: readonly string[]): DialPlan {
  const theirs = addresses.filter(isHostAlone).flatMap(address => hostOf(address) ?? [])
  const dialable = addresses.filter(address => !isHostAlone(address) && !isRelayed(address))
  const near = dialable.filter(isLocal)
  const far = dialable.filter(address => !isLocal(address))
  const relayed = addresses.filter(isRelayed)
  switch (nearness(theirs, homes)) {
    case 'same-home':
      return { direct: [...near, ...far], relayed }
    case 'maybe':
      return { direct: [...far, ...near], relayed }
    case 'elsewhere':
      return { direct: far, relayed }
  }
}

/**
 * Two that are seen from local addresses share the helper's network, at least. Without a word from a helper about
 * either of them anything is possible.
 */
function nearness(theirs: readonly string[], homes: readonly string[]): 'same-home' | 'maybe' | 'elsewhere' {
  if (theirs.length === 0 || homes.length === 0) return 'maybe'
  if (theirs.some(home => homes.includes(home))) return 'same-home'
  const areLocal = [theirs, homes].every(hosts => hosts.some(host => isLocal(hostAlone(host))))
  return areLocal ? 'maybe' : 'elsewhere'
}

// What was tried to reach each member, with what result: kept for whoever asks why somebody is connected as they are, or
// isn't. It decides nothing.

/** The rungs of the ladder. `lan`: an address that means something in one network only. */
export type PathKind = 'direct' | 'lan' | 'relay' | 'punch'

export interface DialAttempt {
  /** When it ended, milliseconds since the epoch. */
  readonly at: number
  readonly rung: PathKind
  readonly outcome: 'connected' | 'failed'
  readonly tookMs: number
  /** Where to; empty if there was nowhere to try. */
  readonly address: string
  /** Why it failed, in words. */
  readonly reason?: string
}

/** Members that are remembered, and steps of each. */
const MAX_PEERS = 512
const MAX_STEPS = 12

export class DialHistory {
  readonly #trails = new Map<string, readonly DialAttempt[]>()

  add(peer: PeerId, step: Omit<DialAttempt, 'at'>): void {
    const id = peer.toString()
    const before = this.#trails.get(id) ?? []
    this.#trails.delete(id)
    this.#trails.set(id, [...before, { ...step, at: Date.now() }].slice(-MAX_STEPS))
    if (this.#trails.size > MAX_PEERS) dropOldest(this.#trails)
  }

  /** The latest steps, oldest first. */
  of(peer: PeerId): readonly DialAttempt[] {
    return this.#trails.get(peer.toString()) ?? []
  }
}

/** What went wrong, short enough for one line. */
export function reasonOf(cause: unknown): string {
  const error = cause instanceof AggregateError ? cause.errors.at(-1) : cause
  if (error instanceof DialError) {
    const { trouble, cause: inner } = error
    // of a relay's refusal only its own words tell which
    return trouble.kind === 'unknown' ? reasonOf(inner) : WORDS[trouble.kind]
  }
  return (error instanceof Error ? error.message : String(error)).slice(0, 120)
}

const WORDS: Readonly<Record<Exclude<DialTrouble['kind'], 'unknown'>, string>> = {
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
