/** A command's world made of memory: streams to write to and read from, a home in a temporary folder. */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Io } from '../../src/cli/io.ts'

export interface TestIo extends Io {
  readonly stdin: PassThrough
  readonly stdout: PassThrough
  readonly stderr: PassThrough
  /** Raises a signal. */
  readonly signal: () => void
  /** Ends the output streams and resolves with all that was written. */
  readonly written: () => Promise<{ readonly out: string; readonly err: string }>
}

export interface TestWorld {
  readonly env?: Io['env']
  readonly home?: string
  /** Both ends say that they are one; they can't move a cursor. */
  readonly terminal?: 'dumb' | 'xterm'
}

export function testIo(given: TestWorld = {}): TestIo {
  const [stdin, stdout, stderr] = [new PassThrough(), roomy(), roomy()]
  const handlers = new Set<() => void>()
  const home = given.home ?? '/nowhere'
  if (given.terminal !== undefined)
    for (const stream of [stdin, stdout]) Object.assign(stream, { isTTY: true })
  return {
    stdin,
    stdout,
    stderr,
    env: { ...(given.terminal && { TERM: given.terminal }), ...given.env },
    host: { platform: 'linux', home, login: 'ann', cwd: home },
    nodeVersion: '24.0.0',
    who: 'a test',
    onSignal(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    atEnd: () => () => {},
    unblock: () => {},
    suspend: () => Promise.resolve(),
    signal() {
      for (const handler of handlers) handler()
    },
    async written() {
      stdout.end()
      stderr.end()
      return { out: await text(stdout), err: await text(stderr) }
    },
  }
}

/** Takes what a test writes without being read meanwhile. */
function roomy(): PassThrough {
  return new PassThrough({ highWaterMark: 1_048_576 })
}
