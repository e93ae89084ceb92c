/**
 * What was tried to reach each member, with what result: kept for whoever asks why somebody is connected as they are, or
 * isn't. It decides nothing.
 */
import type { PeerId } from '@libp2p/interface'
import { dropOldest } from '../../common/rate-limit.ts'

/** The rungs of the ladder. `lan`: an address that means something in one network only. */
export type Rung = 'direct' | 'lan' | 'relay' | 'punch'

export interface Step {
  /** When it ended, milliseconds since the epoch. */
  readonly at: number
  readonly rung: Rung
  readonly outcome: 'connected' | 'failed'
  readonly tookMs: number
  /** Where to; empty if there was nowhere to try. */
  readonly address: string
  /** Why it failed, in words. */
  readonly reason?: string
}

/** Members that are remembered, and steps of each. */
const MAX_PEERS = 512
const MAX_STEPS = 12

export class Trails {
  readonly #trails = new Map<string, readonly Step[]>()

  add(peer: PeerId, step: Omit<Step, 'at'>): void {
    const id = peer.toString()
    const before = this.#trails.get(id) ?? []
    this.#trails.delete(id)
    this.#trails.set(id, [...before, { ...step, at: Date.now() }].slice(-MAX_STEPS))
    if (this.#trails.size > MAX_PEERS) dropOldest(this.#trails)
  }

  /** The latest steps, oldest first. */
  of(peer: PeerId): readonly Step[] {
    return this.#trails.get(peer.toString()) ?? []
  }
}

/** What went wrong, short enough for one line. */
export function reasonOf(cause: unknown): string {
  const error = cause instanceof AggregateError ? cause.errors.at(-1) : cause
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (typeof code === 'string' && code in WORDS) return WORDS[code as keyof typeof WORDS]
  return (error instanceof Error ? error.message : String(error)).slice(0, 120)
}

const WORDS = {
  ECONNREFUSED: 'it was refused',
  ECONNRESET: 'it was broken off',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'there was no answer',
} as const
