/**
 * Breaks the core on purpose, one place at a time, and shows what notices (docs/simulation.md): the simulator, and the
 * unit and property tests. Each mutation is made in a copy of the sources, never in the checkout. Ends with exit code 1
 * when one survives that isn't known to, or no longer fits the source.
 *
 *   npm run mutate [-- --only NAME] [--seeds 60] [--markdown]
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Verdict } from './judge.ts'
import { Judge } from './judge.ts'
import { MUTATIONS } from './mutations.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    seeds: { type: 'string', default: '80' },
    workers: { type: 'string', default: String(availableParallelism()) },
    markdown: { type: 'boolean', default: false },
  },
})

function line({ mutation, simulator, tests }: Verdict): string {
  const cells = [mutation.name, mutation.file, simulator ?? 'survives', tests ?? 'survive']
  if (values.markdown) return `| ${cells.join(' | ')} |`
  return `${mutation.name}\n  simulator: ${simulator ?? 'survives'}\n  tests: ${tests ?? 'survive'}`
}

const first = Number(values.from) - 1
const chosen = MUTATIONS.slice(first, first + Number(values.count)).filter(
  ({ name }) => values.only === undefined || name.includes(values.only),
)
if (values.markdown)
  process.stdout.write('| what is broken | where | simulator | tests |\n| --- | --- | --- | --- |\n')
let unexplained = 0
for (const mutation of chosen) {
  await using judge = await Judge.of(mutation)
  const verdict = await judge.verdict({ seeds: Number(values.seeds), workers: Number(values.workers) })
  process.stdout.write(`${line(verdict)}\n`)
  if (verdict.simulator === undefined && verdict.tests === undefined && mutation.survives === undefined)
    unexplained++
}
if (!values.markdown) process.stdout.write(`${chosen.length} mutations, ${unexplained} survive unexplained\n`)
process.exitCode = unexplained === 0 ? 0 : 1
