/**
 * One parley process of the demo, spoken to in JSON lines as any script would.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, '../../dist/parley.cjs')

/** How long the demo waits for anything, milliseconds: a slow laptop under load included. */
const PATIENCE_MS = 30_000

export interface DemoEvent {
  readonly type: string
  readonly [field: string]: unknown
}

export class Program {
  readonly name: string
  readonly #child: ChildProcess
  readonly #events: DemoEvent[] = []
  readonly #news = new EventEmitter()
  #errors = ''

  constructor(name: string, args: readonly string[]) {
    this.name = name
    this.#child = spawn(process.execPath, [PROGRAM, ...args, '--json'], { stdio: ['pipe', 'pipe', 'pipe'] })
    const { stdout, stderr, stdin } = this.#child
    if (stdout === null || stderr === null || stdin === null) throw new Error('the process has no pipes')
    createInterface(stdout).on('line', line => this.#onLine(line))
    stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2_000)
    })
    // writing to a process that was killed is part of the demo
    stdin.on('error', () => {})
    this.#child.on('exit', () => this.#news.emit('news'))
  }

  get events(): readonly DemoEvent[] {
    return this.#events
  }

  say(text: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ text })}\n`)
  }

  /** The nth event that fits, past or to come. Rejects when it doesn't come in time. */
  async event(what: string, fits: (event: DemoEvent) => boolean, nth = 1): Promise<DemoEvent> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const event = this.#events.filter(fits)[nth - 1]
      if (event !== undefined) return event
      if (this.#child.exitCode !== null) throw new Error(`${this.name} ended before ${what}: ${this.#errors}`)
      await once(this.#news, 'news', { signal }).catch((cause: unknown) => {
        throw new Error(`${this.name} waited in vain for ${what}: ${this.#errors}`, { cause })
      })
    }
  }

  /** Ends it without a word, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it properly. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
  }

  #onLine(line: string): void {
    this.#events.push(JSON.parse(line))
    this.#news.emit('news')
  }
}
