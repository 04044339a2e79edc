import { defineConfig } from 'vitest/config';

/** Comparisons with other programs: slow, and only where those are installed. */
export default defineConfig({
  test: {
    include: ['test/oracle/**/*.oracle.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
