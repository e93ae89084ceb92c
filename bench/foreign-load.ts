/**
 * How much of the machine others used while something was measured. Figures taken beside a busy neighbour are worth
 * little, and nothing in them shows it.
 */
import { availableParallelism } from 'node:os'
import { cpuSeconds, machineBusySeconds, ownCpuSeconds } from './kernel.ts'
import { runningPids } from './program.ts'

/** Share of all cores from which on a measurement counts as disturbed. */
const DISTURBED = 0.1

export class ForeignLoad {
  readonly #tell: (line: string) => void
  readonly #shares: number[] = []
  #disturbed = 0

  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  /** Share of all cores that others used, for each piece of work. */
  get shares(): readonly number[] {
    return this.#shares
  }

  get disturbed(): number {
    return this.#disturbed
  }

  /** Does some work and watches the others meanwhile. */
  async during<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    const before = reading()
    const result = await work()
    const after = reading()
    const span = ((after.atMs - before.atMs) / 1_000) * availableParallelism()
    const share = Math.max(0, (after.foreignSeconds - before.foreignSeconds) / span)
    this.#shares.push(share)
    if (share > DISTURBED) {
      this.#disturbed++
      this.#tell(
        `  ! disturbed: other programs used ${Math.round(share * 100)} % of the machine during ${what}`,
      )
    }
    return result
  }
}

function reading(): { readonly atMs: number; readonly foreignSeconds: number } {
  const own = ownCpuSeconds() + runningPids().reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  return { atMs: performance.now(), foreignSeconds: machineBusySeconds() - own }
}
