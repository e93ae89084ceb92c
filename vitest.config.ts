import { defineConfig } from 'vitest/config'

/** A hanging test must fail by itself; nothing in here should take this long on the slowest machine. */
const DEADLINE_MS = 60_000

const shared = { testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS }

export default defineConfig({
  test: {
    // Two cores are the least that is promised; more processes would only make end-to-end tests wait for each other.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'inside',
          include: ['test/{unit,contract,integration,simulation}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/built-program.ts',
        },
      },
    ],
  },
})
