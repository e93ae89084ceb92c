/**
 * A real process of the built program: its lines, its end, and signals to it. It never outlives the test that started
 * it: it is killed when disposed of, and with the test runner's process at the latest.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DEADLINE_MS, Journal } from './process-journal.ts'

const ROOT = join(import.meta.dirname, '../..')
/** `PARLEY_PROGRAM` names another build to test, for whoever looks for the change that broke something. */
export const LAUNCHER = process.env['PARLEY_PROGRAM'] ?? join(ROOT, 'dist/parley.cjs')

/** Shared by all tests, so that only the first start compiles. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/parley-e2e')

/** Characters of standard error that are kept for a failure's message. */
const SHOWN_STDERR = 4_000

export interface ProgramOptions {
  /** For failures. */
  readonly title: string
  readonly args: readonly string[]
  /** The home folder: nothing outside of it is touched. */
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** Written to standard input before the program even runs. */
  readonly input?: string
  /** @default the Node that runs the tests, which is the one that npm scripts find */
  readonly node?: string
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[]
  /** A command that runs the one that follows it, somewhere else: in a network namespace. It must keep the process. */
  readonly prefix?: readonly string[]
  /** How long its lines and its end are waited for. @default DEADLINE_MS */
  readonly patienceMs?: number
}

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Ends a program when the process that started it vanishes, however that went. A peer does so by itself, since its
 * input is over then; a helper reads none.
 */
export const END_WITH_PARENT = "data:text/javascript,process.stdin.on('end',()=>process.exit(1)).resume()"

const running = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class Program implements AsyncDisposable {
  readonly title: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly lines: Journal<string>
  readonly #end: Promise<End>
  readonly #patienceMs: number
  #stdout = ''
  #stderr = ''

  constructor(options: ProgramOptions) {
    const { title, args, prefix = [], node = process.execPath, nodeArgs = [] } = options
    this.title = title
    this.#patienceMs = options.patienceMs ?? DEADLINE_MS
    this.lines = new Journal(() => this.describe(), this.#patienceMs)
    const [file = node, ...words] = [...prefix, node, ...nodeArgs, LAUNCHER, ...args]
    const child = spawn(file, words, { env: environment(options), stdio: 'pipe' })
    this.#child = child
    running.add(child)
    // a program that ends while it is written to is no failure of the test: its exit code says what happened
    child.stdin.on('error', () => {})
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk
    })
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout += chunk
    })
    createInterface({ input: child.stdout }).on('line', line => this.lines.add(line))
    this.#end = this.#ended(child)
    if (options.input !== undefined) child.stdin.write(options.input)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** All that it wrote to standard output so far, to the last control character. */
  get output(): string {
    return this.#stdout
  }

  /** All that it wrote to standard error so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** How the process ended, when it did and all it wrote is read; rejects when it doesn't. */
  async end(): Promise<End> {
    const late = Promise.withResolvers<never>()
    const error = new Error(`${this.describe()} did not end in ${this.#patienceMs} ms`)
    const timer = setTimeout(() => late.reject(error), this.#patienceMs)
    try {
      return await Promise.race([this.#end, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves when the process ended by itself with this exit code. */
  async exits(code: number): Promise<void> {
    const end = await this.end()
    if (end.code !== code) throw new Error(`${this.describe()} should have ended with exit code ${code}`)
  }

  write(text: string): void {
    this.#child.stdin.write(text)
  }

  endInput(): void {
    this.#child.stdin.end()
  }

  /** Goes away as a reader of its standard output. */
  closeOutput(): void {
    this.#child.stdout.destroy()
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** For failures: who this is, and what it complained of. */
  describe(): string {
    const { exitCode, signalCode } = this.#child
    const state = exitCode === null && signalCode === null ? 'running' : `ended ${exitCode ?? signalCode}`
    const stderr = this.#stderr === '' ? '' : `\nits standard error:\n${this.#stderr.slice(-SHOWN_STDERR)}`
    return `${this.title} (process ${this.pid}, ${state})${stderr}\n=>`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL')
    await this.#end
  }

  async #ended(child: ChildProcessWithoutNullStreams): Promise<End> {
    await once(child, 'close')
    running.delete(child)
    this.lines.end()
    return { code: child.exitCode, signal: child.signalCode }
  }
}

function environment({ home, env }: ProgramOptions): NodeJS.ProcessEnv {
  return { ...programEnvironment(home), ...env }
}

/** What the system needs to run a program, and nothing of what the user who runs the tests has set for parley. */
export function programEnvironment(home: string): NodeJS.ProcessEnv {
  const { PATH } = process.env
  return { PATH, HOME: home, TZ: 'UTC', NODE_COMPILE_CACHE: COMPILE_CACHE }
}
