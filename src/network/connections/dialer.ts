/**
 * Dials a member over all its addresses, in the order that routes.ts gives: the next one begins a moment after the one
 * before, or as soon as nothing else is under way, and the first that connects wins. A relay gets its turn early, so
 * that one can talk while a direct address is still being tried.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isLocal, isRelayed, relayOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { Internals } from '../libp2p-internals.ts'
import type { Rung, Trails } from './trails.ts'
import { reasonOf } from './trails.ts'

/** Between two direct addresses: RFC 8305 (happy eyeballs) recommends 250. */
const STAGGER_MS = 250
/** How much sooner direct addresses begin than relays: a round trip to the other side of the world, and some. */
const HEADSTART_MS = 600
/** For one address. */
const ADDRESS_MS = 5_000
/** Through a relay four parties take part: both ends' handshakes go the whole way. */
const RELAYED_MS = 10_000

export interface DiallerDeps {
  readonly internals: Internals
  readonly trails: Trails
  /** Whether a relay (peer id) can be used: an own helper that is lost at the moment is not dialled for it. */
  readonly isRelayReady: (relay: string) => boolean
}

export class Dialler {
  readonly #deps: DiallerDeps

  constructor(deps: DiallerDeps) {
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

function rungOf(address: Multiaddr): Rung {
  if (isRelayed(address)) return 'relay'
  return isLocal(address) ? 'lan' : 'direct'
}

function waitBefore(next: Multiaddr, before: Multiaddr): number {
  if (!isRelayed(next)) return STAGGER_MS
  return isRelayed(before) ? RELAYED_MS : HEADSTART_MS
}
