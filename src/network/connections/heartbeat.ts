/**
 * The heartbeat: one stream on each connection, on which both sides send a byte now and then. A connection
 * that is silent for too long is closed, so that a dead link is noticed whether the other machine lost power
 * or network.
 *
 * libp2p's own monitor opens a stream for every ping; in a room of 16 at a useful pace that cost a fifth of a
 * core at rest (docs/decisions/0018-heartbeat.md). It stays on at a slow pace, for peers without this
 * protocol.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { peerKeyOf } from '../peer-id.ts'

const HEARTBEAT_PROTOCOL = '/parley/beat/1'
const HEARTBEAT_BYTE = new Uint8Array(1)

/** Checks per interval, so that silence is noticed soon after the limit. */
const CHECKS_PER_INTERVAL = 3

/** How long opening the stream may take, milliseconds. */
const OPEN_TIMEOUT_MS = 10_000

export interface HeartbeatConfig {
  /** Time between two heartbeats. */
  readonly pingIntervalMs: number
  /** How much longer than the interval silence is tolerated. */
  readonly pingTimeoutMs: number
}

export interface HeartbeatDeps {
  readonly node: Libp2p
  readonly logger: Logger
  /** The connections on which this side opens the stream; by default, those that it dialled. */
  readonly opensOn?: (connection: Connection) => boolean
}

interface MonitoredStream {
  readonly connection: Connection
  readonly peer: PeerKey | undefined
  heardAt: number
}

export class Heartbeat implements Disposable {
  readonly #config: HeartbeatConfig
  readonly #deps: HeartbeatDeps
  readonly #streams = new Map<Stream, MonitoredStream>()
  /** When a peer last sent anything else: on a full link, heartbeats queue behind it. */
  readonly #heardAtByPeer = new Map<PeerKey, number>()
  readonly #stop = new AbortController()
  #checkedAt = performance.now()
  #timer = 0

  constructor(config: HeartbeatConfig, deps: HeartbeatDeps) {
    this.#config = config
    this.#deps = deps
  }

  async start(): Promise<void> {
    const { node } = this.#deps
    const { signal } = this.#stop
    const options = { maxInboundStreams: 1, maxOutboundStreams: 1, runOnLimitedConnection: true }
    await node.handle(HEARTBEAT_PROTOCOL, (stream, connection) => this.#adopt(stream, connection), options)
    node.addEventListener('connection:open', event => void this.#open(event.detail), { signal })
    const lookMs = this.#config.pingIntervalMs / CHECKS_PER_INTERVAL
    const timer = setInterval(() => this.#check(performance.now()), lookMs)
    signal.addEventListener('abort', () => clearInterval(timer))
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.#streams.clear()
    this.#heardAtByPeer.clear()
  }

  /** A peer sent something, and so it lives. */
  heard(peer: PeerKey): void {
    if (this.#heardAtByPeer.has(peer)) this.#heardAtByPeer.set(peer, performance.now())
  }

  /** The dialling side opens the stream. */
  async #open(connection: Connection): Promise<void> {
    const { opensOn = isDialled } = this.#deps
    if (!opensOn(connection)) return
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
      const options = { signal, runOnLimitedConnection: true, maxOutboundStreams: 1 }
      this.#adopt(await connection.newStream(HEARTBEAT_PROTOCOL, options), connection)
    } catch (error) {
      this.#deps.logger.debug('no heartbeat with a peer', { peer: connection.remotePeer.toString(), error })
    }
  }

  #adopt(stream: Stream, connection: Connection): void {
    const peer = peerKeyOf(connection.remotePeer)
    const state = { connection, peer, heardAt: performance.now() }
    if (peer !== undefined) this.#heardAtByPeer.set(peer, state.heardAt)
    this.#streams.set(stream, state)
    stream.addEventListener('message', () => {
      state.heardAt = performance.now()
    })
    stream.addEventListener('close', () => this.#forget(stream, peer))
  }

  #forget(stream: Stream, peer: PeerKey | undefined): void {
    this.#streams.delete(stream)
    const isLast = this.#streams.values().every(state => state.peer !== peer)
    if (isLast && peer !== undefined) this.#heardAtByPeer.delete(peer)
  }

  #heardAt({ peer, heardAt }: MonitoredStream): number {
    const otherwise = peer === undefined ? undefined : this.#heardAtByPeer.get(peer)
    return Math.max(heardAt, otherwise ?? heardAt)
  }

  #check(now: number): void {
    const { pingIntervalMs, pingTimeoutMs } = this.#config
    // this process itself was suspended: what others sent meanwhile is still to be read
    const overslept = now - this.#checkedAt > pingIntervalMs
    this.#checkedAt = now
    const isBeat = this.#timer++ % CHECKS_PER_INTERVAL === 0
    for (const [stream, state] of this.#streams) {
      if (overslept) state.heardAt = now
      if (now - this.#heardAt(state) > pingIntervalMs + pingTimeoutMs)
        state.connection.abort(new Error('no heartbeat'))
      else if (isBeat) sendHeartbeat(stream)
    }
  }
}

function isDialled({ direction }: Connection): boolean {
  return direction === 'outbound'
}

/** Sends a byte, unless the last one is still queued. */
function sendHeartbeat(stream: Stream): void {
  if (stream.writeStatus === 'writable' && !stream.writableNeedsDrain) stream.send(HEARTBEAT_BYTE)
}
