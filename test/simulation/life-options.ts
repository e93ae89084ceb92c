/** What a life of a machine is given. */
import type { Signer } from '../../src/protocol/crypto.ts'
import type { MessageId, PeerKey } from '../../src/protocol/ids.ts'
import type { Dice } from './dice.ts'
import type { Disk } from './disk.ts'
import type { Keys } from './keys.ts'
import type { Life } from './life.ts'
import type { Moment } from './plan.ts'
import type { Trace } from './trace.ts'
import type { Witness } from './witness.ts'

/** What a life needs of the world around it. */
export interface Surroundings {
  readonly keys: Keys
  readonly witness: Witness
  readonly trace: Trace
  /** Virtual time, milliseconds. */
  readonly now: number
  later(ms: number, act: () => void): void
  publish(from: Life, payload: Uint8Array): void
  requestSync(from: Life, peer: PeerKey): void
  expel(from: Life, peer: PeerKey, reason: string): void
}

export interface LifeOptions {
  readonly name: string
  readonly userName: string
  readonly signer: Signer
  readonly disk: Disk
  readonly dice: Dice
  readonly wall: () => number
  /** The power failed in the middle of a turn; it is off so long. */
  readonly onDeath: (downMs: number) => void
  /** The user was told that this is sent. */
  readonly onSent: (id: MessageId) => void
}

/** When the power is to fail, and for how long. */
export interface Doom {
  readonly moment: Moment
  readonly downMs: number
}

/** How long nothing is written after the disk refused: src/chat/event-loop.ts. */
export const RETRY_MS = 5_000
/** Newest messages that are shown when the program starts. */
export const BACKLOG = 20
