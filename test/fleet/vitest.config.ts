import { defineConfig } from 'vitest/config';

/** Run by run.sh. */
export default defineConfig({
  test: {
    include: ['test/fleet/**/*.fleet.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
