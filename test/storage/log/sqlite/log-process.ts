/** Other processes that use a log: started, listened to, and killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./log-holder.ts', import.meta.url))

type Act = 'open' | 'write' | 'roll back' | 'remove'

/** A line of the other process: see log-holder.ts. */
export interface Said {
  readonly opened?: string
  readonly notices?: readonly { readonly code: string }[]
  readonly safe?: string
  readonly seq?: number
  readonly author?: string
  readonly refused?: boolean
  readonly code?: string
  readonly message?: string
}

class LogProcess {
  readonly lines: Said[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #heard: () => void = () => {}

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    if (child.stdout === null) throw new Error('the process has no output')
    createInterface({ input: child.stdout }).on('line', line => {
      this.lines.push(JSON.parse(line))
      this.#heard()
    })
  }

  /** Resolves once it said so many lines. */
  async said(count: number): Promise<readonly Said[]> {
    while (this.lines.length < count) {
      await new Promise<void>(resolve => {
        this.#heard = resolve
      })
    }
    return this.lines
  }

  /** Resolves with everything that it said when it is gone. */
  async ended(): Promise<readonly Said[]> {
    await this.#exited
    return this.lines
  }

  /** As the kernel does it: at once, whatever it was doing. */
  kill(): Promise<readonly Said[]> {
    this.#child.kill('SIGKILL')
    return this.ended()
  }
}

/** Call it at the top of a test file. The result starts a process, with limits (`ulimit`) and as another user if told. */
export function logProcesses() {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
  return (folder: string, act: Act, options: { uid?: number; limit?: string } = {}) => {
    const { limit, uid } = options
    const command = `${limit === undefined ? '' : `ulimit ${limit} && `}exec "$0" "$@"`
    const child = spawn('sh', ['-c', command, process.execPath, SCRIPT, folder, act], {
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(uid !== undefined && { uid }),
    })
    children.push(child)
    return new LogProcess(child)
  }
}
