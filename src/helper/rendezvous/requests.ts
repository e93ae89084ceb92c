/**
 * Answers one request of one peer from the registry. It knows no stream: request in, response out.
 */
import type { Connection } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import { RateTable } from '../../common/rate-limit.ts'
import { sourceOf } from '../../network/connections/connection-gater.ts'
import { openPeerRecord } from '../../network/discovery/peer-record.ts'
import type { Discover, DiscoverResponse, ErrorStatus, Message, Register } from '../../protocol/rendezvous.ts'
import { MAX_PAGE_COUNT } from '../../protocol/rendezvous.ts'
import { PEER_RATE, RATE_KEYS, SOURCE_RATE } from './limits.ts'
import type { RegisterRefusal, Registry } from './registry.ts'
import type { RequestCounters } from './responses.ts'
import { readRegistryPage } from './responses.ts'

export interface RequestsDeps {
  readonly registry: Registry
  /** Milliseconds. */
  readonly now: () => number
  readonly counters: RequestCounters
  readonly logger: Logger
  /** A new or changed registration, to be pushed to watchers. */
  readonly onRegistered: (namespace: string) => void
}

/** `unexpected`: a message that only helpers send. */
export type RequestResult =
  | { readonly kind: 'answer'; readonly message: Message }
  | { readonly kind: 'none' | 'unexpected' }

const STATUS: Readonly<Record<RegisterRefusal, ErrorStatus>> = {
  namespace: 'E_INVALID_NAMESPACE',
  record: 'E_INVALID_SIGNED_PEER_RECORD',
  ttl: 'E_INVALID_TTL',
  full: 'E_UNAVAILABLE',
  'lasting-full': 'E_UNAVAILABLE',
  'peer-full': 'E_UNAVAILABLE',
  'namespace-full': 'E_UNAVAILABLE',
  'source-full': 'E_UNAVAILABLE',
}

export class Requests {
  readonly #deps: RequestsDeps
  readonly #peers = new RateTable<string>(PEER_RATE, RATE_KEYS)
  readonly #sources = new RateTable<string>(SOURCE_RATE, RATE_KEYS)

  constructor(deps: RequestsDeps) {
    this.#deps = deps
  }

  /** Whether the peer may send a request now. Counts the request. */
  takeRate(connection: Connection): 'on-time' | 'too-fast' {
    const now = this.#deps.now()
    const source = this.#sources.take(sourceOf(connection.remoteAddr), now)
    const peer = this.#peers.take(connection.remotePeer.toString(), now)
    if (source && peer) return 'on-time'
    this.#deps.counters.count('rate')
    return 'too-fast'
  }

  async answer(message: Message, connection: Connection, signal: AbortSignal): Promise<RequestResult> {
    switch (message.kind) {
      case 'register':
        return await this.#register(message, connection, signal)
      case 'unregister':
        this.#deps.registry.unregister(message.namespace, connection.remotePeer.toString())
        return { kind: 'none' }
      case 'discover':
        return { kind: 'answer', message: { kind: 'discover-response', ...this.#discover(message) } }
      case 'register-response':
      case 'discover-response':
        return { kind: 'unexpected' }
    }
  }

  #discover({ namespace, cookie, limit = MAX_PAGE_COUNT }: Discover): DiscoverResponse {
    const { registry, now, counters } = this.#deps
    const page = readRegistryPage(
      registry,
      { namespace, cookie, count: Math.min(limit, MAX_PAGE_COUNT) },
      now(),
    )
    if (page.refused !== undefined) counters.count(page.refused)
    return page.response
  }

  /** The refusal for a request that is too fast, or for which there is no room. */
  unavailable(message: Message): RequestResult {
    const statusText = 'too busy, ask later'
    switch (message.kind) {
      case 'register':
        return answer({ kind: 'register-response', status: 'E_UNAVAILABLE', statusText })
      case 'discover':
        return answer({ kind: 'discover-response', status: 'E_UNAVAILABLE', statusText, registrations: [] })
      case 'unregister':
        return { kind: 'none' }
      case 'register-response':
      case 'discover-response':
        return { kind: 'unexpected' }
    }
  }

  async #register(wanted: Register, connection: Connection, signal: AbortSignal): Promise<RequestResult> {
    const { registry, now, logger, onRegistered } = this.#deps
    const { namespace, record, ttlSeconds } = wanted
    const peer = connection.remotePeer.toString()
    const opened = await openPeerRecord(record, signal)
    if (opened.kind === 'invalid') return this.#notRegistered('signature', 'E_INVALID_SIGNED_PEER_RECORD')
    if (!opened.record.peerId.equals(connection.remotePeer)) {
      return this.#notRegistered('foreign', 'E_NOT_AUTHORIZED')
    }
    // it may have left while its signature was checked, and then nobody would report its departure any more
    if (connection.status !== 'open') return { kind: 'none' }
    const source = sourceOf(connection.remoteAddr)
    const registration = { namespace, peer, source, record: opened.record.envelope }
    const result = registry.register({ ...registration, ...(ttlSeconds && { ttlSeconds }) }, now())
    if (result.kind === 'refused') return this.#notRegistered(result.reason, STATUS[result.reason])
    logger.debug('registered', { peer, namespace, change: result.change, ttlSeconds: result.ttlSeconds })
    if (result.change !== 'same') onRegistered(namespace)
    return answer({ kind: 'register-response', status: 'OK', ttlSeconds: result.ttlSeconds })
  }

  #notRegistered(reason: string, status: ErrorStatus): RequestResult {
    this.#deps.counters.count(reason)
    return answer({ kind: 'register-response', status, statusText: reason })
  }
}

function answer(message: Message): RequestResult {
  return { kind: 'answer', message }
}
