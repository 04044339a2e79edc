import { defineConfig } from 'vitest/config';

/** Run by run.sh. */
export default defineConfig({
  test: {
    include: ['test/vm/**/*.vm.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
