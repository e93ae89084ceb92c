/** What the tests of the intake share: one with everything it stands on, and ways to make frames. */

import type { Instant } from '../../../src/common/clock.ts'
import type { Beacon } from '../../../src/protocol/beacon.ts'
import { sealBeacon } from '../../../src/protocol/beacon.ts'
import type { Signer } from '../../../src/protocol/crypto.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { encodeFrame } from '../../../src/protocol/frame.ts'
import type { ChainId, PeerKey } from '../../../src/protocol/ids.ts'
import { Chains } from '../../../src/room/messages/chains.ts'
import { Members } from '../../../src/room/presence/members.ts'
import { Appender } from '../../../src/room/validation/append.ts'
import { Validator } from '../../../src/room/validation/validator.ts'
import type { ValidationResult } from '../../../src/room/validation/verdicts.ts'
import { CountingCrypto, EPOCH, instant, logIdOf, ROOM, signerOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'

export const LINK = signerOf('link').author

/** An intake with nothing in it. */
export class Desk {
  readonly log = new MemoryLog(logIdOf(99))
  readonly chains = new Chains(this.log)
  readonly people = new Members({ lostAfterMs: 10_000 })
  readonly crypto = new CountingCrypto()
  /** Where each chain may begin in its middle. */
  readonly roots = new Map<ChainId, number>()
  readonly placing = new Appender({ ...this.parts, mayBeginAt: chain => this.roots.get(chain) })
  readonly intake = new Validator({ room: ROOM, ...this.parts, members: this.people, appender: this.placing })

  get parts() {
    return { log: this.log, chains: this.chains, crypto: this.crypto }
  }

  /** Messages held back. */
  get waiting(): number {
    return this.placing.pending.size
  }

  /** A frame of messages over a link. */
  frame(messages: readonly Envelope[], now: Instant = instant(0), from: PeerKey = LINK): ValidationResult {
    return this.payload(frameOf(messages), now, from)
  }

  payload(payload: Uint8Array, now: Instant = instant(0), from: PeerKey = LINK): ValidationResult {
    return this.intake.frame(payload, from, now)
  }

  segment(messages: readonly Envelope[], now: Instant = instant(0)): ValidationResult {
    return this.intake.segment(
      messages.map(one => one.wire),
      now,
    )
  }

  get held(): readonly string[] {
    return this.log.latest(1_000_000).map(entry => entry.envelope.id)
  }
}

export function frameOf(messages: readonly Envelope[]): Uint8Array {
  return encodeFrame(messages.map(one => one.wire))
}

/** What was said of a frame, in short. */
export function said({ verdict, reason }: ValidationResult): string {
  return reason === '' ? verdict : `${verdict}: ${reason}`
}

/** A signed beacon. */
export function beaconOf(signer: Signer, fields: Partial<Beacon> = {}): Uint8Array {
  const usual: Beacon = {
    room: ROOM,
    author: signer.author,
    log: logIdOf(1),
    stamp: EPOCH,
    state: 'here',
    name: 'someone',
    length: 0,
    links: 0,
    digest: '00'.repeat(32),
    acks: [],
    addresses: [],
  }
  return sealBeacon({ ...usual, ...fields }, signer)
}
