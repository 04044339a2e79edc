import { defineConfig } from 'vitest/config';

/** Tests of the real kernel: run inside the guest (guest.sh), never on the machine itself. */
export default defineConfig({
  test: {
    include: ['test/kernel/**/*.kernel.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
