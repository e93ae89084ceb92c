/**
 * Everything that may break, in a room where everyone talks: it heals, all logs are the same in the end, and nothing
 * that anybody was told to be safe is missing. The long faults are measured by `npm run reachability` alone.
 */
import { test } from 'vitest'
import { crowdFor, suffer } from './fault.ts'
import { FAULTS } from './faults.ts'

const DEADLINE_MS = 180_000

for (const fault of FAULTS.filter(({ length }) => length === 'short')) {
  test.concurrent(fault.title, { timeout: DEADLINE_MS }, async () => {
    await using crowd = await crowdFor(fault)
    await suffer(crowd, fault)
  })
}
