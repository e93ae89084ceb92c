/**
 * The history of a busy room, made fast: authors who speak in turn, each message 66 characters of words that are as
 * frequent as words are. All of it is as parley writes it, with one exception: a signature takes 100 µs to make, so
 * most messages carry 64 random bytes in its place. Those are the ones that a log keeps as proved by a later message
 * of their chain, whose signature nobody ever looks at. True are, as if 64 had been written at a time, every 64th of a
 * chain and its last one; those before which a chain may be cut; and the newest of all, which are checked one by one.
 */
import { randomBytes } from 'node:crypto'
import { nodeCrypto } from '../src/chat/node-crypto.ts'
import { KIND, textBody } from '../src/protocol/content.ts'
import type { Signer } from '../src/protocol/crypto.ts'
import { SIGNATURE_BYTES } from '../src/protocol/crypto.ts'
import type { Envelope } from '../src/protocol/envelope.ts'
import { sealEnvelope } from '../src/protocol/envelope.ts'
import type { LogId, MessageId, RoomId } from '../src/protocol/ids.ts'
import { MAX_FRAME_RECORDS, MAX_TAIL } from '../src/protocol/limits.ts'
import type { Entry } from '../src/room/log.ts'
import { logIdOf, seeded, signerOf } from '../test/support/core-world.ts'
import { WordSource } from './words.ts'

/** Between two messages of the room: a million of them are a year. Milliseconds. */
const GAP_MS = 30_000
const POOL_BYTES = 65_536

export interface History {
  readonly room: RoomId
  /** Authors, each with one chain. */
  readonly chains: number
  /** Number of the first of them; 0 if it isn't said. */
  readonly firstChain?: number
  /** Messages of each. */
  readonly each: number
  /** Where somebody may lack the end of a chain: so many messages of it. */
  readonly cut: number
}

/** Of an author, while it writes. */
interface Writer {
  readonly name: string
  readonly signer: Signer
  readonly log: LogId
  seq: number
  head: MessageId | null
}

/** All messages in their order. They end a minute ago, and are the same every time but for time and signatures. */
export function* messagesOf(history: History): Generator<Entry, void> {
  const { room, chains, firstChain = 0, each, cut } = history
  const writers = Array.from({ length: chains }, (_, index) => writerOf(firstChain + index))
  const total = chains * each
  const words = new WordSource(seeded(chains))
  const pretend = new Pretender()
  const crypto = nodeCrypto()
  let ts = Date.now() - 60_000 - total * GAP_MS
  let before: MessageId | undefined
  for (let index = 0; index < total; index++) {
    const writer = writers[index % chains]
    if (writer === undefined) return
    const { seq, head, log, name, signer } = writer
    const isEnd =
      seq === each - 1 || seq === each - 1 - cut || seq % MAX_FRAME_RECORDS === MAX_FRAME_RECORDS - 1
    const isTrue = isEnd || index >= total - MAX_TAIL
    ts += GAP_MS
    const fields = {
      room,
      author: signer.author,
      log,
      seq,
      prev: head,
      ts,
      deps: before === undefined || chains === 1 ? [] : [before],
      kind: KIND.text,
      body: textBody(name, words.text(index)),
    }
    const envelope = sealEnvelope(fields, isTrue ? signer : pretend.as(signer), crypto)
    writer.seq++
    writer.head = envelope.id
    before = envelope.id
    yield { envelope, proof: isTrue ? 'signature' : 'successor' }
  }
}

/** Which of the chains a message is of, from the first one of all histories. */
export function chainNumber({ log }: Envelope): number {
  return Number.parseInt(log, 16)
}

function writerOf(index: number): Writer {
  const name = `writer ${index}`
  return { name, signer: signerOf(name), log: logIdOf(index), seq: 0, head: null }
}

/** Signs with bytes that are as random as a signature's. */
class Pretender {
  readonly #pool = randomBytes(POOL_BYTES)
  #at = 0

  as({ author }: Signer): Signer {
    return { author, sign: () => this.#next() }
  }

  #next(): Uint8Array {
    this.#at = (this.#at + 1) % (POOL_BYTES - SIGNATURE_BYTES)
    return this.#pool.subarray(this.#at, this.#at + SIGNATURE_BYTES)
  }
}
