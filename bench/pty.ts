/**
 * A program on a terminal that `script` lends: what it draws is read as it comes, and keys are pressed. It is not an
 * emulator: who measures looks for marks in what is drawn.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { countAsOwn } from './program.ts'

/** Nobody should wait longer than this for anything. */
const DEADLINE_MS = 60_000
const SHOWN = 500

export interface PtyOptions {
  /** Arguments for Node. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly columns: number
  readonly rows: number
  /** A file that nobody else uses. */
  readonly pidFile: string
}

const running = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class PtyProgram implements AsyncDisposable {
  /** `performance.now()` before it was started. */
  readonly startedAtMs: number
  readonly #child: ChildProcessWithoutNullStreams
  readonly #pidFile: string
  readonly #ended: Promise<unknown>
  /** Since the last mark that was looked for. */
  #drawn = ''
  #look: (atMs: number) => void = () => {}

  constructor({ args, env, columns, rows, pidFile }: PtyOptions) {
    this.#pidFile = pidFile
    const command = [process.execPath, ...args].map(word => `'${word}'`).join(' ')
    const shell = `stty cols ${columns} rows ${rows}; echo $$ > '${pidFile}'; exec ${command}`
    this.startedAtMs = performance.now()
    this.#child = spawn('script', ['--quiet', '--flush', '--command', shell, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      stdio: 'pipe',
    })
    running.add(this.#child)
    this.#child.stdin.on('error', () => {})
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const atMs = performance.now()
      this.#drawn += chunk
      this.#look(atMs)
    })
    this.#ended = once(this.#child, 'close').then(() => running.delete(this.#child))
  }

  get pid(): number {
    const pid = Number(readFileSync(this.#pidFile, 'utf8'))
    countAsOwn(pid)
    return pid
  }

  /** Presses keys. */
  type(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** Forgets what was drawn, so that only what comes from now on is looked at. */
  forget(): void {
    this.#drawn = ''
  }

  /** When this was drawn, by `performance.now()`. */
  async draws(mark: string | RegExp): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const isDrawn = (): boolean =>
      typeof mark === 'string' ? this.#drawn.includes(mark) : mark.test(this.#drawn)
    this.#look = atMs => {
      if (isDrawn()) resolve(atMs)
    }
    this.#look(performance.now())
    const timer = setTimeout(() => {
      reject(new Error(`${mark} was never drawn, but ${JSON.stringify(this.#drawn.slice(-SHOWN))}`))
    }, DEADLINE_MS)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#look = () => {}
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // twice: at once
    this.type('\u0003\u0003')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE_MS)
    await this.#ended
    clearTimeout(timer)
  }
}
