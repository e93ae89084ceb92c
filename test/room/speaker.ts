/** One peer alone, whose clock is moved by hand, and what it says. */
import { expect } from 'vitest'
import type { Instant } from '../../src/common/clock.ts'
import type { Beacon } from '../../src/protocol/beacon.ts'
import { decodeBeacon } from '../../src/protocol/beacon.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { decodeEnvelope } from '../../src/protocol/envelope.ts'
import { decodeFrame } from '../../src/protocol/frame.ts'
import { Peer } from '../support/core-peer.ts'
import { CountingCrypto, instant } from '../support/core-world.ts'
import type { MemoryLog } from '../support/memory-log/memory-log.ts'

const crypto = new CountingCrypto()

/** A peer whose clock is moved by hand. */
export class Speaker extends Peer {
  #at: { ms: number }

  constructor(name = 'speaker', log?: MemoryLog) {
    const at = { ms: 0 }
    super(name, { now: (): Instant => instant(at.ms), ...(log && { log }) })
    this.#at = at
  }

  /** Ticks at every moment the room names, up to a time. */
  until(ms: number): void {
    for (let due = this.room.dueAt(this.now()); due <= ms; due = this.room.dueAt(this.now())) {
      const before = this.effects.length
      this.#at.ms = Math.max(this.#at.ms, due)
      this.tell({ kind: 'tick' })
      // an alarm that finds nothing to do would ring for ever
      if (this.room.dueAt(this.now()) <= this.#at.ms) expect(this.effects.length).toBeGreaterThan(before)
    }
    this.#at.ms = ms
  }

  say(text: string): void {
    this.tell({ kind: 'say', act: 'text', text })
  }

  get frames(): readonly Uint8Array[] {
    return this.effects.flatMap(effect => (effect.kind === 'publish' ? effect.payload : []))
  }

  /** Frames with messages, each as a list of these. */
  get spoken(): readonly (readonly Envelope[])[] {
    const all = this.frames.map(frame =>
      (decodeFrame(frame) ?? []).flatMap(wire => decodeEnvelope(wire, crypto) ?? []),
    )
    return all.filter(messages => messages.length > 0)
  }

  get beacons(): readonly Beacon[] {
    return this.frames.flatMap(frame => (decodeFrame(frame) ?? []).flatMap(wire => decodeBeacon(wire) ?? []))
  }

  get synced(): readonly string[] {
    return this.effects.flatMap(effect => (effect.kind === 'sync' ? effect.peer : []))
  }
}
