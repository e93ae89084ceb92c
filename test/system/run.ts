/** Runs programs of the system for the container tests; what they print to standard error is the error they fail with. */
import { execFile } from 'node:child_process'

export interface RunOptions {
  readonly cwd?: string
  /** On top of this process's own. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** The slowest thing run here is a first image build, which installs some two hundred packages. */
const TIMEOUT_MS = 600_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** @throws when the program can't be run, ends with another code than 0, or takes too long */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Output> {
  const [file = '', ...args] = command
  const { cwd, env, timeoutMs = TIMEOUT_MS } = options
  return new Promise((resolve, reject) => {
    execFile(
      file,
      args,
      { cwd, env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr })
        else
          reject(new Error(`${command.join(' ')}: ${error.message}\n${stdout}\n${stderr}`, { cause: error }))
      },
    )
  })
}
