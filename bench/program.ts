/**
 * A measured process, spoken to in JSON lines. Unlike the `Program` of the end-to-end tests it keeps nothing of what
 * it reads but a few events, and looks into all other lines only as far as somebody asks: the reader shares the machine
 * with what it measures, and 16 processes show a hundred thousand messages a second.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Journal } from '../test/support/process-journal.ts'
import { probeText } from './probe.ts'

/** An event that is waited for somewhere. */
export interface Told {
  readonly type: string
  /** `performance.now()` when it was read. */
  readonly atMs: number
  readonly [field: string]: unknown
}

const KEPT = /^\{"type":"(?:ready|joined|error|read|copied)"/

/** Told of each line, and when it was read by `performance.now()`. */
export type LineReader = (line: string, atMs: number) => void

/** A proper end takes parley up to 3 seconds. */
const LEAVE_MS = 5_000
const SHOWN_STDERR = 1_000

export interface ProgramOptions {
  readonly name: string
  /** Arguments for Node. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly onLine?: LineReader
}

const running = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Processes that somebody else started for the same measurement. */
const lent = new Set<number>()

/** This process is measured, too, and no neighbour. */
export function countAsOwn(pid: number): void {
  lent.add(pid)
}

/** Processes that run now. */
export function runningPids(): readonly number[] {
  return [...[...running].flatMap(child => child.pid ?? []), ...lent]
}

export class Program implements AsyncDisposable {
  /** `performance.now()` before it was started. */
  readonly startedAtMs: number
  readonly #name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #events: Journal<Told>
  readonly #ended: Promise<unknown>
  #stderr = ''

  constructor({ name, args, env, onLine = () => {} }: ProgramOptions) {
    this.#name = name
    this.#events = new Journal(() => this.#describe())
    this.startedAtMs = performance.now()
    const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' })
    this.#child = child
    running.add(child)
    // one that ended is missed when its messages don't come
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk
    })
    this.#read(child, onLine)
    this.#ended = once(child, 'close').then(() => {
      running.delete(child)
      this.#events.end()
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The first event of this type, past or to come; rejects when it doesn't come in time. */
  event(type: string): Promise<Told> {
    return this.#events.find(told => told.type === type, `event ${type}`)
  }

  async address(): Promise<string> {
    const { addresses } = await this.event('ready')
    return Array.isArray(addresses) ? String(addresses[0]) : ''
  }

  /** Writes objects as lines. Resolves when more may be written. */
  async write(values: readonly unknown[]): Promise<void> {
    const text = values.map(value => `${JSON.stringify(value)}\n`).join('')
    if (this.#child.stdin.write(text)) return
    const drained = once(this.#child.stdin, 'drain').catch(() => {})
    await Promise.race([drained, this.#ended])
  }

  /** Says a probe that is written now. */
  say(phase: number, sender: number, seq: number): void {
    void this.write([{ text: probeText({ phase, sender, seq, sentAtMs: performance.now() }) }])
  }

  /** Throws if it ended by itself: what was measured then counts for nothing. */
  assertRunning(): void {
    if (!running.has(this.#child)) throw new Error(`${this.#describe()} ended`)
  }

  /** Ends it: properly, or by force if that takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), LEAVE_MS)
    this.#child.stdin.end()
    this.#child.kill('SIGTERM')
    await this.#ended
    clearTimeout(timer)
  }

  #describe(): string {
    const complaint = this.#stderr.trim().slice(-SHOWN_STDERR)
    return complaint === '' ? this.#name : `${this.#name} (${complaint})`
  }

  #read(child: ChildProcessWithoutNullStreams, onLine: LineReader): void {
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const atMs = performance.now()
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        onLine(line, atMs)
        if (KEPT.test(line)) this.#events.add({ ...JSON.parse(line), atMs })
      }
    })
  }
}
