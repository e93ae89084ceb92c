/**
 * The rendezvous server on a libp2p node: accepts streams of both protocols, reads requests within limits,
 * and keeps the registry in step with the connections. `requests.ts` answers requests, `watchers.ts` pushes
 * changes. Bytes from a stranger can at worst end the stranger's own connection.
 */

import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import { deadline } from '../../network/deadline.ts'
import { RendezvousStream } from '../../network/streams/length-prefixed.ts'
import type { Message } from '../../protocol/rendezvous.ts'
import { RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL } from '../../protocol/rendezvous.ts'
import { FIRST_REQUEST_MS, IDLE_CONNECTION_MS, MAX_OFFENCES, NEXT_REQUEST_MS, SWEEP_MS } from './limits.ts'
import type { Registry } from './registry.ts'
import type { RequestResult } from './requests.ts'
import { Requests } from './requests.ts'
import type { RequestCounters } from './responses.ts'
import { ResponseSender } from './responses.ts'
import { Watchers } from './watchers.ts'

export interface RendezvousServerOptions {
  readonly node: Libp2p
  readonly registry: Registry
  /** Milliseconds. */
  readonly now: () => number
  readonly limits: RendezvousLimits
  readonly logger: Logger
  /** Counts refusals. */
  readonly counters: RequestCounters
}

export interface RendezvousLimits {
  /** Streams of each protocol that one connection may have open. */
  readonly streamsPerConnection: number
  /** Bytes of one request. */
  readonly messageBytes: number
  /** A peer that hasn't taken a response after this time is disconnected. */
  readonly takeAnswerMs: number
  readonly watchers: number
  readonly watchersPerPeer: number
}

export class RendezvousServer {
  readonly #options: RendezvousServerOptions
  readonly #sender: ResponseSender
  readonly #activity = new ConnectionActivities()
  readonly #closing = new AbortController()
  readonly #requests: Requests
  readonly #watchers: Watchers
  #sweeping: NodeJS.Timeout | undefined

