import { defineConfig } from 'vitest/config';

/** Tests of the real kernel: run inside the guest (guest.sh), never on the machine itself. */
export default defineConfig({
  test: { include: ['test/kernel/**/*.kernel.ts'], testTimeout: 300_000, fileParallelism: false },
});
