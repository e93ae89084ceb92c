import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BatchWriter } from '../../../src/cli/output/batch-writer.ts'

const droppedLine = (count: number) => `(${count} missing)\n`

/** A reader that takes each write only when told. */
function slowReader() {
  const writes: string[] = []
  const pending: (() => void)[] = []
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(text: string, _, done) {
      writes.push(text)
      pending.push(done)
    },
  })
  return { stream, writes, take: () => pending.shift()?.() }
}

describe('a batch writer', () => {
  it('writes the lines of one turn at once, in order', async () => {
    const { stream, writes } = slowReader()
    const writer = new BatchWriter(stream, { droppedLine })
    for (const line of ['a\n', 'b\n', 'c\n']) writer.write(line)
    expect(writes).toEqual([])
    await turn()
    expect(writes).toEqual(['a\nb\nc\n'])
  })

  it('waits for a slow reader, and says when that is over', async () => {
    const { stream, writes, take } = slowReader()
    const writer = new BatchWriter(stream, { droppedLine })
    writer.write('a\n')
    await turn()
    writer.write('b\n')
    writer.write('c\n')
    let isReady = false
    const ready = writer.ready().then(() => {
      isReady = true
    })
    await turn()
    expect([writes, isReady]).toEqual([['a\n'], false])
    take()
    await turn()
    expect([writes, isReady]).toEqual([['a\n', 'b\nc\n'], false])
    take()
    await ready
  })

  it('keeps a bounded amount, and writes how much is missing where it is missing', async () => {
    const { stream, writes, take } = slowReader()
    const writer = new BatchWriter(stream, { droppedLine, maxWaiting: 6 })
    writer.write('a\n')
    await turn()
    for (const line of ['b\n', 'c\n', 'too long\n', 'd\n', 'e\n']) writer.write(line)
    take()
    await turn()
    writer.write('f\n')
    take()
    await turn()
    expect(writes).toEqual(['a\n', 'b\nc\n(3 missing)\n', 'f\n'])
  })

  it('flushes to the operating system', async () => {
    const { stream, writes, take } = slowReader()
    const writer = new BatchWriter(stream, { droppedLine })
    writer.write('a\n')
    let isFlushed = false
    const flushed = writer.flush().then(() => {
      isFlushed = true
    })
    await turn()
    expect([writes, isFlushed]).toEqual([['a\n'], false])
    take()
    await flushed
  })

  it('breaks quietly and for good when the reader goes away', async () => {
    const stream = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    })
    const writer = new BatchWriter(stream, { droppedLine })
    writer.write('a\n')
    expect(await writer.broken).toMatchObject({ code: 'EPIPE' })
    writer.write('b\n')
    await Promise.all([writer.ready(), writer.flush()])
  })
})
