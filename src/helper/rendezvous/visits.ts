/**
 * What each connection did so far: when it last asked for something, and how often it misbehaved.
 */
import type { Connection } from '@libp2p/interface'
import { IDLE_CONNECTION_MS, MAX_STRIKES } from './limits.ts'

interface Visit {
  /** Milliseconds. */
  lastRequestAt: number
  strikes: number
}

export class Visits {
  readonly #visits = new Map<Connection, Visit>()

  opened(connection: Connection, now: number): void {
    this.#visits.set(connection, { lastRequestAt: now, strikes: 0 })
  }

  closed(connection: Connection): void {
    this.#visits.delete(connection)
  }

  asked(connection: Connection, now: number): void {
    const visit = this.#visits.get(connection)
    if (visit !== undefined) visit.lastRequestAt = now
  }

  /** One misbehaviour more; `enough` when it was one too many. */
  strike(connection: Connection): 'tolerable' | 'enough' {
    const visit = this.#visits.get(connection)
    if (visit === undefined) return 'tolerable'
    visit.strikes++
    return visit.strikes > MAX_STRIKES ? 'enough' : 'tolerable'
  }

  /** Those that ask for nothing and have none of these protocols open. */
  idle(now: number, protocols: readonly string[]): Connection[] {
    return [...this.#visits].flatMap(([connection, { lastRequestAt }]) => {
      const busy = connection.streams.some(stream => protocols.includes(stream.protocol))
      return !busy && now - lastRequestAt >= IDLE_CONNECTION_MS ? [connection] : []
    })
  }
}
