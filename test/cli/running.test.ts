/** The commands that run until they are told to end, with the real peer and helper, alone on this machine. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { openDataFolder } from '../../src/storage/data-folder.ts'
import { type TestIo, testIo } from './test-io.ts'

const ALONE = ['--no-lan', '--listen', '/ip4/127.0.0.1/tcp/0']

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-running-'))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

/** The first JSON line of this type. */
async function event(io: TestIo, type: string): Promise<Record<string, unknown>> {
  for await (const line of createInterface({ input: io.stdout })) {
    const value = JSON.parse(line)
    if (value.type === type) return value
  }
  throw new Error(`no ${type}`)
}

describe('parley join', () => {
  it('sends what it reads and leaves at its end', async () => {
    const io = testIo({ home })
    io.stdin.end('{"text":"one"}\nnonsense\n{"text":"two"}\n')
    expect(await run(['join', 'tea', '--json', '--name', 'bo', ...ALONE], io)).toBe(0)
    const { out, err } = await io.written()
    const events = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events[0]).toMatchObject({ type: 'ready', name: 'bo', room: 'tea' })
    expect(events.filter(({ type }) => type === 'sent').map(({ text }) => text)).toEqual(['one', 'two'])
    expect(events.filter(({ type }) => type === 'error')).toMatchObject([{ code: 'bad-input' }])
    expect(events.at(-1)).toEqual({ type: 'bye', undelivered: 2 })
    expect(err).toBe('')
  })

  it('leaves at a signal and gives its folder free', async () => {
    const io = testIo({ home })
    const exit = run(['join', '--json', ...ALONE], io)
    await event(io, 'ready')
    io.signal()
    expect(await exit).toBe(0)
    await using _ = await openDataFolder(join(home, '.local/share/parley'), 'a test')
  })

  it('refuses a data folder in use, with exit code 1, in both forms', async () => {
    await using _ = await openDataFolder(join(home, '.local/share/parley'), 'parley join milk (process 7)')
    const io = testIo({ home, env: { PARLEY_JSON: '1' } })
    expect(await run(['join', ...ALONE], io)).toBe(1)
    const { out, err } = await io.written()
    expect(JSON.parse(out)).toMatchObject({ type: 'error', code: 'data-folder-held' })
    expect(err).toMatch(/^parley: the data folder .* is in use by parley join milk \(process 7\)/)
  })
})

describe('bare parley', () => {
  it('asks on the first start only, and remembers', async () => {
    const first = testIo({ home, terminal: 'dumb' })
    first.stdin.end('bo\n127.0.0.1\n9\n/quit\n')
    expect(await run(ALONE, first)).toBe(0)
    const { out } = await first.written()
    expect(out).toContain('Username (ann): ')
    expect(out).toContain('you are bo in room lobby')

    const second = testIo({ home, terminal: 'dumb' })
    second.stdin.end('/quit\n')
    expect(await run(ALONE, second)).toBe(0)
    const screen = (await second.written()).out
    expect(screen).not.toContain('Username')
    expect(screen).toContain('you are bo in room lobby')

    const shown = testIo({ home })
    await run(['config', '--json'], shown)
    expect(JSON.parse((await shown.written()).out)).toMatchObject({
      name: { value: 'bo', from: 'remembered answers' },
      helpers: { value: ['127.0.0.1:9'], from: 'remembered answers' },
    })
  })

  it('asks for nothing that was said otherwise, nor where nobody sits', async () => {
    const told = testIo({ home, terminal: 'dumb' })
    told.stdin.end('/quit\n')
    expect(await run(['--name', 'cy', '--helper', '127.0.0.1:9', ...ALONE], told)).toBe(0)
    expect((await told.written()).out).not.toContain('Username')

    const piped = testIo({ home })
    piped.stdin.end()
    expect(await run(ALONE, piped)).toBe(0)
    expect((await piped.written()).out).toContain('you are ann in room lobby')
  })

  it('ends well when the questions are not answered', async () => {
    const io = testIo({ home, terminal: 'dumb' })
    io.stdin.end('bo\n')
    expect(await run(ALONE, io)).toBe(0)
    expect((await io.written()).out).not.toContain('you are')
  })
})

describe('parley helper', () => {
  it('tells its addresses and ends at a signal', async () => {
    const io = testIo({ home })
    const words = ['helper', '--json', '--port', '0', '--admin', '127.0.0.1:0', '--log-level', 'silent']
    const exit = run(words, io)
    const ready = await event(io, 'ready')
    expect(ready).toMatchObject({ peer: expect.any(String), addresses: expect.any(Array) })
    io.signal()
    expect(await exit).toBe(0)
  })

  it('prints what to hand out', async () => {
    const io = testIo({ home })
    const exit = run(['helper', '--listen', '/ip4/127.0.0.1/tcp/0', '--log-level', 'silent'], io)
    const lines = createInterface({ input: io.stdout })[Symbol.asyncIterator]()
    expect((await lines.next()).value).toMatch(/^parley \S+ helper 12D3KooW\w+$/)
    await lines.next()
    expect((await lines.next()).value).toMatch(
      /^ {2}parley join --helper \/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3KooW\w+$/,
    )
    io.signal()
    expect(await exit).toBe(0)
  })
})
