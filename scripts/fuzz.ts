/**
 * Runs everything that draws at random (property tests, simulated worlds) with new seeds, until the time is over or
 * something fails. Each seed is printed before it is used.
 *
 *   npm run fuzz -- [--minutes 10] [--seed 17]
 *
 * With `--seed` only that one is run.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

const SEEDS = 2 ** 31
const SHORTEST_MINUTES = 1

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})

const minutes = Number(values.minutes)
const given = values.seed === undefined ? undefined : Number(values.seed)
if (!(minutes >= SHORTEST_MINUTES))
  fail(`--minutes ${values.minutes}: it must be ${SHORTEST_MINUTES} or more`)
if (given !== undefined && !(Number.isSafeInteger(given) && given >= 0 && given < SEEDS))
  fail(`--seed ${values.seed}: it must be a whole number from 0 to ${SEEDS - 1}`)

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`)
  process.exit(2)
}

/** Runs the tests that import the seed. True if they pass. */
async function pass(seed: number): Promise<boolean> {
  process.stdout.write(`seed ${seed}\n`)
  const child = spawn(
    'vitest',
    ['related', 'test/support/seed.ts', '--run', '--project', 'pure', '--project', 'inside', '--silent'],
    { env: { ...process.env, SEED: String(seed) }, stdio: 'inherit', shell: process.platform === 'win32' },
  )
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', resolve)
  })
  return code === 0
}

const until = performance.now() + minutes * 60_000
let runs = 0
let isFine = true
do {
  const seed = given ?? randomInt(SEEDS)
  isFine = await pass(seed)
  runs++
  if (!isFine) process.stdout.write(`Seed ${seed} fails; to see it again: npm run fuzz -- --seed ${seed}\n`)
} while (isFine && given === undefined && performance.now() < until)
if (isFine) process.stdout.write(`${runs} ${runs === 1 ? 'seed holds' : 'seeds hold'}\n`)
process.exitCode = isFine ? 0 : 1
