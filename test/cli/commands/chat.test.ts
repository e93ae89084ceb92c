import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parseLine } from '../../../src/api/command-parser.ts'
import type { UiEvent } from '../../../src/api/events.ts'
import type { Input } from '../../../src/api/inputs.ts'
import { jsonLine } from '../../../src/api/json.ts'
import type { Session } from '../../../src/chat/session.ts'
import { chat, Shutdown } from '../../../src/cli/commands/chat.ts'
import { MAX_LINE_BYTES } from '../../../src/cli/input/lines.ts'
import { streamSurface } from '../../../src/cli/output/surface.ts'
import { ParleyError } from '../../../src/common/errors.ts'
import { testIo } from '../test-io.ts'

/** A session that does what its door promises, and nothing else. `hold` keeps texts from being logged. */
class ShortSession implements Session {
  readonly performed: Input[] = []
  readonly #closed = Promise.withResolvers<void>()
  readonly #emit: (event: UiEvent) => void
  hold: Promise<void> = Promise.resolve()
  /** Resolves when another peer holds what was said. */
  taken: Promise<void> = Promise.resolve()

  constructor(emit: (event: UiEvent) => void) {
    this.#emit = emit
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  async perform(input: Input): Promise<void> {
    this.performed.push(input)
    await this.hold
    if (input.kind === 'say') this.#emit({ type: 'sent', room: 'tea', id: 'id', text: input.text })
    if (input.kind === 'quit') await this.close()
  }

  async settled(): Promise<void> {
    await this.taken
  }

  async close(): Promise<void> {
    this.#emit({ type: 'bye', undelivered: 0 })
    this.#closed.resolve()
  }
}

function start(deadlineMs?: number) {
  const io = testIo()
  const shutdown = new Shutdown()
  io.onSignal(shutdown.ask)
  const surface = streamSurface(io, event => `${jsonLine(event)}\n`)
  const session = new ShortSession(surface.emit)
  const exit = chat({ surface, shutdown, parse: parseLine, start: async () => session }, deadlineMs)
  return { io, session, exit }
}

function types(out: string): string[] {
  return out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line).type)
}

describe('a chat', () => {
  it('sends all that was read, then leaves, when the input ends', async () => {
    const { io, session, exit } = start()
    io.stdin.end('one\n\ntwo\nthree')
    expect(await exit).toBe(0)
    expect(session.performed.map(input => Object(input).text)).toEqual(['one', 'two', 'three'])
    expect(types((await io.written()).out)).toEqual(['sent', 'sent', 'sent', 'bye'])
  })

  it('waits at the end of input until somebody took what was said, unless asked to leave', async () => {
    const patient = start()
    const taken = Promise.withResolvers<void>()
    patient.session.taken = taken.promise
    patient.io.stdin.end('one\n')
    await once(patient.io.stdout, 'readable')
    expect(types(String(patient.io.stdout.read()))).toEqual(['sent'])
    taken.resolve()
    expect(await patient.exit).toBe(0)
    expect(types((await patient.io.written()).out)).toEqual(['bye'])

    const hurried = start()
    hurried.session.taken = new Promise(() => {})
    hurried.io.stdin.end('one\n')
    hurried.io.signal()
    expect(await hurried.exit).toBe(0)
  })

  it('starts all lines of a chunk without waiting for each', async () => {
    const { io, session, exit } = start()
    const logged = Promise.withResolvers<void>()
    session.hold = logged.promise
    io.stdin.write('x\n'.repeat(5_000))
    await turn()
    await turn()
    expect(session.performed).toHaveLength(5_000)
    io.stdin.write('next\n')
    await turn()
    expect(session.performed).toHaveLength(5_000)
    logged.resolve()
    io.stdin.end()
    expect(await exit).toBe(0)
    expect(session.performed).toHaveLength(5_001)
  })

  it('stops reading while its output is not read', async () => {
    const { io, session, exit } = start()
    io.stdin.write(`${'x'.repeat(1_000)}\n`.repeat(60))
    const big = `${'x'.repeat(60_000)}\n`
    for (let i = 0; i < 100; i++) io.stdin.write(big)
    for (let i = 0; i < 100; i++) await turn()
    const before = session.performed.length
    expect(before).toBeLessThan(100)
    io.stdout.resume()
    io.stdin.end()
    expect(await exit).toBe(0)
    expect(session.performed).toHaveLength(160)
  })

  it('ends at /quit and does nothing that was written after it', async () => {
    const { io, session, exit } = start()
    io.stdin.write('one\n/quit\ntwo\n')
    expect(await exit).toBe(0)
    expect(session.performed.map(input => input.kind)).toEqual(['say', 'quit'])
  })

  it('tells a line that is too long and goes on', async () => {
    const { io, session, exit } = start()
    io.stdin.end(`${'x'.repeat(MAX_LINE_BYTES + 1)}\nshort\n`)
    expect(await exit).toBe(0)
    expect(session.performed).toMatchObject([{ kind: 'invalid', code: 'line-too-long' }, { text: 'short' }])
  })

  it('leaves properly at the first signal, and at once at the second', async () => {
    const polite = start()
    await turn()
    polite.io.signal()
    expect(await polite.exit).toBe(0)
    expect(types((await polite.io.written()).out)).toEqual(['bye'])

    const hurried = start()
    await turn()
    hurried.session.close = () => new Promise(() => {})
    hurried.io.signal()
    hurried.io.signal()
    expect(await hurried.exit).toBe(130)
  })

  it('does not wait for ever to leave', async () => {
    const { io, session, exit } = start(10)
    await turn()
    session.close = () => new Promise(() => {})
    io.signal()
    expect(await exit).toBe(0)
  })

  it('leaves quietly when its reader goes away', async () => {
    const { io, exit } = start()
    await turn()
    io.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    expect(await exit).toBe(0)
  })

  it('leaves with a reason when its output cannot be written', async () => {
    const { io, exit } = start()
    await turn()
    io.stdout.destroy(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }))
    await expect(exit).rejects.toMatchObject({ name: 'ParleyError', code: 'output-failed' })
  })

  it('fails with what kept it from starting', async () => {
    const io = testIo()
    const surface = streamSurface(io, () => '')
    const failure = new ParleyError('port-in-use', 'the port is in use', 'Choose another')
    const chatting = chat({
      surface,
      shutdown: new Shutdown(),
      parse: parseLine,
      start: () => Promise.reject(failure),
    })
    await expect(chatting).rejects.toBe(failure)
  })
})
