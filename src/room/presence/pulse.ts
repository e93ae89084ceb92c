/**
 * When the next beacon is due. With nothing to say it goes out at a slow pace; something to acknowledge brings
 * it forward, but never closer to the last one than the size of the room allows, so that all beacons of a room
 * together stay at a constant rate.
 */
import type { Instant } from '../../common/clock.ts'
import {
  ACK_DELAY_MS,
  BEACON_GAP_PER_PERSON_MS,
  BEACON_IDLE_MS,
  BEACON_IDLE_PER_PERSON_MS,
} from '../policy.ts'

/** The pace of idle beacons when `people` others are here, in milliseconds. */
export function idleMs(people: number): number {
  return Math.max(BEACON_IDLE_MS, people * BEACON_IDLE_PER_PERSON_MS)
}

export class Pulse {
  readonly #random: () => number
  #sentAt = Number.NEGATIVE_INFINITY
  #due = Number.NEGATIVE_INFINITY

  /** `random` gives numbers from 0 up to 1; beacons of many peers would otherwise meet at one moment. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** Steady time of the next beacon. At first: at once. */
  get dueAt(): number {
    return this.#due
  }

  /** There is something to say. */
  hasten(now: Instant, people: number): void {
    const gap = BEACON_GAP_PER_PERSON_MS * Math.max(1, people)
    const jittered = gap * (0.75 + this.#random() / 2)
    this.#due = Math.min(this.#due, Math.max(now.steady + ACK_DELAY_MS, this.#sentAt + jittered))
  }

  /** A beacon has gone out. */
  onSent(now: Instant, people: number): void {
    this.#sentAt = now.steady
    this.#due = now.steady + idleMs(people) * (0.75 + this.#random() / 4)
  }
}
