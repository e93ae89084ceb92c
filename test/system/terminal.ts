/**
 * Types into a container's terminal as a person does: `docker attach` on a terminal of its own, which `script` lends
 * (docker refuses to attach a pipe to a container with a terminal).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * @param echoed - resolves when the container's terminal shows the line, which means that its program can read it. The
 * terminal lent by `script` echoes too, and earlier, so what that shows says nothing.
 */
export async function typeInto(
  container: string,
  line: string,
  echoed: () => Promise<unknown>,
): Promise<void> {
  const attach = `docker attach --sig-proxy=false ${container}`
  const terminal = spawn('script', ['--quiet', '--command', attach, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(terminal, 'exit')
  terminal.stdin.write(`${line}\n`)
  try {
    await echoed()
  } finally {
    // Hanging up leaves the container running. It may have ended by itself, after a /quit.
    terminal.kill()
    await ended
  }
}
