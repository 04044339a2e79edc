import { defineConfig } from 'vitest/config';

/** Run by run.sh, as root. What is in `inside` runs in `sim run`, where a simulated host is this machine. */
export default defineConfig({
  test: {
    include: ['test/mount/**/*.mount.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