  constructor(options: RendezvousServerOptions) {
    this.#options = options
    this.#sender = new ResponseSender(options.limits.takeAnswerMs)
    this.#watchers = new Watchers({ ...options, sender: this.#sender })
    this.#requests = new Requests({
      ...options,
      onRegistered: namespace => this.#watchers.notify(namespace),
    })
  }

  get watchers(): number {
    return this.#watchers.size
  }

  /** Accepts streams from now on. */
  async start(): Promise<void> {
    const { node, limits } = this.#options
    const { signal } = this.#closing
    this.#follow(node, signal)
    this.#sweeping = setInterval(() => void this.sweep(), SWEEP_MS).unref()
    const perProtocol = {
      maxInboundStreams: limits.streamsPerConnection,
      runOnLimitedConnection: true,
      signal,
    }
    await node.handle(
      RENDEZVOUS_PROTOCOL,
      (...open) => this.#serve(...open, this.#serveRequests),
      perProtocol,
    )
    await node.handle(WATCH_PROTOCOL, (...open) => this.#serve(...open, this.#watch), perProtocol)
  }

  /** Accepts no more streams and ends those that are open. The node stays. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping)
    this.#closing.abort()
    await this.#options.node.unhandle([RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL])
  }

  /** Removes what has ended. Runs by itself every few seconds. */
  async sweep(): Promise<void> {
    const { node, registry, now, logger } = this.#options
    registry.expire(now())
    for (const connection of this.#activity.idle(now(), [RENDEZVOUS_PROTOCOL, WATCH_PROTOCOL])) {
      connection.close().catch(cause => connection.abort(cause))
    }
    try {
      // libp2p remembers every visitor for six hours; a helper never dials one, and strangers have endless
      // keys
      for (const { id } of await node.peerStore.all()) {
        const gone = !id.equals(node.peerId) && node.getConnections(id).length === 0
        if (gone) await node.peerStore.delete(id)
      }
    } catch (cause) {
      logger.debug('could not forget peers', { cause })
    }
  }

  #follow(node: Libp2p, signal: AbortSignal): void {
    const { registry, now } = this.#options
    const opened = ({ detail }: CustomEvent<Connection>) => this.#activity.opened(detail, now())
    const closed = ({ detail }: CustomEvent<Connection>) => this.#activity.closed(detail)
    const arrived = ({ detail }: CustomEvent<PeerId>) => registry.onConnected(detail.toString(), now())
    const left = ({ detail }: CustomEvent<PeerId>) => registry.onDisconnected(detail.toString(), now())
    node.addEventListener('connection:open', opened, { signal })
    node.addEventListener('connection:close', closed, { signal })
    node.addEventListener('peer:connect', arrived, { signal })
    node.addEventListener('peer:disconnect', left, { signal })
  }

  /** Runs one stream from its opening to its end. Never rejects. */
  async #serve(stream: Stream, connection: Connection, talk: StreamHandler): Promise<void> {
    const gone = new AbortController()
    stream.addEventListener('close', () => gone.abort(), { once: true })
    const signal = AbortSignal.any([gone.signal, this.#closing.signal])
    const wire = new RendezvousStream(stream, this.#options.limits.messageBytes)
    try {
      await talk.call(this, wire, connection, signal)
      await stream.close({ signal: deadline(this.#options.limits.takeAnswerMs, signal) })
    } catch (cause) {
      stream.abort(cause instanceof Error ? cause : new Error('stream failed', { cause }))
    }
  }

  /** `/rendezvous/1.0.0`: any number of requests, each answered in turn. */
  async #serveRequests(wire: RendezvousStream, connection: Connection, signal: AbortSignal): Promise<void> {
    let patience = FIRST_REQUEST_MS
    for (;;) {
      const message = await this.#request(wire, connection, deadline(patience, signal))
      if (message === undefined) return
      const answer = await this.#answer(message, connection, signal)
      if (answer.kind === 'unexpected') throw this.#offence(connection, 'unexpected')
      if (answer.kind === 'answer') {
        const sent = await this.#sender.send(wire, answer.message, signal)
        if (sent !== 'sent') throw this.#offence(connection, `answer-${sent}`)
      }
      patience = NEXT_REQUEST_MS
    }
  }

  /** `/parley/watch/1`: one DISCOVER, then pushes until the watcher leaves. */
  async #watch(wire: RendezvousStream, connection: Connection, signal: AbortSignal): Promise<void> {
    const message = await this.#request(wire, connection, deadline(FIRST_REQUEST_MS, signal))
    if (message === undefined) return
    if (message.kind !== 'discover') throw this.#offence(connection, 'unexpected')
    if (this.#requests.takeRate(connection) === 'too-fast') {
      await this.#refuse(message, wire, connection, signal)
      return
    }
    const { namespace = '', cookie } = message
    const watch = { peer: connection.remotePeer.toString(), namespace, ...(cookie && { cookie }) }
    await this.#watchers.serve(watch, wire, signal)
  }

  /** The next request; none when the peer has closed its end. */
  async #request(
    wire: RendezvousStream,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<Message | undefined> {
    const received = await wire.read(signal)
    switch (received.kind) {
      case 'message':
        this.#activity.onRequest(connection, this.#options.now())
        return received.message
      case 'end':
        return undefined
      case 'malformed':
        throw this.#offence(connection, 'malformed')
      case 'broken':
        throw received.cause
    }
  }

  async #answer(message: Message, connection: Connection, signal: AbortSignal): Promise<RequestResult> {
    if (this.#requests.takeRate(connection) === 'on-time') {
      return await this.#requests.answer(message, connection, signal)
    }
    this.#countOffence(connection)
    return this.#requests.unavailable(message)
  }

  async #refuse(
    message: Message,
    wire: RendezvousStream,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<void> {
    this.#countOffence(connection)
    const answer = this.#requests.unavailable(message)
    if (answer.kind === 'answer') await this.#sender.send(wire, answer.message, signal)
  }

  /** Counts the offence, and returns the error that ends the stream. */
  #offence(connection: Connection, reason: string): Error {
    this.#options.counters.count(reason)
    this.#countOffence(connection)
    return new Error(reason)
  }

  #countOffence(connection: Connection): void {
    if (this.#activity.countOffence(connection) === 'tolerable') return
    this.#options.counters.count('cut-off')
    this.#options.logger.info('cut off', { peer: connection.remotePeer.toString() })
    connection.abort(new Error('too many violations'))
  }
}

type StreamHandler = (
  this: RendezvousServer,
  wire: RendezvousStream,
  connection: Connection,
  signal: AbortSignal,
) => Promise<void>

// Each connection's latest request and number of offences.

interface ConnectionActivity {
  /** Milliseconds. */
  lastRequestAt: number
  offences: number
}

class ConnectionActivities {
  readonly #visits = new Map<Connection, ConnectionActivity>()

  opened(connection: Connection, now: number): void {
    this.#visits.set(connection, { lastRequestAt: now, offences: 0 })
  }

  closed(connection: Connection): void {
    this.#visits.delete(connection)
  }

  onRequest(connection: Connection, now: number): void {
    const visit = this.#visits.get(connection)
    if (visit !== undefined) visit.lastRequestAt = now
  }

  /** Counts an offence; `enough` when it was one too many. */
  countOffence(connection: Connection): 'tolerable' | 'enough' {
    const visit = this.#visits.get(connection)
    if (visit === undefined) return 'tolerable'
    visit.offences++
    return visit.offences > MAX_OFFENCES ? 'enough' : 'tolerable'
  }

  /** Connections without recent requests and without open streams of these protocols. */
  idle(now: number, protocols: readonly string[]): Connection[] {
    return [...this.#visits].flatMap(([connection, { lastRequestAt }]) => {
      const busy = connection.streams.some(stream => protocols.includes(stream.protocol))
      return !busy && now - lastRequestAt >= IDLE_CONNECTION_MS ? [connection] : []
    })
  }
}
