/**
 * The own chain: writes what the user says into the log, signed and linked, and hands it out in frames at a pace
 * that no honest receiver refuses. What is written faster waits in the log, not in memory, and leaves in fuller
 * frames.
 */
import type { Chains } from './chains.ts'
import type { Instant } from './clock.ts'
import { contentOf, KIND, ownText, textBody } from './content.ts'
import type { Crypto, Signer } from './crypto.ts'
import type { Envelope } from './envelope.ts'
import { sealEnvelope } from './envelope.ts'
import { encodeFrame, frameFit } from './frame.ts'
import type { ChainId, MessageId, RoomId } from './ids.ts'
import { chainId } from './ids.ts'
import { MAX_DEPS, MAX_FRAME_BYTES, MAX_FRAME_RECORDS } from './limits.ts'
import type { RoomLog } from './log.ts'
import type { Position } from './order.ts'
import { compare } from './order.ts'
import { FRAME_GAP_MAX_MS, FRAME_GAP_MS, PUBLISH_RATE } from './policy.ts'
import { Rate } from './rate.ts'

export interface AuthorDeps {
  readonly room: RoomId
  readonly log: RoomLog
  readonly chains: Chains
  readonly signer: Signer
  readonly crypto: Crypto
}

export class Author {
  readonly #deps: AuthorDeps
  readonly #pace = new Rate(PUBLISH_RATE)
  readonly chain: ChainId
  /** Heads of other chains since my last message: what it builds on. */
  readonly #seen = new Map<ChainId, Position>()
  #published: number
  #lastFrameAt = Number.NEGATIVE_INFINITY

  constructor(deps: AuthorDeps) {
    this.#deps = deps
    this.chain = chainId(deps.signer.author, deps.log.logId)
    this.#published = this.length
  }

  /** How many messages my chain has. */
  get length(): number {
    return this.#deps.log.length(this.chain)
  }

  /**
   * Writes a message. It is safe, and may be shown, after the log's next commit. Throws if every peer would refuse
   * it for its text: callers check that first.
   */
  say(act: keyof typeof KIND, name: string, text: string, now: Instant): Envelope {
    const { room, log, chains, signer, crypto } = this.#deps
    const content = { kind: KIND[act], body: textBody(name, ownText(text)) }
    if (contentOf(content).kind === 'malformed') throw new RangeError('a text of this size is never sent')
    const last = chains.get(signer.author, log.logId)?.heads[0]
    const fields = {
      room,
      author: signer.author,
      log: log.logId,
      seq: last === undefined ? 0 : last.seq + 1,
      prev: last?.id ?? null,
      ts: Math.max(now.wall, (last?.ts ?? 0) + 1, chains.latest + 1),
      deps: this.#takeDeps(),
      ...content,
    }
    const envelope = sealEnvelope(fields, signer, crypto)
    chains.add(envelope, 'signature')
    return envelope
  }

  /** Notes a message of someone else, for the next one's `deps`. */
  onSeen(envelope: Envelope): void {
    const { author, log, ts, id } = envelope
    this.#seen.set(chainId(author, log), { ts, id })
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
    const wires = this.#deps.log.range(this.chain, this.#published, limit).map(entry => entry.envelope.wire)
    const records = wires.slice(0, frameFit(wires.map(wire => wire.length)))
    this.#published += records.length
    return encodeFrame(records)
  }

  #takeDeps(): readonly MessageId[] {
    const newest = [...this.#seen.values()].sort((a, b) => compare(b, a)).slice(0, MAX_DEPS)
    this.#seen.clear()
    return newest.map(position => position.id).sort()
  }
}
