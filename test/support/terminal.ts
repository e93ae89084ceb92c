/**
 * The built program on a real terminal: a pty that the system's `script` lends, seen through a terminal emulator. A
 * test types, resizes the window, and looks at what a user would see.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import xterm from '@xterm/headless'
import { LAUNCHER, programEnvironment } from './process.ts'
import { DEADLINE_MS } from './process-journal.ts'

export interface TerminalOptions {
  readonly args: readonly string[]
  /** The home folder; a few files about the terminal are put there. */
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[]
  readonly columns?: number
  readonly rows?: number
  /** `jobs`: the program may be put to sleep, and a line that is typed then wakes it. */
  readonly shell?: 'plain' | 'jobs'
}

/** How the terminal was left, by `stty`, and with which exit code. */
export interface TerminalEnd {
  readonly code: number
  readonly stty: string
}

const running = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Its types want those of the emulator with a window. */
const { Unicode11Addon } = createRequire(import.meta.url)('@xterm/addon-unicode11') as {
  readonly Unicode11Addon: new () => xterm.ITerminalAddon
}

let count = 0

export class TerminalProgram implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #emulator: xterm.Terminal
  readonly #watchers = new Set<() => void>()
  readonly #files: {
    readonly tty: string
    readonly pid: string
    readonly stty: string
    readonly code: string
  }
  readonly #ended: Promise<unknown>
  #output = ''

  constructor(options: TerminalOptions) {
    const { args, home, env, nodeArgs = [], columns = 80, rows = 24, shell = 'plain' } = options
    count += 1
    const base = join(home, `terminal-${count}`)
    this.#files = { tty: `${base}.tty`, pid: `${base}.pid`, stty: `${base}.stty`, code: `${base}.code` }
    this.#emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 })
    // emoji two columns wide, as terminals have had them for years
    this.#emulator.loadAddon(new Unicode11Addon())
    this.#emulator.unicode.activeVersion = '11'
    const command = [process.execPath, ...nodeArgs, LAUNCHER, ...args].map(quoted).join(' ')
    const { tty, pid, stty, code } = this.#files
    const run = `sh -c 'echo $$ > ${pid}; exec "$@"' sh ${command}`
    const job = shell === 'jobs' ? `set -m; ${run}; echo asleep; read line; fg` : run
    const script = `stty cols ${columns} rows ${rows}; tty > ${tty}; ${job}; echo $? > ${code}; stty -a > ${stty}`
    const child = spawn('script', ['--quiet', '--flush', '--command', script, '/dev/null'], {
      env: { ...programEnvironment(home), TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      stdio: 'pipe',
    })
    this.#child = child
    running.add(child)
    child.stdin.on('error', () => {})
    // the emulator answers questions of programs, such as what it is
    this.#emulator.onData(answer => child.stdin.write(answer))
    child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString('latin1')
      this.#emulator.write(chunk, () => this.#wake())
    })
    this.#ended = once(child, 'close').then(() => {
      running.delete(child)
      this.#wake()
    })
  }

  /** What the window shows, line by line, without what is blank at the ends. */
  get lines(): readonly string[] {
    const { active } = this.#emulator.buffer
    return Array.from({ length: this.#emulator.rows }, (_, at) => {
      return (
        active
          .getLine(active.viewportY + at)
          ?.translateToString(true)
          .trimEnd() ?? ''
      )
    })
  }

  get text(): string {
    return this.lines.join('\n')
  }

  /** All that was written to the terminal, a character a byte. */
  get output(): string {
    return this.#output
  }

  get emulator(): xterm.Terminal {
    return this.#emulator
  }

  /** The process of the program itself. */
  get pid(): number {
    return Number(readFileSync(this.#files.pid, 'utf8'))
  }

  /** Types what a keyboard sends. */
  type(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** Pastes as a terminal does that was asked to say so. */
  paste(text: string): void {
    this.type(`\u001b[200~${text}\u001b[201~`)
  }

  /** Makes the window larger or smaller; the program hears of it by SIGWINCH. */
  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows)
    const tty = readFileSync(this.#files.tty, 'utf8').trim()
    execFileSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)])
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** Nobody reads the terminal any more, as when a connection hangs; nor do keys get there. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Resolves when the window shows this. */
  shows(what: string | RegExp): Promise<void> {
    const isThere = (): boolean =>
      typeof what === 'string' ? this.text.includes(what) : what.test(this.text)
    return this.until(isThere, `window with ${what}`)
  }

  /** Resolves when the window doesn't show this any more. */
  hides(what: string | RegExp): Promise<void> {
    const isGone = (): boolean =>
      typeof what === 'string' ? !this.text.includes(what) : !what.test(this.text)
    return this.until(isGone, `window without ${what}`)
  }

  async until(isDone: () => boolean, what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (isDone()) resolve()
    }
    this.#watchers.add(look)
    look()
    const timer = new AbortController()
    const late = later(DEADLINE_MS, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`there was no ${what} in ${DEADLINE_MS} ms; the window shows:\n${this.text}`)
    })
    try {
      await Promise.race([promise, late])
    } finally {
      timer.abort()
      late.catch(() => {})
      this.#watchers.delete(look)
    }
  }

  /** How it ended, when it did. */
  async end(): Promise<TerminalEnd> {
    const late = later(DEADLINE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`it did not end in ${DEADLINE_MS} ms; the window shows:\n${this.text}`)
    })
    await Promise.race([this.#ended, late])
    // the emulator takes what it is given a moment later
    await new Promise<void>(resolve => this.#emulator.write('', resolve))
    const { code, stty } = this.#files
    return { code: Number(readFileSync(code, 'utf8')), stty: readFileSync(stty, 'utf8') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#killProgram()
    this.thaw()
    await this.#ended
    this.#emulator.dispose()
  }

  /** The program first: what lends it the terminal would only hang up. */
  #killProgram(): void {
    if (!running.has(this.#child)) return
    try {
      this.signal('SIGKILL')
    } catch {
      // it ended, or never began
      this.#child.kill('SIGKILL')
    }
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look()
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
