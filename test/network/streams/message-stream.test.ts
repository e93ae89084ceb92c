import { setImmediate } from 'node:timers/promises'
import type { Libp2p, Stream } from '@libp2p/interface'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DeadlineError,
  MalformedMessageError,
  MessageStream,
} from '../../../src/network/streams/message-stream.ts'
import { SEED } from '../../support/seed.ts'
import { SyncStage } from '../sync/sync-kit.ts'

const PROTOCOL = '/test/messages/1'
const MAX_BYTES = 100_000
const MEGABYTE = 1024 * 1024
/** A moment from now on, and one that never comes. */
const soon = () => {
  const at = performance.now() + 100
  return () => at
}
const later = () => Number.POSITIVE_INFINITY

/** Both ends of a stream between two nodes. */
async function streams(stage: SyncStage): Promise<readonly [Stream, Stream]> {
  const [ann, ben] = [await stage.stranger('ann'), await stage.stranger('ben')]
  await stage.connect(ann, ben)
  const { promise, resolve } = Promise.withResolvers<Stream>()
  await ben.node.handle(PROTOCOL, stream => resolve(stream))
  const mine = await open(ann.node, ben.node)
  return [mine, await promise]
}

function open(from: Libp2p, to: Libp2p): Promise<Stream> {
  return from.dialProtocol(to.peerId, PROTOCOL)
}

async function pair(stage: SyncStage) {
  const [mine, theirs] = await streams(stage)
  return {
    mine: new MessageStream(mine, MAX_BYTES),
    theirs: new MessageStream(theirs, MAX_BYTES),
    streams: [mine, theirs] as const,
  }
}

describe('messages', () => {
  test('of any length arrive whole and in order, however they are cut', async () => {
    await using stage = new SyncStage()
    const [raw, stream] = await streams(stage)
    const reader = new MessageStream(stream, MAX_BYTES)
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(MAX_BYTES)), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 50 }),
        async (all, cuts) => {
          const messages = all.map((length, index) => new Uint8Array(length).fill(index))
          let bytes = Buffer.concat(messages.flatMap(message => [prefix(message.length), message]))
          for (const cut of [...cuts, bytes.length]) {
            raw.send(new Uint8Array(bytes.subarray(0, cut)))
            bytes = bytes.subarray(cut)
            await setImmediate()
          }
          for (const message of messages) expect(Buffer.compare(await reader.read(later), message)).toBe(0)
        },
      ),
      { seed: SEED, numRuns: 20 },
    )
  })

  test('that are longer than they may be are garbage, before they come', async () => {
    for (const bytes of [
      prefix(MAX_BYTES + 1),
      Buffer.alloc(9, 0xff),
      Buffer.from([0x80, 0x80, 0x80, 0x80, 0]),
    ]) {
      await using stage = new SyncStage()
      const [raw, stream] = await streams(stage)
      raw.send(new Uint8Array(bytes))
      await expect(new MessageStream(stream, MAX_BYTES).read(later)).rejects.toThrow(MalformedMessageError)
    }
  })

  test('that do not come in time are waited for no longer, nor is room for them', async () => {
    await using stage = new SyncStage()
    const { mine, theirs } = await pair(stage)
    await expect(theirs.read(soon())).rejects.toThrow(DeadlineError)
    const fill = async () => {
      for (;;) await mine.write([new Uint8Array(MAX_BYTES)], soon())
    }
    await expect(fill()).rejects.toThrow(DeadlineError)
  })

  test('that came before the other side said that it has said all can still be read', async () => {
    await using stage = new SyncStage()
    const { mine, theirs } = await pair(stage)
    await mine.write(
      [1, 2, 3].map(() => new Uint8Array(MAX_BYTES)),
      later,
    )
    await mine.close(30_000)
    for (let count = 0; count < 3; count++) expect((await theirs.read(later)).length).toBe(MAX_BYTES)
    await expect(theirs.read(later)).rejects.toThrow('hung up')
    await theirs.close(1_000)
  })

  test('end when the other side hangs up', async () => {
    await using stage = new SyncStage()
    const { mine, theirs } = await pair(stage)
    const [read, write] = [theirs.read(later), fill(theirs)]
    mine.abort(new Error('changed my mind'))
    await Promise.all([expect(read).rejects.toThrow(), expect(write).rejects.toThrow()])
    await expect(theirs.read(later)).rejects.toThrow()
  })
})

test('who reads slowly holds little, and who writes holds little, until all has come', async () => {
  await using stage = new SyncStage()
  const {
    mine,
    theirs,
    streams: [from, to],
  } = await pair(stage)
  const count = 200
  let written = 0
  const writing = (async () => {
    for (; written < count; written++) await mine.write([new Uint8Array(MAX_BYTES).fill(written)], later)
  })()
  // until neither goes on by itself
  while (to.readStatus !== 'paused' || from.writeBufferLength <= MEGABYTE / 4) await setImmediate()
  expect(written * MAX_BYTES).toBeLessThan(4 * MEGABYTE)
  expect(from.writeBufferLength).toBeLessThan(MEGABYTE)
  expect(to.readBufferLength).toBeLessThan(2 * MEGABYTE)
  for (let index = 0; index < count; index++) {
    const message = await theirs.read(later)
    expect([message.length, message[0], message.at(-1)]).toEqual([MAX_BYTES, index % 256, index % 256])
    expect(to.readBufferLength).toBeLessThan(2 * MEGABYTE)
  }
  await writing
})

async function fill(stream: MessageStream): Promise<void> {
  for (;;) await stream.write([new Uint8Array(MAX_BYTES)], later)
}

function prefix(length: number): Uint8Array {
  const bytes: number[] = []
  let rest = length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
