/**
 * The own chain: writes what the user says into the log, signed and linked, and hands it out in frames at a pace
 * that no honest receiver refuses. What is written faster waits in the log, not in memory, and leaves in fuller
 * frames.
 */

import type { Instant } from '../../common/clock.ts'
import { dropOldest, Rate } from '../../common/rate-limit.ts'
import type { Amendment, Said } from '../../protocol/content.ts'
import { contentOf, encodeContent } from '../../protocol/content.ts'
import type { Crypto, Signer } from '../../protocol/crypto.ts'
import type { Envelope, Position } from '../../protocol/envelope.ts'
import { compare, sealEnvelope } from '../../protocol/envelope.ts'
import { encodeFrame, frameFit } from '../../protocol/frame.ts'
import type { Head } from '../../protocol/frontier.ts'
import { latestUpTo } from '../../protocol/frontier.ts'
import type { ChainId, LogId, MessageId, RoomId } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { MAX_DEPS, MAX_FRAME_BYTES, MAX_FRAME_RECORDS, MAX_FUTURE_MS } from '../../protocol/limits.ts'
import type { RoomLog } from '../log.ts'
import { FLOOR_AHEAD_MS, FRAME_GAP_MAX_MS, FRAME_GAP_MS, PUBLISH_RATE } from '../policy.ts'
import type { Chains } from './chains.ts'

export interface AuthorDeps {
  readonly room: RoomId
  readonly log: RoomLog
  readonly chains: Chains
  readonly signer: Signer
  readonly crypto: Crypto
  /** How many places of a chain of mine somebody else is known to hold. */
  readonly heldByAny: (chain: ChainId) => number
  /** Time of the latest message that was shown, which may wait for its predecessor and be in no chain yet. */
  readonly shownUntil: () => number
  /** Numbers from 0 up to 1. */
  readonly random: () => number
}

const LOG_ID_BYTES = 8
/** Chains whose newest messages are remembered for the next `deps`, of which there are only a few. */
const SEEN_CHAINS = 64

export class Author {
  readonly #deps: AuthorDeps
  readonly #pace = new Rate(PUBLISH_RATE)
  /** Heads of other chains since my last message: what it builds on. */
  readonly #seen = new Map<ChainId, Position>()
  #published: number
  #lastFrameAt = Number.NEGATIVE_INFINITY

  constructor(deps: AuthorDeps) {
    this.#deps = deps
    const { log, chains, signer } = deps
    // whoever has another branch knows about this one: on neither of them anything more is kept
    if (chains.get(signer.author, log.logId)?.forkedAt !== undefined) this.#renew('a forked chain')
    this.#published = this.length
  }

  /** Names the chain that is written now. */
  get logId(): LogId {
    return this.#deps.log.logId
  }

  /** The chain that is written now. */
  get chain(): ChainId {
    const { signer, log } = this.#deps
    return chainId(signer.author, log.logId)
  }

  /** How many messages my chain has. */
  get length(): number {
    return this.#deps.log.length(this.chain)
  }

