import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/cli/built-command.ts',
    setupFiles: 'test/support/seed.ts',
    // Threads without isolation: no test here changes global state, and it is an order of magnitude faster.
    pool: 'threads',
    isolate: false,
    // One core is kept free by default: half of a small machine.
    maxWorkers: '100%',
    // Not a measure of speed: only what hangs shall end.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
