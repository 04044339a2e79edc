import { defineConfig } from 'vitest/config';

/** Oracles: run by run.sh, once for each release. */
export default defineConfig({
  test: { include: ['test/libvirt/**/*.oracle.ts'], testTimeout: 60_000, fileParallelism: false },
});
