import { defineConfig } from 'vitest/config';

/** With real editors' programs. */
export default defineConfig({
  test: {
    include: ['test/editors/*.editor.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
