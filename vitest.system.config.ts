import { defineConfig } from 'vitest/config'

/** A first image build fetches the dependencies; on a slow line that takes minutes. */
const BUILD_DEADLINE_MS = 600_000

/**
 * Laboratories at once, of tests that run together: each is a dozen processes, which mostly wait. Two cores are the
 * least that is promised.
 */
const LABORATORIES = 3

/** Tests that need root, and Docker or the tools of the network laboratory. Not being able to run them is a failure, not a skip. */
export default defineConfig({
  test: {
    include: ['test/{system,nat}/**/*.test.ts'],
    globalSetup: 'test/built-program.ts',
    fileParallelism: false,
    maxConcurrency: LABORATORIES,
    testTimeout: 180_000,
    hookTimeout: BUILD_DEADLINE_MS,
  },
})
