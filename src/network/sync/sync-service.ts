/**
 * The sync on the wire: which exchanges run, how many at once, and what a partner may cost. What is asked for,
 * taken in or sent is the room's business, behind `SyncRoom`; one exchange is in sync-exchange.ts.
 */

import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import { RateTable } from '../../common/rate-limit.ts'
import type { PeerKey, RoomId } from '../../protocol/ids.ts'
import type { SyncResult } from '../../room/sync/accounting.ts'
import type { SyncRoom } from '../../room/sync/sync-room.ts'
import { openConnections } from '../connections/connection-preference.ts'
import { peerIdOf, peerKeyOf } from '../peer-id.ts'
import type { SyncStreamDeps, SyncTimeouts } from './sync-stream.ts'
import { runSyncSession, SYNC_TIMEOUTS } from './sync-stream.ts'

const SYNC_PROTOCOL = '/parley/sync/1'

/** Exchanges that others may have with this peer at once: a full room starting together, twice. */
const MAX_INBOUND = 64
/** Exchanges that this peer begins at once; further ones wait for their turn. */
const MAX_OUTBOUND = 8
/** How long an exchange may take though others wait, milliseconds: a fast link moves a full one in a quarter of it. */
const SEAT_MS = 60_000
/** Streams of one partner at once: one for each of a few rooms, both ways. */
const MAX_STREAMS_PER_PARTNER = 8
/** How often one partner may begin an exchange. */
const PARTNER_RATE = { perSecond: 2, burst: 32 }
const PARTNERS = 1_024
/**
 * How often one partner may begin an exchange that leads to no room. Some are honest: of rooms that were just left
 * here. Whoever does it more often is expelled.
 */
const ASTRAY_RATE = { perSecond: 0.1, burst: 24 }
/** How long opening a stream may take on a slow link, milliseconds. */
const OPEN_TIMEOUT_MS = 10_000

export interface SyncServiceDeps {
  readonly node: Libp2p
  /** The rooms that are open here. */
  readonly room: (id: RoomId) => SyncRoom | undefined
  readonly now: () => number
  /** Something came from a peer. */
  readonly onHeard: (peer: PeerKey) => void
  /** A peer misbehaves in no room. */
  readonly expel: (peer: PeerKey, reason: string) => void
  readonly logger: Logger
  /** How long partners may take. */
  readonly patience?: SyncTimeouts
}

export class SyncService {
  readonly #deps: SyncServiceDeps
  readonly #partners = new RateTable<PeerKey>(PARTNER_RATE, PARTNERS)
  readonly #astray = new RateTable<PeerKey>(ASTRAY_RATE, PARTNERS)
  readonly #stop = new AbortController()
  /** Exchanges wanted, by room and peer: what is asked for twice is done once. */
  readonly #queue = new Map<string, { readonly room: RoomId; readonly peer: PeerKey }>()
  readonly #running = new Set<string>()
  readonly #outbound: Semaphore
  readonly #inbound: Semaphore
  #exchanges = 0

  constructor(deps: SyncServiceDeps) {
    this.#deps = deps
    this.#outbound = new Semaphore(MAX_OUTBOUND, SEAT_MS, deps.now)
    this.#inbound = new Semaphore(MAX_INBOUND, SEAT_MS, deps.now)
  }

