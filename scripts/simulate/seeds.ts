/** Runs many seeds on several processors, and tells how it goes on. */
import { Worker } from 'node:worker_threads'

export interface SeedsOptions {
  readonly from: number
  readonly count: number
  readonly workers: number
  /** Failures after which it stops. */
  readonly most: number
  readonly crypto: 'ideal' | 'real'
}

export interface Failure {
  readonly seed: number
  readonly invariant: string
  readonly detail: string
}

/** What a worker says of one seed. */
export type Told = { readonly seed: number } & (
  | {
      readonly kind: 'held'
      readonly messages: number
      readonly exchanges: number
      readonly virtualMs: number
    }
  | { readonly kind: 'broken'; readonly invariant: string; readonly detail: string }
)

/** How often progress is told, milliseconds. */
const PROGRESS_MS = 5_000

/** The seeds that failed. */
export async function runSeeds(
  options: SeedsOptions,
  tell: (line: string) => void,
): Promise<readonly Failure[]> {
  const run = new SeedsRun(options, tell)
  await Promise.all(Array.from({ length: options.workers }, () => run.work()))
  run.summarise()
  return run.failures
}

class SeedsRun {
  readonly failures: Failure[] = []
  readonly #options: SeedsOptions
  readonly #tell: (line: string) => void
  readonly #beganAt = performance.now()
  #toldAt = performance.now()
  #begun = 0
  #done = 0
  #messages = 0
  #exchanges = 0
  #virtualMs = 0

  constructor(options: SeedsOptions, tell: (line: string) => void) {
    this.#options = options
    this.#tell = tell
  }

  /** Has one worker run seed after seed, until there are no more. */
  work(): Promise<void> {
    const { crypto } = this.#options
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { crypto } })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    worker.on('message', (told: Told) => {
      this.#onTold(told)
      this.#give(worker)
    })
    worker.on('error', reject)
    worker.on('exit', () => resolve())
    this.#give(worker)
    return promise
  }

  summarise(): void {
    const seconds = (performance.now() - this.#beganAt) / 1_000
    const hours = this.#virtualMs / 3_600_000
    this.#tell(
      `${this.#done} seeds, ${this.failures.length} failed; ${seconds.toFixed(1)} s, ` +
        `${(this.#done / seconds).toFixed(1)} seeds/s; ${this.#messages} messages, ${this.#exchanges} exchanges, ` +
        `${hours.toFixed(1)} virtual hours`,
    )
  }

  #give(worker: Worker): void {
    const { from, count, most } = this.#options
    const isOver = this.#begun >= count || this.failures.length >= most
    worker.postMessage(isOver ? 'end' : from + this.#begun++)
  }

  #onTold(told: Told): void {
    this.#done++
    if (told.kind === 'broken') {
      this.failures.push(told)
      this.#tell(`seed ${told.seed} breaks "${told.invariant}": ${told.detail.slice(0, 300)}`)
    } else {
      this.#messages += told.messages
      this.#exchanges += told.exchanges
      this.#virtualMs += told.virtualMs
    }
    if (performance.now() - this.#toldAt < PROGRESS_MS) return
    this.#toldAt = performance.now()
    this.#tell(`${this.#done} of ${this.#options.count} seeds, ${this.failures.length} failed`)
  }
}
