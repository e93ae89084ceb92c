/**
 * A TCP proxy that counts what passes through it, both ways together, that can go dead without closing, and that can be
 * as slow as a bad link.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export interface ProxyOptions {
  /** Each way. @default as fast as the machine */
  readonly bytesPerSecond?: number
}

export class CountingProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #inbound = new Set<Socket>()
  readonly #bytesPerSecond: number
  #bytes = 0

  private constructor(target: () => number, { bytesPerSecond = Number.POSITIVE_INFINITY }: ProxyOptions) {
    this.#bytesPerSecond = bytesPerSecond
    this.#server = createServer(inbound => this.#join(inbound, connect(target(), '127.0.0.1')))
  }

  /** In front of a port of this machine, which is asked for when somebody comes. */
  static async open(target: number | (() => number), options: ProxyOptions = {}): Promise<CountingProxy> {
    const proxy = new CountingProxy(typeof target === 'number' ? () => target : target, options)
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

  /** Hangs up on those who came and passes nothing on of it, as when they went to another network. */
  abandon(): void {
    this.cut()
    for (const socket of this.#inbound) socket.removeAllListeners('close').destroy()
    this.#inbound.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(inbound: Socket, outbound: Socket): void {
    this.#inbound.add(inbound)
    inbound.on('close', () => this.#inbound.delete(inbound))
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
    this.#lead(inbound, outbound)
    this.#lead(outbound, inbound)
  }

  #lead(from: Socket, to: Socket): void {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) from.pipe(to)
    else from.pipe(slow(this.#bytesPerSecond)).pipe(to)
  }
}

/** Passes each chunk on after the time that it would take. */
function slow(bytesPerSecond: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      setTimeout(() => done(null, chunk), (1_000 * chunk.length) / bytesPerSecond)
    },
  })
}
