/**
 * Types into a container's terminal as a person does: `docker attach` on a terminal of its own, which `script` lends
 * (docker refuses to attach a pipe to a container with a terminal), and Ctrl-P Ctrl-Q to leave it running.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const DETACH = '\x10\x11'
const DEADLINE_MS = 60_000

/** Resolves when the terminal has echoed the line, which means that the program can read it, and is detached again. */
export async function typeInto(container: string, line: string): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const attach = `docker attach --sig-proxy=false ${container}`
  const terminal = spawn('script', ['--quiet', '--return', '--flush', '--command', attach, '/dev/null'], {
    signal,
  })
  const ended = once(terminal, 'exit', { signal })
  terminal.stdin.write(`${line}\n`)
  let shown = ''
  for await (const chunk of terminal.stdout) {
    shown += String(chunk)
    if (shown.includes(line) && terminal.stdin.writable) terminal.stdin.end(DETACH)
  }
  await ended
}
