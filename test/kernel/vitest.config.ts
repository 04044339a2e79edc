import { defineConfig } from 'vitest/config';

/** Tests of the real kernel: run inside the guest (guest.sh), never on the machine itself, from what run.sh has built. */
export default defineConfig({
  test: {
    include: ['dist/kernel/*.kernel.js'],
    // What Node runs as it is needs no transformation.
    server: { deps: { external: [/\/dist\/kernel\/chunks\//] } },
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
