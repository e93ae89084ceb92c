import { defineConfig } from 'vitest/config'

/** A first image build fetches the dependencies; on a slow line that takes minutes. */
const BUILD_DEADLINE_MS = 600_000

/** Tests that need root and Docker. Not being able to run them is a failure, not a skip. */
export default defineConfig({
  test: {
    include: ['test/system/**/*.test.ts'],
    globalSetup: 'test/built-program.ts',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: BUILD_DEADLINE_MS,
  },
})
