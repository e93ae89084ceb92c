/**
 * The public segment: a namespace with the wire in it, to which hosts and routers are plugged. Each cable is a TAP
 * device at the wire's end, bridged to a veth pair whose other end is the host's interface: so the host's end can be
 * pulled without the wire's noticing.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Namespace } from './namespace.ts'
import { joinByCable } from './namespace.ts'
import type { Conditions } from './wire.ts'
import { PERFECT } from './wire.ts'
import type { WireOrder } from './wire-order.ts'
import { tapOf } from './wire-order.ts'

const WIRE = join(import.meta.dirname, 'wire-process.ts')

/** How long the wire may take to answer, on a machine with more to do than cores. */
const DEADLINE_MS = 20_000

const running = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  // it ends with its input anyway, and takes its devices along
  for (const wire of running) wire.stdin.destroy()
})

export class Street implements AsyncDisposable {
  readonly #namespace: Namespace
  readonly #wire: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  #cables = 0
  #conditions = PERFECT
  #complaint = ''
  /** Orders are answered one after the other. */
  #turn: Promise<void> = Promise.resolve()

  /** In a namespace of its own, which has to outlive it. */
  constructor(namespace: Namespace) {
    this.#namespace = namespace
    const [file = '', ...args] = [...namespace.prefix, process.execPath, WIRE]
    this.#wire = spawn(file, args, { stdio: 'pipe' })
    this.#wire.stdin.on('error', () => {})
    this.#wire.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#complaint += chunk
    })
    this.#answers = createInterface({ input: this.#wire.stdout })[Symbol.asyncIterator]()
    running.add(this.#wire)
  }

  /** Changes some of what the wire does; resolves when it does so. */
  async set(conditions: Partial<Conditions>): Promise<void> {
    this.#conditions = { ...this.#conditions, ...conditions }
    await this.#order({ kind: 'set', conditions: this.#conditions })
  }

  /** From now on every frame on this cable is appended to a file, byte for byte. */
  async record(cable: string, file: string): Promise<void> {
    await this.#order({ kind: 'record', cable, file })
  }

  /** Lays a cable to `device` of this namespace. `cable` names it for cuts. */
  async plug(cable: string, to: Namespace, device: string): Promise<void> {
    const number = this.#cables++
    await this.#order({ kind: 'plug', cable })
    const [bridge, tap, end] = [`bridge-${number}`, tapOf(number), `to-${number}`]
    await joinByCable([this.#namespace, end], [to, device])
    await this.#namespace.configure(
      `link add name ${bridge} type bridge`,
      ...[end, tap].map(port => `link set ${port} master ${bridge}`),
      ...[end, tap, bridge].map(port => `link set ${port} up`),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((this.#wire.exitCode ?? this.#wire.signalCode) === null) {
      const ended = once(this.#wire, 'exit')
      this.#wire.stdin.end()
      await ended
    }
    running.delete(this.#wire)
  }

  /** Resolves when it is carried out. */
  #order(order: WireOrder): Promise<void> {
    const turn = this.#turn.then(async () => {
      this.#wire.stdin.write(`${JSON.stringify(order)}\n`)
      const { done } = await within(this.#answers.next())
      if (done === true) throw new Error(`the wire ended: ${this.#complaint}`)
    })
    this.#turn = turn.catch(() => {})
    return turn
  }
}

async function within<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`the wire gave no answer in ${DEADLINE_MS} ms`)),
    DEADLINE_MS,
  )
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
