/** A room with its keys and its log, and a list of all that it showed: a peer without a network. */
import type { Instant } from '../../src/common/clock.ts'
import type { Crypto, Signer } from '../../src/protocol/crypto.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import type { PeerKey } from '../../src/protocol/ids.ts'
import type { RoomEffect, RoomEvent, RoomNotice, Verdict } from '../../src/room/events.ts'
import { Room } from '../../src/room/room.ts'
import type { Side } from './core-exchange.ts'
import { CountingCrypto, instant, logIdOf, ROOM, seeded, signerOf } from './core-world.ts'
import { MemoryLog } from './memory-log/memory-log.ts'

/** How long a broken link may take to come back, milliseconds. */
export const LOST_AFTER_MS = 10_000

export interface PeerOptions {
  readonly crypto?: Crypto
  /** A log with which the peer begins again. */
  readonly log?: MemoryLog
  readonly now?: () => Instant
}

export class Peer implements Side {
  readonly name: string
  readonly signer: Signer
  readonly log: MemoryLog
  readonly room: Room
  readonly effects: RoomEffect[] = []
  readonly shown: RoomNotice[] = []
  readonly now: () => Instant

  constructor(name: string, options: PeerOptions = {}) {
    this.name = name
    this.signer = signerOf(name)
    this.now = options.now ?? (() => instant(0))
    const number = Number.parseInt(this.signer.author.slice(0, 8), 16)
    this.log = options.log ?? new MemoryLog(logIdOf(number))
    this.room = new Room(
      { id: ROOM, name, lostAfterMs: LOST_AFTER_MS },
      {
        log: this.log,
        signer: this.signer,
        crypto: options.crypto ?? new CountingCrypto(),
        random: seeded(number),
      },
    )
  }

  get key(): PeerKey {
    return this.signer.author
  }

  tell(event: RoomEvent): Verdict | undefined {
    const effects = this.room.handle(event, this.now())
    for (const effect of effects) {
      this.effects.push(effect)
      if (effect.kind === 'show') this.shown.push(effect.notice)
    }
    return effects.find(effect => effect.kind === 'verdict')?.verdict
  }

  /** Hands messages over as parts of a sync, each alone. */
  give(messages: readonly Envelope[]): void {
    for (const { wire } of messages)
      this.tell({ kind: 'segment', from: this.key, exchange: 0, wires: [wire] })
  }

  /** Digest of what is held. */
  get digest(): string {
    return this.room.greeting(this.now()).digest
  }

  /** Ids of all messages held, in their order. */
  get held(): readonly string[] {
    return this.log.latest(1_000_000).map(entry => entry.envelope.id)
  }
}
