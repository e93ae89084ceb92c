import { setImmediate as turn } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Line } from '../../../src/cli/input/lines.ts'
import { promptSurface } from '../../../src/cli/output/prompt.ts'
import { testIo } from '../test-io.ts'

function start() {
  const io = testIo({ terminal: 'xterm' })
  let interrupts = 0
  const surface = promptSurface(
    io,
    event => (event.type === 'notice' ? `${event.text}\n` : ''),
    () => {
      interrupts += 1
    },
  )
  const batches = surface.lines[Symbol.asyncIterator]()
  return { io, surface, batches, interrupts: () => interrupts }
}

const line = (text: string): Line => ({ kind: 'line', text })

describe('the prompt', () => {
  it('shows what others write above the line that is being typed', async () => {
    const { io, surface } = start()
    io.stdin.write('hel')
    await turn()
    io.stdout.read()
    surface.emit({ type: 'notice', code: 'x', text: 'bo joined' })
    await turn()
    await turn()
    expect(stripVTControlCharacters(String(io.stdout.read()))).toBe('bo joined\n> hel')
    await surface.close()
  })

  it('gives the lines that were typed, also those before anybody listened', async () => {
    const { io, surface, batches } = start()
    io.stdin.write('one\rtwo\r')
    await turn()
    expect((await batches.next()).value).toEqual([line('one'), line('two')])
    io.stdin.write('three\r')
    expect((await batches.next()).value).toEqual([line('three')])
    await surface.close()
  })

  it('takes Ctrl-C for an interrupt and Ctrl-D for the end', async () => {
    const { io, batches, interrupts } = start()
    io.stdin.write('\u0003')
    await turn()
    expect(interrupts()).toBe(1)
    io.stdin.write('\u0004')
    expect(await batches.next()).toMatchObject({ done: true })
  })

  it('goes on showing after the input ended', async () => {
    const { io, surface } = start()
    io.stdin.write('\u0004')
    await turn()
    surface.emit({ type: 'notice', code: 'x', text: 'goodbye' })
    await surface.close()
    expect(stripVTControlCharacters(String(io.stdout.read()))).toContain('goodbye\n')
  })
})
