import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Line, LineSplitter, MAX_LINE_BYTES, readLines } from '../../../src/cli/input/lines.ts'
import { SEED } from '../../support/seed.ts'

function split(...chunks: readonly (string | Uint8Array)[]): Line[] {
  const splitter = new LineSplitter()
  return [...chunks.flatMap(chunk => splitter.push(Buffer.from(chunk))), ...splitter.end()]
}

function texts(...chunks: readonly (string | Uint8Array)[]): string[] {
  return split(...chunks).map(line => (line.kind === 'line' ? line.text : '(too long)'))
}

describe('lines', () => {
  it('end with LF, CR LF or the input', () => {
    expect(texts('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c'])
    expect(texts('a\n')).toEqual(['a'])
    expect(texts()).toEqual([])
  })

  it(`are the same wherever the chunks are cut, also within a character (SEED=${SEED})`, () => {
    const line = fc.string({ unit: 'grapheme' }).map(text => text.replace(/[\r\n]/g, ''))
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(8), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.map(text => `${text.toWellFormed()}\n`).join(''))
        const chunks: Uint8Array[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = (sizes[i % sizes.length] ?? 0) + 1
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(texts(...chunks)).toEqual(lines.map(text => text.toWellFormed()))
      }),
      { seed: SEED },
    )
  })

  it('may be just long enough', () => {
    const longest = 'x'.repeat(MAX_LINE_BYTES)
    expect(texts(`${longest}\nnext\n`)).toEqual([longest, 'next'])
    expect(texts(longest, '\nnext\n')).toEqual([longest, 'next'])
  })

  it.each([
    ['in one chunk', ['a\n', `${'x'.repeat(MAX_LINE_BYTES + 1)}\nb\n`]],
    ['in several chunks', ['a\n', 'x'.repeat(MAX_LINE_BYTES), 'x', 'x'.repeat(MAX_LINE_BYTES), 'x\nb\n']],
    ['cut at the end', ['a\nxx', 'x'.repeat(MAX_LINE_BYTES), '\nb\n']],
  ])('that are too long are told once and skipped, %s', (_, chunks) => {
    expect(texts(...chunks)).toEqual(['a', '(too long)', 'b'])
  })

  it('that never end are told when they are too long, not kept', () => {
    const splitter = new LineSplitter()
    const told = Array.from({ length: 100 }, () => splitter.push(Buffer.alloc(MAX_LINE_BYTES, 'x'))).flat()
    expect(told).toEqual([{ kind: 'too-long' }])
    expect(splitter.end()).toEqual([])
  })

  it('come a chunk at a time, and end when the stream breaks', async () => {
    async function* broken() {
      yield Buffer.from('a\nb\nc')
      throw new Error('EIO')
    }
    const sizes: number[] = []
    for await (const batch of readLines(Readable.from(broken()))) sizes.push(batch.length)
    expect(sizes).toEqual([2, 1])
  })
})
