/**
 * The simulator from the command line (docs/simulation.md). Without options it runs the seeds that `npm test` would not
 * have time for, on all processors, and says which fail, how, and by what shortest plan that could be found.
 *
 *   npm run sim -- --seeds 10000 [--from 1]   many seeds
 *   npm run sim -- --seed 17                  one, its plan, and its trace if it fails (with --trace always)
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { describePlan } from '../../test/simulation/plan.ts'
import { planOf } from '../../test/simulation/planner.ts'
import { simulate } from '../../test/simulation/simulate.ts'
import { reportOf } from './report.ts'
import { runSeeds } from './seeds.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    failures: { type: 'string', default: '1' },
    'shrink-seconds': { type: 'string', default: '60' },
    workers: { type: 'string', default: String(availableParallelism()) },
    crypto: { type: 'string', default: 'ideal' },
  },
})

const shrinkMs = number('shrink-seconds', 0) * 1_000
const crypto = values.crypto === 'real' ? 'real' : 'ideal'

/** A whole number from `least` on. */
function number(
  name: 'seeds' | 'from' | 'seed' | 'failures' | 'workers' | 'shrink-seconds',
  least: number,
): number {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= least) return value
  process.stderr.write(`--${name} ${values[name]}: it must be a whole number from ${least} on\n`)
  process.exit(2)
}

function one(seed: number): boolean {
  const plan = planOf(seed)
  let trace: readonly string[] = []
  const outcome = simulate(plan, {
    crypto,
    tracing: values.trace ? 'kept' : 'off',
    onWorld: world => {
      trace = world.trace.lines
    },
  })
  if (outcome.kind === 'broken') {
    process.stdout.write(`${reportOf(seed, { shrinkMs, crypto, trace: 'whole' })}\n`)
    return false
  }
  const { messages, exchanges, virtualMs } = outcome
  const seconds = Math.round(virtualMs / 1_000)
  const summary = `it holds: ${messages} messages, ${exchanges} exchanges in ${seconds} virtual seconds`
  process.stdout.write(`${[...describePlan(plan), ...trace, summary].join('\n')}\n`)
  return true
}

async function many(): Promise<boolean> {
  const [from, count] = [number('from', 0), number('seeds', 1)]
  const failures = await runSeeds(
    { from, count, workers: number('workers', 1), most: number('failures', 1), crypto },
    line => process.stdout.write(`${line}\n`),
  )
  for (const { seed } of failures) {
    process.stdout.write(`\n${reportOf(seed, { shrinkMs, crypto, trace: 'end' })}\n`)
  }
  return failures.length === 0
}

const isFine = values.seed === undefined ? await many() : one(number('seed', 0))
process.exitCode = isFine ? 0 : 1
