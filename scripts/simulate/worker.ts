/** Runs one seed after another, as it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import { planOf } from '../../test/simulation/planner.ts'
import { simulate } from '../../test/simulation/simulate.ts'
import type { Told } from './seeds.ts'

const { crypto } = workerData as { readonly crypto: 'ideal' | 'real' }

parentPort?.on('message', (order: number | 'end') => {
  if (order === 'end') parentPort?.close()
  else parentPort?.postMessage(run(order))
})

function run(seed: number): Told {
  const outcome = simulate(planOf(seed), { crypto })
  if (outcome.kind === 'broken') {
    const { invariant, detail } = outcome
    return { kind: 'broken', seed, invariant, detail }
  }
  return { ...outcome, seed }
}
