import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A process for each file: TAP devices hang on libuv's default loop, which is another thread's loop in a worker.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
