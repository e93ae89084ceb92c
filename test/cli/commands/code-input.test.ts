/** What `parley send --code` makes of what a program wrote. */
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blocksOf, codeInput, MAX_CODE_BYTES, splitText } from '../../../src/cli/commands/send-input.ts'
import { MAX_TEXT_BYTES } from '../../../src/protocol/limits.ts'
import { SEED } from '../../support/seed.ts'
import { testIo } from '../test-io.ts'

async function read(blocks: AsyncIterable<readonly { readonly kind: string; readonly text?: string }[]>) {
  const all: (string | undefined)[] = []
  for await (const batch of blocks) all.push(...batch.map(line => line.text))
  return all
}

async function given(input: string | Uint8Array) {
  const io = testIo()
  io.stdin.end(input)
  return read(await codeInput(io))
}

describe('output of a program', () => {
  it('is one block, without colours, with its blank lines', async () => {
    expect(await given('\n\u001b[31mfailed\u001b[0m\r\n\n\n\tat line 3\n\n')).toEqual([
      'failed\n\n\n\tat line 3',
    ])
  })

  it('of some size is several blocks that end with lines', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index} of the output`)
    const blocks = await given(`${lines.join('\n')}\n`)
    expect(blocks.map(block => block?.split('\n', 1)[0])).toEqual(
      [1, 2, 3].map(part => `[part ${part} of 3]`),
    )
    for (const block of blocks) expect(Buffer.byteLength(block ?? '')).toBeLessThanOrEqual(MAX_TEXT_BYTES)
    expect(blocks.map(block => block?.replace(/^.*\n/, '')).join('\n')).toBe(lines.join('\n'))
  })

  it('that is too much is refused, and so is none', async () => {
    await expect(given('x'.repeat(MAX_CODE_BYTES + 1))).rejects.toMatchObject({
      code: 'text-too-long',
      remedy: expect.stringContaining('tail'),
    })
    await expect(given(' \n\n')).rejects.toMatchObject({ code: 'empty-text' })
    await expect(given('')).rejects.toMatchObject({ code: 'empty-text' })
    expect(() => blocksOf('')).toThrow()
  })

  it('is not waited for to the end when it is endless', async () => {
    const endless = new PassThrough()
    const io = { ...testIo(), stdin: endless }
    const result = codeInput(io)
    endless.write('x'.repeat(MAX_CODE_BYTES + 1))
    await expect(result).rejects.toMatchObject({ code: 'text-too-long' })
  })

  it('is split without loss, and never beyond what a message takes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '👍', '\n', ' ', 'xxxxxxx'), maxLength: 60 })
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 20 }), (whole, max) => {
        const parts = splitText(whole, max)
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(max)
        expect(parts.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''))
      }),
      { seed: SEED },
    )
    expect(splitText('x'.repeat(MAX_TEXT_BYTES + 1), MAX_TEXT_BYTES).map(one => one.length)).toEqual([
      MAX_TEXT_BYTES,
      1,
    ])
  })
})
