/**
 * A switch that takes its time: what becomes of each Ethernet frame that a cable brings. Pure: the clock and the
 * dice are given. Frames between the same two cables keep their order, as they do on one path of the Internet.
 */

/** What the wire does to frames. */
export interface Conditions {
  /** One way, for every frame. */
  readonly delayMs: number
  /** At most so much on top of it. */
  readonly jitterMs: number
  /** Of frames with IP in them; a lost address resolution would stall for a second, which no Internet path does. */
  readonly lossPercent: number
  /** Pairs of groups of cables between which nothing passes. */
  readonly cuts: readonly (readonly [readonly string[], readonly string[]])[]
}

export const PERFECT: Conditions = { delayMs: 0, jitterMs: 0, lossPercent: 0, cuts: [] }

export interface Delivery {
  readonly dueMs: number
  readonly to: string
  readonly frame: Uint8Array
}

const ETHERTYPE_AT = 12
const ADDRESS_BYTES = 6
const ARP = 0x0806

/** Frames under way; a flood beyond that is dropped, as a full queue does. */
const MAX_UNDER_WAY = 20_000

export class Wire {
  readonly #random: () => number
  readonly #cables = new Set<string>()
  readonly #cableOf = new Map<string, string>()
  readonly #lastDue = new Map<string, number>()
  /** By the time they are due. */
  readonly #underWay: Delivery[] = []
  #conditions = PERFECT

  /** `random`: from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  plug(cable: string): void {
    this.#cables.add(cable)
  }

  set(conditions: Conditions): void {
    this.#conditions = conditions
  }

  /** A frame came in by a cable. */
  take(from: string, frame: Uint8Array, nowMs: number): void {
    if (frame.length <= ETHERTYPE_AT + 1) return
    this.#cableOf.set(addressAt(frame, ADDRESS_BYTES), from)
    const known = this.#cableOf.get(addressAt(frame, 0))
    const targets = known === undefined ? [...this.#cables] : [known]
    for (const to of targets)
      if (to !== from && this.#passes(from, to, frame)) this.#send(from, to, frame, nowMs)
  }

  /** Takes out what is due. */
  due(nowMs: number): readonly Delivery[] {
    const later = this.#underWay.findIndex(({ dueMs }) => dueMs > nowMs)
    return this.#underWay.splice(0, later === -1 ? this.#underWay.length : later)
  }

  /** When the next frame is due. */
  get nextMs(): number | undefined {
    return this.#underWay[0]?.dueMs
  }

  #passes(from: string, to: string, frame: Uint8Array): boolean {
    const { cuts, lossPercent } = this.#conditions
    if (cuts.some(([a, b]) => isBetween(from, to, a, b) || isBetween(from, to, b, a))) return false
    return lossPercent === 0 || isArp(frame) || this.#random() * 100 >= lossPercent
  }

  #send(from: string, to: string, frame: Uint8Array, nowMs: number): void {
    if (this.#underWay.length >= MAX_UNDER_WAY) return
    const { delayMs, jitterMs } = this.#conditions
    const path = `${from} ${to}`
    const dueMs = Math.max(nowMs + delayMs + this.#random() * jitterMs, this.#lastDue.get(path) ?? 0)
    this.#lastDue.set(path, dueMs)
    // nearly always the end, since nearly all take equally long
    const before = this.#underWay.findLastIndex(other => other.dueMs <= dueMs)
    this.#underWay.splice(before + 1, 0, { dueMs, to, frame })
  }
}

function addressAt(frame: Uint8Array, at: number): string {
  return frame.subarray(at, at + ADDRESS_BYTES).join(':')
}

function isArp(frame: Uint8Array): boolean {
  return new DataView(frame.buffer, frame.byteOffset).getUint16(ETHERTYPE_AT) === ARP
}

function isBetween(from: string, to: string, a: readonly string[], b: readonly string[]): boolean {
  return a.includes(from) && b.includes(to)
}
