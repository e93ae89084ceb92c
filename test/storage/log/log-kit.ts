/** What the tests of the log on disk share: opening it, and many messages without the cost of signing them. */
import { KIND, textBody } from '../../../src/protocol/content.ts'
import type { Envelope, MessageFields } from '../../../src/protocol/envelope.ts'
import { sealEnvelope } from '../../../src/protocol/envelope.ts'
import type { RoomLog } from '../../../src/room/log.ts'
import type { LogStoreDeps, OpenedLogStore } from '../../../src/storage/log/sqlite/store.ts'
import { openLogStore } from '../../../src/storage/log/sqlite/store.ts'
import { CountingCrypto, EPOCH, logIdOf, ROOM, signerOf } from '../../support/core-world.ts'

export const crypto = new CountingCrypto()

/** Where `said` writes. */
export const LOG = logIdOf(1)

const NO_SIGNATURE = new Uint8Array(64)

/** Opens the log of a folder. */
export function opening(folder: string, deps: Partial<LogStoreDeps> = {}): Promise<OpenedLogStore> {
  return openLogStore(folder, { crypto, ...deps })
}

/** An author whose messages have a signature that is none: the log doesn't look at it. */
export class Scribe {
  readonly author
  #last: Envelope | undefined

  constructor(name: string) {
    this.author = signerOf(name).author
  }

  /** The next message of its chain. */
  said(text: string, fields: Partial<MessageFields> = {}): Envelope {
    const { author } = this
    const last = this.#last
    const usual: MessageFields = {
      room: ROOM,
      author,
      log: LOG,
      seq: last === undefined ? 0 : last.seq + 1,
      prev: last?.id ?? null,
      ts: last === undefined ? EPOCH : last.ts + 1,
      deps: [],
      kind: KIND.text,
      body: textBody('someone', text),
    }
    const signer = { author, sign: () => NO_SIGNATURE }
    this.#last = sealEnvelope({ ...usual, ...fields }, signer, crypto)
    return this.#last
  }

  /** So many of them. */
  many(count: number, text: (index: number) => string = index => `message ${index}`): Envelope[] {
    return Array.from({ length: count }, (_, index) => this.said(text(index)))
  }
}

/** Appends messages to a log, all with their own signature as proof. */
export function appendAll(log: RoomLog, envelopes: readonly Envelope[]): void {
  for (const envelope of envelopes) log.append({ envelope, proof: 'signature' })
}

/** The texts of messages. */
export function textsOf(envelopes: readonly Envelope[]): readonly unknown[] {
  return envelopes.map(({ body }) => (Array.isArray(body) ? body[1] : undefined))
}
