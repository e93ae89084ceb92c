import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** A hanging test must fail by itself; nothing in here should take this long on the slowest machine. */
const DEADLINE_MS = 60_000

const shared = { testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS }

/** Tests of code without sockets and files: they share one process per worker, which loads the sources once. */
const PURE = 'test/{api,chat,common,config,protocol,room,simulation,text,tui}/**/*.test.ts'

export default defineConfig({
  test: {
    // An end-to-end test has four processes and more; two tests at once are what two cores bear.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    projects: [
      { test: { ...shared, name: 'pure', include: [PURE], isolate: false } },
      {
        test: {
          ...shared,
          name: 'inside',
          include: ['test/**/*.test.ts'],
          exclude: [PURE, 'test/{e2e,system,nat}/**'],
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
