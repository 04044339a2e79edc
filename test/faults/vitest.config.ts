import { defineConfig } from 'vitest/config';

/** Kills, races and full disks, with processes of their own: minutes, so not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.fault.ts'],
    testTimeout: 36_000_000,
    maxWorkers: 2,
    maxConcurrency: 2,
  },
});
