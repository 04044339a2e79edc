import { defineConfig } from 'vitest/config';

/** One after the other, in one Debian: see run.sh. */
export default defineConfig({
  test: { include: ['test/deb/**/*.deb.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
});
