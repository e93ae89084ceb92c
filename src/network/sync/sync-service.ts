/**
 * The sync service: which sync sessions run, how many at once, and what a partner may cost. The room decides
 * what to request, accept or send, behind `SyncRoom`; one session is in sync-stream.ts.
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

/** Sessions that others may have with this peer at once: a full room starting together, twice. */
const MAX_INBOUND = 64
/** Sessions that this peer starts at once; further ones wait. */
const MAX_OUTBOUND = 8
/**
 * How long a session may take while others wait, milliseconds: a fast link transfers a full one in a quarter
 * of it.
 */
const TIME_SLICE_MS = 60_000
/** Streams of one partner at once: one for each of a few rooms, both ways. */
const MAX_STREAMS_PER_PARTNER = 8
/** How often one partner may start a session. */
const PARTNER_RATE = { perSecond: 2, burst: 32 }
const PARTNERS = 1_024
/**
 * How often one partner may start a session for a room that isn't open here. Some are honest: for rooms just
 * left. A partner that exceeds this is expelled.
 */
const UNKNOWN_ROOM_RATE = { perSecond: 0.1, burst: 24 }
/** How long opening a stream may take on a slow link, milliseconds. */
const OPEN_TIMEOUT_MS = 10_000

export interface SyncServiceDeps {
  readonly node: Libp2p
  /** The rooms that are open here. */
  readonly room: (id: RoomId) => SyncRoom | undefined
  readonly now: () => number
  /** A peer sent something. */
  readonly onHeard: (peer: PeerKey) => void
  /** A peer misbehaved outside any room. */
  readonly expel: (peer: PeerKey, reason: string) => void
  readonly logger: Logger
  /** The partners' time limits. */
  readonly timeouts?: SyncTimeouts
}

export class SyncService {
  readonly #deps: SyncServiceDeps
  readonly #partners = new RateTable<PeerKey>(PARTNER_RATE, PARTNERS)
  readonly #unknownRooms = new RateTable<PeerKey>(UNKNOWN_ROOM_RATE, PARTNERS)
  readonly #stop = new AbortController()
  /** Requested sessions, by room and peer: a duplicate request leads to one session. */
  readonly #queue = new Map<string, { readonly room: RoomId; readonly peer: PeerKey }>()
  readonly #running = new Set<string>()
  readonly #outbound: Semaphore
  readonly #inbound: Semaphore
  #sessions = 0

  constructor(deps: SyncServiceDeps) {
    this.#deps = deps
    this.#outbound = new Semaphore(MAX_OUTBOUND, TIME_SLICE_MS, deps.now)
    this.#inbound = new Semaphore(MAX_INBOUND, TIME_SLICE_MS, deps.now)
  }

  async start(): Promise<void> {
    const options = { maxInboundStreams: MAX_STREAMS_PER_PARTNER, runOnLimitedConnection: true }
    await this.#deps.node.handle(
      SYNC_PROTOCOL,
      (stream, connection) => this.#onStream(stream, connection),
      options,
    )
  }

  /** Ends all sessions at once. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the program ends'))
    this.#queue.clear()
    for (const seats of [this.#outbound, this.#inbound]) seats[Symbol.dispose]()
    await this.#deps.node.unhandle(SYNC_PROTOCOL)
  }

  /**
   * Requests a session with a peer. If one is running, another follows, since the running one may have missed
   * something.
   */
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
    const exchange = ++this.#sessions
    const outcome = await this.#open(peer).then(
      stream => this.#run({ stream, room: () => room, roomId, peer, exchange, stop: seat.signal }),
      (error: unknown): SyncResult => openFailure(error),
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
    const exchange = ++this.#sessions
    let room: SyncRoom | undefined
    const find = (id: RoomId): SyncRoom | undefined => {
      room = this.#deps.room(id)
      return room
    }
    const outcome = await this.#run({ stream, room: find, peer, exchange, stop: seat.signal })
    if (room !== undefined) this.#ended(room, exchange, peer, outcome)
    else if (!this.#unknownRooms.take(peer, this.#deps.now()))
      this.#deps.expel(peer, 'streams that lead nowhere')
  }

  #run(deps: Omit<SyncStreamDeps, 'onHeard' | 'timeouts'>): Promise<SyncResult> {
    const { onHeard, timeouts = SYNC_TIMEOUTS } = this.#deps
    return runSyncSession({ ...deps, onHeard: () => onHeard(deps.peer), timeouts })
  }

  #ended(room: SyncRoom, exchange: number, peer: PeerKey, outcome: SyncResult): void {
    if (outcome.kind === 'failed') {
      const { reason, blame } = outcome
      this.#deps.logger.debug('sync failed', { peer, reason, blame })
    }
    if (!this.#stop.signal.aborted) room.onEnded(exchange, peer, outcome)
  }
}

