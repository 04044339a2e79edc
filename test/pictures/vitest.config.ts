import { defineConfig } from 'vitest/config';

/** In a browser: run by run.sh, which finds one. */
export default defineConfig({
  test: {
    include: ['test/pictures/**/*.picture.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