  /**
   * By how many milliseconds my last message is so far ahead of the clock that nobody takes it in yet; usually 0. Where
   * others wrote at that time, or hold what I wrote then, it is the clock that is wrong now.
   */
  aheadBy(now: Instant): number {
    const ts = this.#last?.ts ?? 0
    if (ts <= now.wall + MAX_FUTURE_MS) return 0
    const known = Math.max(this.#othersLatest, this.#heldUntil)
    return ts > known + MAX_FUTURE_MS ? ts - now.wall : 0
  }

  /**
   * Writes a message. It is safe, and may be shown, after the log's next commit. Throws if every peer would refuse
   * it for its size: callers check that first. What would follow a message that nobody takes in yet, because the clock
   * was wrong then, begins another chain: it would have to wait as long.
   */
  write(content: Said | Amendment, now: Instant): Envelope {
    const { room, log, chains, signer, crypto } = this.#deps
    const words = encodeContent(content)
    if (contentOf(words).kind === 'malformed') throw new RangeError('a text of this size is never sent')
    if (this.aheadBy(now) > 0) this.#renew('a clock that was set back')
    const last = this.#last
    const fields = {
      room,
      author: signer.author,
      log: log.logId,
      seq: last === undefined ? 0 : last.seq + 1,
      prev: last?.id ?? null,
      ts: Math.max(now.wall, (last?.ts ?? 0) + 1, this.#floor(now) + 1),
      deps: this.#takeDeps(),
      ...words,
    }
    const envelope = sealEnvelope(fields, signer, crypto)
    chains.add(envelope, 'signature')
    return envelope
  }

  /**
   * An authentic message isn't in the log, or wasn't until now. One of the chain that is written here was written by a
   * copy of this log, or before it went back to an old state; what follows there would be a fork.
   */
  onHeard({ author, log, id }: Envelope): void {
    if (this.chain === chainId(author, log)) this.#renew(id)
  }

  /** Notes a message that came, for the next one's `deps`. */
  onSeen(envelope: Envelope): void {
    const { author, log, ts, id } = envelope
    this.onHeard(envelope)
    this.#seen.set(chainId(author, log), { ts, id })
    if (this.#seen.size > SEEN_CHAINS) dropOldest(this.#seen)
  }

  /** The log went back to its last commit. What waited to be published there goes by the sync. */
  reload(): void {
    this.#published = this.length
  }

  /** Frames to publish now. */
  takeFrames(now: Instant): readonly Uint8Array[] {
    return this.#take(now, () => this.#isDue(now))
  }

  /** Frames to publish before leaving, when none waits any longer to be filled. */
  takeLastFrames(now: Instant): readonly Uint8Array[] {
    return this.#take(now, () => this.#published < this.length)
  }

  /** Steady time at which `takeFrames` has something; undefined if all is published. */
  dueAt(now: Instant): number | undefined {
    if (this.#published >= this.length) return undefined
    return Math.max(this.#pace.readyAt(now.steady), this.#lastFrameAt + this.#gap(now))
  }

  /** What others wrote comes before; not what is almost too far ahead, unless the clock went back behind it. */
  #floor({ wall }: Instant): number {
    const { chains, shownUntil } = this.#deps
    const horizon = wall + FLOOR_AHEAD_MS
    const shown = shownUntil() <= horizon ? shownUntil() : 0
    if (chains.latest <= horizon) return Math.max(shown, chains.latest)
    const others = this.#othersLatest
    return Math.max(shown, others > wall + MAX_FUTURE_MS ? others : latestUpTo(horizon, chains.all.values()))
  }

  /** Time of the last message of this chain that somebody else is known to hold. */
  get #heldUntil(): number {
    const { log, heldByAny } = this.#deps
    return log.at(this.chain, heldByAny(this.chain) - 1)[0]?.envelope.ts ?? 0
  }

  get #othersLatest(): number {
    const { chains, signer } = this.#deps
    const others = chains.all.values().filter(({ author }) => author !== signer.author)
    return latestUpTo(Number.POSITIVE_INFINITY, others)
  }

  get #last(): Head | undefined {
    const { signer, log, chains } = this.#deps
    return chains.get(signer.author, log.logId)?.heads[0]
  }

  #take(now: Instant, isDue: () => boolean): readonly Uint8Array[] {
    const frames: Uint8Array[] = []
    while (isDue() && this.#pace.take(now.steady)) {
      frames.push(this.#nextFrame())
      this.#lastFrameAt = now.steady
    }
    return frames
  }

  /** The more of the burst is used up, the longer a frame may fill. */
  #gap(now: Instant): number {
    return FRAME_GAP_MS + (FRAME_GAP_MAX_MS - FRAME_GAP_MS) * this.#pace.usedUp(now.steady)
  }

  #isDue(now: Instant): boolean {
    const waiting = this.length - this.#published
    if (waiting === 0) return false
    return waiting >= MAX_FRAME_RECORDS || now.steady >= this.#lastFrameAt + this.#gap(now)
  }

  #nextFrame(): Uint8Array {
    const limit = { count: MAX_FRAME_RECORDS, bytes: MAX_FRAME_BYTES }
    const wires = this.#deps.log.range(this.chain, this.#published, limit).map(piece => piece.wire)
    const records = wires.slice(0, frameFit(wires.map(wire => wire.length)))
    this.#published += records.length
    return encodeFrame(records)
  }

  /** Writes another chain from now on. What of the old one wasn't published yet goes by the sync. */
  #renew(why: string): void {
    const { log, crypto, random } = this.#deps
    const name = new TextEncoder().encode(`${why} ${log.logId} ${random()}`)
    log.renew(crypto.sha256(name).slice(0, 2 * LOG_ID_BYTES) as LogId)
    this.#published = 0
  }

  #takeDeps(): readonly MessageId[] {
    const newest = [...this.#seen.values()].sort((a, b) => compare(b, a)).slice(0, MAX_DEPS)
    this.#seen.clear()
    return newest.map(position => position.id).sort()
  }
}
