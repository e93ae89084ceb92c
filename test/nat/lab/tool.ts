/** Runs the system's tools: `ip`, `nft` and the like. What they print to standard error is the error they fail with. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** The slowest of them takes a tenth of a second; many of them at once wait for each other. */
const DEADLINE_MS = 20_000

/** @throws when it can't be run, fails, or takes too long */
export async function tool(command: readonly string[], input = ''): Promise<string> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { stdio: 'pipe', timeout: DEADLINE_MS, killSignal: 'SIGKILL' })
  const closed = once(child, 'close')
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  if (child.exitCode === 0) return stdout
  throw new Error(
    `${command.join(' ')} ended with ${child.exitCode ?? child.signalCode}: ${stderr}\n${input}`,
  )
}
