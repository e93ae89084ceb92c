/**
 * Who received which message of one measurement, when, and what is missing. The writer's own copy, a repeated one and
 * what belongs to another measurement don't count.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Listener } from './probe.ts'

export const HELLO_PHASE = 0

/** No delivery anywhere for this long: what is missing now is lost. Longer than gossipsub takes to repair a gap. */
const STALL_MS = 5_000
const LOOK_MS = 100

export interface TallyOptions {
  readonly phase: number
  readonly processes: number
  /** The first so many of the processes send… */
  readonly senders: number
  /** …so many messages each. */
  readonly each: number
}

export class Tally {
  /** From just before it was handed over until it was read, milliseconds, for each delivery. */
  readonly latenciesMs: number[] = []
  /** `performance.now()` of the last delivery. */
  lastAtMs = 0
  readonly #options: TallyOptions
  readonly #seen: Uint8Array
  #received = 0

  constructor(options: TallyOptions) {
    this.#options = options
    this.#seen = new Uint8Array(options.processes * options.senders * options.each)
  }

  get received(): number {
    return this.#received
  }

  /** Deliveries that should come and did not yet. */
  get missing(): number {
    const { processes, senders, each } = this.#options
    return senders * (processes - 1) * each - this.#received
  }

  readonly listener: Listener = (receiver, { phase, sender, seq, sentAtMs }, atMs) => {
    const { senders, each } = this.#options
    if (phase !== this.#options.phase || sender === receiver || receiver < 0) return
    const place = (receiver * senders + sender) * each + seq
    if (this.#seen[place] !== 0) return
    this.#seen[place] = 1
    this.#received++
    this.lastAtMs = atMs
    this.latenciesMs.push(atMs - sentAtMs)
  }

  /** Resolves when all is there or nothing comes any more, at the latest at `deadlineMs` of `performance.now()`. */
  async settled(deadlineMs: number): Promise<void> {
    let received = this.#received
    let changedAtMs = performance.now()
    while (this.missing > 0 && performance.now() < deadlineMs) {
      await wait(LOOK_MS)
      if (this.#received !== received) changedAtMs = performance.now()
      else if (performance.now() - changedAtMs > STALL_MS) return
      received = this.#received
    }
  }
}
