/** What single steps cost inside the process, without network and pipes. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { UiEvent } from '../../src/api/events.ts'
import { jsonLine, parseJsonLine } from '../../src/api/json.ts'
import { nodeCrypto, nodeSigner } from '../../src/chat/node-crypto.ts'
import type { Instant } from '../../src/common/clock.ts'
import type { Signer } from '../../src/protocol/crypto.ts'
import { decodeFrame } from '../../src/protocol/frame.ts'
import type { LogId, RoomId } from '../../src/protocol/ids.ts'
import { Room } from '../../src/room/room.ts'
import { MemoryLog } from '../../test/support/memory-log/memory-log.ts'
import type { Round } from '../round.ts'

/** Samples of each part in a round; one more before them lets the compiler do its work. */
const SAMPLES = 5
/** So that each sample takes between 20 and 200 ms. */
const TIMES = { say: 2_000, frames: 40, signatures: 1_000, lines: 20_000 }
const FRAME_MESSAGES = 64

const TEXT = 'x'.repeat(200)
/** What is signed of a message with such a text. */
const SIGNED_BYTES = new Uint8Array(340)
/** Any time will do, as long as both rooms agree. */
const EPOCH_MS = 1_800_000_000_000
/** Frames come at a pace that no limit is concerned with. */
const FRAME_GAP_MS = 1_000

interface Part {
  readonly row: string
  /** Operations in one sample. */
  readonly count: number
  /** Makes all that a sample needs, and returns the sample. */
  readonly prepare: () => () => void
}

export async function measureParts(round: Round): Promise<void> {
  const alice = nodeSigner(await generateKeyPair('Ed25519'))
  const bob = nodeSigner(await generateKeyPair('Ed25519'))
  const parts = [...roomParts(alice, bob), ...signatureParts(alice), ...lineParts()]
  await round.load.during('parts', () => {
    for (const part of parts) samplePart(part, round)
  })
}

function samplePart({ row, count, prepare }: Part, round: Round): void {
  for (let sample = 0; sample <= SAMPLES; sample++) {
    const work = prepare()
    const startMs = performance.now()
    work()
    const microseconds = ((performance.now() - startMs) * 1_000) / count
    if (sample > 0)
      round.note({ measure: 'parts', table: 'parts', row, column: 'microseconds', value: microseconds })
  }
}

function roomParts(alice: Signer, bob: Signer): readonly Part[] {
  const receive = (messages: number): Part => ({
    row: `receive a message in a frame of ${messages}`,
    count: TIMES.frames * messages,
    prepare: () => receiving(alice, bob, messages),
  })
  return [
    {
      row: 'say: sign and append',
      count: TIMES.say,
      prepare: () => {
        const room = openRoom(alice)
        return () =>
          times(TIMES.say, at => room.handle({ kind: 'say', act: 'text', text: TEXT }, instant(at)))
      },
    },
    receive(FRAME_MESSAGES),
    receive(1),
  ]
}

/** The other one's room takes in all frames, the first of a stranger included. */
function receiving(alice: Signer, bob: Signer, messages: number): () => void {
  const frames = framesOf(alice, messages)
  const room = openRoom(bob)
  return () => {
    for (const [at, payload] of frames.entries()) {
      const now = instant((at + 1) * FRAME_GAP_MS)
      const effects = room.handle({ kind: 'frame', from: alice.author, payload }, now)
      const judged = effects.find(effect => effect.kind === 'verdict')?.verdict
      if (judged !== 'accept' && judged !== 'keep') throw new Error(`the frame was not taken in: ${judged}`)
    }
  }
}

function framesOf(signer: Signer, messages: number): readonly Uint8Array[] {
  const room = openRoom(signer)
  return Array.from({ length: TIMES.frames }, (_, at) => {
    const now = instant((at + 1) * FRAME_GAP_MS)
    times(messages, () => room.handle({ kind: 'say', act: 'text', text: TEXT }, now))
    const published = room.handle({ kind: 'tick' }, now).find(effect => effect.kind === 'publish')
    if (decodeFrame(published?.payload ?? new Uint8Array())?.length !== messages)
      throw new Error('the frame is not of the wanted size')
    return published?.payload ?? new Uint8Array()
  })
}

function signatureParts(signer: Signer): readonly Part[] {
  const crypto = nodeCrypto()
  const signature = signer.sign(SIGNED_BYTES)
  const { signatures } = TIMES
  return [
    {
      row: 'sign',
      count: signatures,
      prepare: () => () => times(signatures, () => signer.sign(SIGNED_BYTES)),
    },
    {
      row: 'verify a signature',
      count: signatures,
      prepare: () => () => times(signatures, () => crypto.verify(signer.author, SIGNED_BYTES, signature)),
    },
  ]
}

function lineParts(): readonly Part[] {
  const { lines } = TIMES
  const input = JSON.stringify({ text: TEXT })
  return [
    { row: 'write a JSON line', count: lines, prepare: () => () => times(lines, () => jsonLine(MESSAGE)) },
    { row: 'read a JSON line', count: lines, prepare: () => () => times(lines, () => parseJsonLine(input)) },
  ]
}

function openRoom(signer: Signer): Room {
  return new Room(
    { id: 'aa'.repeat(16) as RoomId, name: 'someone', lostAfterMs: 10_000 },
    {
      log: new MemoryLog(signer.author.slice(0, 16) as LogId),
      signer,
      crypto: nodeCrypto(),
      random: Math.random,
    },
  )
}

function instant(ms: number): Instant {
  return { steady: ms, wall: EPOCH_MS + ms }
}

function times(count: number, work: (at: number) => void): void {
  for (let at = 0; at < count; at++) work(at)
}

const MESSAGE: UiEvent = {
  type: 'message',
  room: 'lobby',
  id: 'a1'.repeat(32),
  peer: '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
  name: 'someone',
  text: TEXT,
  action: false,
  sentAt: EPOCH_MS,
  receivedAt: EPOCH_MS,
  via: 'live',
  late: false,
  own: false,
}
