/** What must be true at any time of what a room holds and does: buffers, times and turns have their bounds. */
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import { FUTURE_COUNT, GAP_COUNT, PENDING_BYTES, PENDING_COUNT, SHOW_BATCH } from '../../src/room/policy.ts'
import type { Buffers } from '../../src/room/state.ts'
import { Broken } from './trace.ts'

/** The most that one part of an exchange adds to what is held back: src/protocol/sync-message.ts. */
const PART_MESSAGES = 2_048

/** Turns at one moment of virtual time after which a room never comes to rest. */
const MAX_TURNS_AT_ONCE = 2_000

const BOUNDS: Buffers = {
  pending: PENDING_COUNT + FUTURE_COUNT,
  pendingBytes: PENDING_BYTES,
  heldBack: SHOW_BATCH + PART_MESSAGES,
  gaps: GAP_COUNT,
}

export function checkBuffers(name: string, buffers: Buffers): void {
  for (const key of Object.keys(BOUNDS) as (keyof Buffers)[]) {
    if (buffers[key] > BOUNDS[key]) throw new Broken('buffers are bounded', `${name}: ${key} ${buffers[key]}`)
  }
}

/** Nothing is taken in from others that is further ahead of the clock than is allowed. */
export function checkTime(name: string, ts: number, wall: number): void {
  if (ts > wall + MAX_FUTURE_MS) throw new Broken('nothing from the future', `${name}: ${ts - wall} ms ahead`)
}

/** Counts turns, so that a room that never comes to rest is noticed. */
export class Turns {
  readonly #name: string
  #at = -1
  #count = 0

  constructor(name: string) {
    this.#name = name
  }

  count(now: number): void {
    this.#count = this.#at === now ? this.#count + 1 : 1
    this.#at = now
    if (this.#count > MAX_TURNS_AT_ONCE) throw new Broken('comes to rest', `${this.#name} turns without end`)
  }
}
