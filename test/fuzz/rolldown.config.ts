import { defineConfig } from 'rolldown';

/** The fuzzer is TypeScript, which Node 20 does not run. */
export default defineConfig({
  input: { run: 'test/fuzz/run.fuzz.ts', worker: 'test/fuzz/worker.ts' },
  platform: 'node',
  logLevel: 'warn',
  output: { dir: 'dist/fuzz', format: 'esm', cleanDir: true },
});
