/**
 * The own chain: signs the user's messages, appends them to the log, and hands them out in frames at a pace
 * that no honest receiver refuses. Messages written faster wait in the log, not in memory, and leave in
 * fuller frames.
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
  /** How many places of an own chain anyone else is known to hold. */
  readonly heldByAny: (chain: ChainId) => number
  /** Timestamp of the latest message shown, which may be pending and in no chain yet. */
  readonly shownUntil: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

const LOG_ID_BYTES = 8
/** How many chains' newest messages are remembered for the next `deps`. */
const SEEN_CHAINS = 64

export class Author {
  readonly #deps: AuthorDeps
  readonly #pace = new Rate(PUBLISH_RATE)
  /** Heads of other chains since the last own message, for its `deps`. */
  readonly #seenHeads = new Map<ChainId, Position>()
  #published: number
  #lastFrameAt = Number.NEGATIVE_INFINITY

  constructor(deps: AuthorDeps) {
    this.#deps = deps
    const { log, chains, signer } = deps
    // someone holds another branch: nothing more would be kept on either, so start a new chain
    if (chains.get(signer.author, log.logId)?.forkedAt !== undefined) this.#startNewChain('a forked chain')
    this.#published = this.length
  }

  /** The log id of the chain that is written now. */
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
   * How far ahead of the clock the last own message is, in milliseconds, if nobody accepts it yet; usually 0.
   * If others wrote at that time, or hold what was written then, it is the clock that is wrong now.
   */
  aheadBy(now: Instant): number {
    const ts = this.#last?.ts ?? 0
    if (ts <= now.wall + MAX_FUTURE_MS) return 0
    const known = Math.max(this.#othersLatest, this.#heldUntil)
    return ts > known + MAX_FUTURE_MS ? ts - now.wall : 0
  }

  /**
   * Writes a message. It is durable, and may be shown, after the log's next commit. Throws if the message
   * exceeds a size limit, which callers check first. If the previous message is too far ahead for anyone to
   * accept, because the clock was wrong, this one starts another chain instead of waiting as long.
   */
  write(content: Said | Amendment, now: Instant): Envelope {
    const { room, log, chains, signer, crypto } = this.#deps
    const words = encodeContent(content)
    if (contentOf(words).kind === 'malformed') throw new RangeError('a text of this size is never sent')
    if (this.aheadBy(now) > 0) this.#startNewChain('a clock that was set back')
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
   * An authentic message isn't in the log, or wasn't until now. If it belongs to the own chain, a copy of
   * this log wrote it, or the log went back to an old state; continuing the chain would fork it.
   */
  onAuthentic({ author, log, id }: Envelope): void {
    if (this.chain === chainId(author, log)) this.#startNewChain(id)
  }

  /** Records a received message for the next one's `deps`. */
  onReceived(envelope: Envelope): void {
    const { author, log, ts, id } = envelope
    this.onAuthentic(envelope)
    this.#seenHeads.set(chainId(author, log), { ts, id })
    if (this.#seenHeads.size > SEEN_CHAINS) dropOldest(this.#seenHeads)
  }

  /** The log went back to its last commit. The sync delivers what waited to be published. */
  reload(): void {
    this.#published = this.length
  }

  /** Frames to publish now. */
  takeFrames(now: Instant): readonly Uint8Array[] {
    return this.#takeNext(now, () => this.#isDue(now))
  }

  /** Frames to publish before leaving, including those that wait to be filled. */
  takeLastFrames(now: Instant): readonly Uint8Array[] {
    return this.#takeNext(now, () => this.#published < this.length)
  }

  /** Steady time at which `takeFrames` has a frame; undefined if everything is published. */
  dueAt(now: Instant): number | undefined {
    if (this.#published >= this.length) return undefined
    return Math.max(this.#pace.readyAt(now.steady), this.#lastFrameAt + this.#frameGap(now))
  }

  /**
   * The lowest timestamp to use: after everything received, except what is too far ahead, unless the clock
   * went back behind it.
   */
  #floor({ wall }: Instant): number {
    const { chains, shownUntil } = this.#deps
    const horizon = wall + FLOOR_AHEAD_MS
    const shown = shownUntil() <= horizon ? shownUntil() : 0
    if (chains.latest <= horizon) return Math.max(shown, chains.latest)
    const others = this.#othersLatest
    return Math.max(shown, others > wall + MAX_FUTURE_MS ? others : latestUpTo(horizon, chains.all.values()))
  }

  /** Timestamp of the last message of this chain that anyone else is known to hold. */
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

  #takeNext(now: Instant, isDue: () => boolean): readonly Uint8Array[] {
    const frames: Uint8Array[] = []
    while (isDue() && this.#pace.take(now.steady)) {
      frames.push(this.#nextFrame())
      this.#lastFrameAt = now.steady
    }
    return frames
  }

  /** How long a frame may wait to be filled: longer as more of the burst allowance is used. */
  #frameGap(now: Instant): number {
    return FRAME_GAP_MS + (FRAME_GAP_MAX_MS - FRAME_GAP_MS) * this.#pace.usedUp(now.steady)
  }

  #isDue(now: Instant): boolean {
    const waiting = this.length - this.#published
    if (waiting === 0) return false
    return waiting >= MAX_FRAME_RECORDS || now.steady >= this.#lastFrameAt + this.#frameGap(now)
  }

  #nextFrame(): Uint8Array {
    const limit = { count: MAX_FRAME_RECORDS, bytes: MAX_FRAME_BYTES }
    const wires = this.#deps.log.range(this.chain, this.#published, limit).map(piece => piece.wire)
    const records = wires.slice(0, frameFit(wires.map(wire => wire.length)))
    this.#published += records.length
    return encodeFrame(records)
  }

  /** Starts another chain. The sync delivers unpublished messages of the old one. */
  #startNewChain(why: string): void {
    const { log, crypto, random } = this.#deps
    const name = new TextEncoder().encode(`${why} ${log.logId} ${random()}`)
    log.startNewChain(crypto.sha256(name).slice(0, 2 * LOG_ID_BYTES) as LogId)
    this.#published = 0
  }

  #takeDeps(): readonly MessageId[] {
    const newest = [...this.#seenHeads.values()].sort((a, b) => compare(b, a)).slice(0, MAX_DEPS)
    this.#seenHeads.clear()
    return newest.map(position => position.id).sort()
  }
}
