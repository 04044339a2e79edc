import { defineConfig } from 'vitest/config';

/** On the packed package, as npm would publish it. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.package.ts'],
    globalSetup: 'test/package/packed.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
