import { defineConfig } from 'vitest/config';

/** Run by run.sh, which sees to it that libvirt's test files are there. */
export default defineConfig({
  // Not a measure of speed: only what hangs shall end.
  test: { include: ['test/corpus/**/*.corpus.ts'], testTimeout: 60_000 },
});