function openFailure(error: unknown): SyncResult {
  return { kind: 'failed', reason: String(error), blame: 'nobody', received: 0, sent: 0 }
}

// A semaphore with time slices: a bounded number of permits, none of which is kept for ever while others
// wait. An interrupted session loses nothing: what it delivered stays, and the next one delivers the rest.

export interface Permit extends Disposable {
  /** Fires when somebody else needs the permit. */
  readonly signal: AbortSignal
}

interface TakenPermit {
  readonly peer: PeerKey
  readonly since: number
  readonly controller: AbortController
}

export class Semaphore implements Disposable {
  readonly #count: number
  readonly #keepMs: number
  readonly #now: () => number
  /** In the order in which they were taken. */
  readonly #taken = new Set<TakenPermit>()
  #timer: NodeJS.Timeout | undefined

  /** A permit is kept for `keepMs` whoever waits. `now` is steady, milliseconds. */
  constructor(count: number, keepMs: number, now: () => number) {
    this.#count = count
    this.#keepMs = keepMs
    this.#now = now
  }

  /** A permit, if one is free. If none is, the oldest is revoked when its time is up. */
  take(peer: PeerKey): Permit | undefined {
    if (this.#taken.size < this.#count) return this.#grant(peer)
    this.#revokeOldest()
    return undefined
  }

  /** A permit, if need be that of a peer that has more than this one, or had it for long. */
  takeOver(peer: PeerKey): Permit | undefined {
    if (this.#taken.size >= this.#count) {
      const victim = this.#revocable(peer)
      if (victim === undefined) return undefined
      this.#free(victim)
    }
    return this.#grant(peer)
  }

  /** Revokes all. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const taken of this.#taken) this.#free(taken)
  }

  #grant(peer: PeerKey): Permit {
    const taken = { peer, since: this.#now(), controller: new AbortController() }
    this.#taken.add(taken)
    return {
      signal: taken.controller.signal,
      [Symbol.dispose]: () => void this.#taken.delete(taken),
    }
  }

  #revocable(peer: PeerKey): TakenPermit | undefined {
    const counts = new Map<PeerKey, number>()
    for (const one of this.#taken) counts.set(one.peer, (counts.get(one.peer) ?? 0) + 1)
    const fair = (counts.get(peer) ?? 0) + 1
    const most = Math.max(...counts.values())
    const [oldest] = this.#taken
    if (most > fair) return this.#taken.values().find(one => counts.get(one.peer) === most)
    return oldest !== undefined && this.#now() >= oldest.since + this.#keepMs ? oldest : undefined
  }

  /** Revokes the oldest when its time is up, if all are still taken. */
  #revokeOldest(): void {
    const [oldest] = this.#taken
    if (oldest === undefined || this.#taken.size < this.#count || this.#timer !== undefined) return
    const left = oldest.since + this.#keepMs - this.#now()
    const again = (): void => {
      this.#timer = undefined
      this.#revokeOldest()
    }
    if (left <= 0) this.#free(oldest)
    else this.#timer = setTimeout(again, left).unref()
  }

  #free(taken: TakenPermit): void {
    this.#taken.delete(taken)
    taken.controller.abort(new Error('others wait'))
  }
}