  async start(): Promise<void> {
    const options = { maxInboundStreams: MAX_STREAMS_PER_PARTNER, runOnLimitedConnection: true }
    await this.#deps.node.handle(
      SYNC_PROTOCOL,
      (stream, connection) => this.#onStream(stream, connection),
      options,
    )
  }

  /** Ends all exchanges at once. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the program ends'))
    this.#queue.clear()
    for (const seats of [this.#outbound, this.#inbound]) seats[Symbol.dispose]()
    await this.#deps.node.unhandle(SYNC_PROTOCOL)
  }

  /** Exchanges with a peer soon. One that is running already is followed by another, since it may have missed something. */
  request(room: RoomId, peer: PeerKey): void {
    this.#queue.set(`${room}/${peer}`, { room, peer })
    this.#next()
  }

  #next(): void {
    for (const [name, { room, peer }] of this.#queue) {
      if (this.#stop.signal.aborted) return
      if (this.#running.has(name)) continue
      const seat = this.#outbound.take(peer)
      if (seat === undefined) return
      this.#queue.delete(name)
      this.#running.add(name)
      void this.#begin(room, peer, seat).finally(() => {
        this.#running.delete(name)
        seat[Symbol.dispose]()
        this.#next()
      })
    }
  }

  async #begin(roomId: RoomId, peer: PeerKey, seat: Permit): Promise<void> {
    const room = this.#deps.room(roomId)
    if (room === undefined) return
    const exchange = ++this.#exchanges
    const outcome = await this.#open(peer).then(
      stream => this.#run({ stream, room: () => room, roomId, peer, exchange, stop: seat.signal }),
      (error: unknown): SyncResult => unopened(error),
    )
    this.#ended(room, exchange, peer, outcome)
  }

  async #open(peer: PeerKey): Promise<Stream> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
    const [connection] = openConnections(this.#deps.node, peerIdOf(peer))
    if (connection === undefined) throw new Error('not connected')
    return connection.newStream(SYNC_PROTOCOL, { signal, runOnLimitedConnection: true })
  }

  async #onStream(stream: Stream, connection: Connection): Promise<void> {
    const peer = peerKeyOf(connection.remotePeer)
    const isWelcome = peer !== undefined && this.#partners.take(peer, this.#deps.now())
    using seat = isWelcome ? this.#inbound.takeOver(peer) : undefined
    if (peer === undefined || seat === undefined) return stream.abort(new Error('too many exchanges'))
    const exchange = ++this.#exchanges
    let room: SyncRoom | undefined
    const find = (id: RoomId): SyncRoom | undefined => {
      room = this.#deps.room(id)
      return room
    }
    const outcome = await this.#run({ stream, room: find, peer, exchange, stop: seat.signal })
    if (room !== undefined) this.#ended(room, exchange, peer, outcome)
    else if (!this.#astray.take(peer, this.#deps.now())) this.#deps.expel(peer, 'streams that lead nowhere')
  }

  #run(deps: Omit<SyncStreamDeps, 'onHeard' | 'patience'>): Promise<SyncResult> {
    const { onHeard, patience = SYNC_TIMEOUTS } = this.#deps
    return runSyncSession({ ...deps, onHeard: () => onHeard(deps.peer), patience })
  }

  #ended(room: SyncRoom, exchange: number, peer: PeerKey, outcome: SyncResult): void {
    if (outcome.kind === 'failed') {
      const { reason, blame } = outcome
      this.#deps.logger.debug('sync failed', { peer, reason, blame })
    }
    if (!this.#stop.signal.aborted) room.onEnded(exchange, peer, outcome)
  }
}

function unopened(error: unknown): SyncResult {
  return { kind: 'failed', reason: String(error), blame: 'nobody', received: 0, sent: 0 }
}

// Seats for exchanges: a bounded number, and nobody keeps one for ever while others wait. An exchange that is cut off
// loses nothing: what it brought stays, and the rest comes with the next one.

export interface Permit extends Disposable {
  /** Fires when somebody else needs it. */
  readonly signal: AbortSignal
}

interface Taken {
  readonly peer: PeerKey
  readonly since: number
  readonly controller: AbortController
}

export class Semaphore implements Disposable {
  readonly #count: number
  readonly #keepMs: number
  readonly #now: () => number
  /** In the order in which they were taken. */
  readonly #taken = new Set<Taken>()
  #timer: NodeJS.Timeout | undefined

  /** A seat is kept for `keepMs` whoever waits. `now` is steady, milliseconds. */
  constructor(count: number, keepMs: number, now: () => number) {
    this.#count = count
    this.#keepMs = keepMs
    this.#now = now
  }

  /** A seat, if one is free. If none is, the oldest is freed in its time. */
  take(peer: PeerKey): Permit | undefined {
    if (this.#taken.size < this.#count) return this.#seat(peer)
    this.#freeOldest()
    return undefined
  }

  /** A seat, if need be that of somebody who has more than this peer, or had his for long. */
  takeOver(peer: PeerKey): Permit | undefined {
    if (this.#taken.size >= this.#count) {
      const victim = this.#victim(peer)
      if (victim === undefined) return undefined
      this.#free(victim)
    }
    return this.#seat(peer)
  }

  /** Frees all. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const taken of this.#taken) this.#free(taken)
  }

  #seat(peer: PeerKey): Permit {
    const taken = { peer, since: this.#now(), controller: new AbortController() }
    this.#taken.add(taken)
    return {
      signal: taken.controller.signal,
      [Symbol.dispose]: () => void this.#taken.delete(taken),
    }
  }

  #victim(peer: PeerKey): Taken | undefined {
    const counts = new Map<PeerKey, number>()
    for (const one of this.#taken) counts.set(one.peer, (counts.get(one.peer) ?? 0) + 1)
    const fair = (counts.get(peer) ?? 0) + 1
    const most = Math.max(...counts.values())
    const [oldest] = this.#taken
    if (most > fair) return this.#taken.values().find(one => counts.get(one.peer) === most)
    return oldest !== undefined && this.#now() >= oldest.since + this.#keepMs ? oldest : undefined
  }

  /** Once the oldest had its time, if all are still taken then. */
  #freeOldest(): void {
    const [oldest] = this.#taken
    if (oldest === undefined || this.#taken.size < this.#count || this.#timer !== undefined) return
    const left = oldest.since + this.#keepMs - this.#now()
    const again = (): void => {
      this.#timer = undefined
      this.#freeOldest()
    }
    if (left <= 0) this.#free(oldest)
    else this.#timer = setTimeout(again, left).unref()
  }

  #free(taken: Taken): void {
    this.#taken.delete(taken)
    taken.controller.abort(new Error('others wait'))
  }
}
