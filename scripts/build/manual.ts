/** The manual page, as the program itself prints it. */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from '../../src/cli/program.ts'

export async function manual(): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const printed = text(stdout)
  const host = { platform: process.platform, home: '/', login: '', cwd: '/' }
  const never = () => () => {}
  const signals = { onSignal: never, atEnd: never, unblock: () => {}, suspend: () => Promise.resolve() }
  const io = {
    stdin,
    stdout,
    stderr,
    ...signals,
    env: {},
    host,
    nodeVersion: process.versions.node,
    who: 'build',
  }
  const exitCode = await run(['help', '--man'], io)
  stdout.end()
  if (exitCode !== 0) throw new Error('the program prints no manual page')
  return printed
}
