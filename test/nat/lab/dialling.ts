/** Plain TCP between hosts of the laboratory: to see what its routers do, without parley. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Host } from './place.ts'

/** Tells whoever connects what its address looks like from here; ends with its input. */
const LISTENER = `
const server = require('node:net').createServer(socket =>
  socket.on('error', () => {}).end(socket.remoteAddress + ':' + socket.remotePort))
server.listen(Number(process.argv[1]), '0.0.0.0', () => console.log('listening'))
process.stdin.on('end', () => process.exit()).resume()`

/** Dials and prints what came of it; with a reset at the end, so that the port is free again at once. */
const DIALLER = `
const [host, port, localPort, timeout] = process.argv.slice(1)
const socket = require('node:net').connect({ host, port: +port, localPort: +localPort })
const tell = what => { console.log(String(what)); socket.resetAndDestroy(); process.exit() }
socket.on('data', tell)
socket.on('error', error => tell(error.code === 'ECONNREFUSED' ? 'refused' : error.code))
setTimeout(tell, +timeout, 'silence')`

/** Longer than the lost first packet of a dial takes to be repeated. */
const SILENCE_MS = 1_500

/** A server on this port of the host. */
export async function listen(host: Host, port: number): Promise<AsyncDisposable> {
  const [file = '', ...args] = [...host.prefix, process.execPath, '-e', LISTENER, `${port}`]
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(createInterface({ input: child.stdout }), 'line')
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/** What the server sees as the dialler's address and port, or `refused`, or `silence`, or the error's code. */
export async function dial(host: Host, to: string, port: number, localPort = 0): Promise<string> {
  const command = [process.execPath, '-e', DIALLER, to, `${port}`, `${localPort}`, `${SILENCE_MS}`]
  return (await host.namespace.run(command)).trim()
}
