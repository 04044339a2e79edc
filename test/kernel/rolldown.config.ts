import { readdirSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** The tests with what they use, as JavaScript: in the guest, vitest would take a minute to transform their modules. */
export default defineConfig({
  input: readdirSync('test/kernel')
    .filter((name) => name.endsWith('.kernel.ts'))
    .map((name) => `test/kernel/${name}`),
  platform: 'node',
  logLevel: 'warn',
  external: ['vitest'],
  output: {
    dir: 'dist/kernel',
    chunkFileNames: 'chunks/[name]-[hash].js',
    format: 'esm',
    cleanDir: true,
  },
});
