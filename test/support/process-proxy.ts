/** A TCP proxy that counts what passes through it, both ways together, and that can go dead without closing. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class CountingProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #bytes = 0

  private constructor(target: number) {
    this.#server = createServer(inbound => this.#join(inbound, connect(target, '127.0.0.1')))
  }

  /** In front of a port of this machine. */
  static async open(target: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Passes nothing on any more and closes nothing, as when a cable is pulled. */
  cut(): void {
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(inbound: Socket, outbound: Socket): void {
    for (const socket of [inbound, outbound]) {
      this.#sockets.add(socket)
      socket.on('data', chunk => {
        this.#bytes += chunk.length
      })
      // either end may vanish; the other one then does, too
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        inbound.destroy()
        outbound.destroy()
      })
    }
    inbound.pipe(outbound)
    outbound.pipe(inbound)
  }
}
