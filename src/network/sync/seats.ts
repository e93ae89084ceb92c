/**
 * Seats for exchanges: a bounded number, and nobody keeps one for ever while others wait. An exchange that is cut off
 * loses nothing: what it brought stays, and the rest comes with the next one.
 */
import type { PeerKey } from '../../protocol/ids.ts'

export interface Seat extends Disposable {
  /** Fires when somebody else needs it. */
  readonly signal: AbortSignal
}

interface Taken {
  readonly peer: PeerKey
  readonly since: number
  readonly controller: AbortController
}

export class Seats implements Disposable {
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
  take(peer: PeerKey): Seat | undefined {
    if (this.#taken.size < this.#count) return this.#seat(peer)
    this.#freeOldest()
    return undefined
  }

  /** A seat, if need be that of somebody who has more than this peer, or had his for long. */
  takeOver(peer: PeerKey): Seat | undefined {
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

  #seat(peer: PeerKey): Seat {
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
