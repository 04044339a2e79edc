import { defineConfig } from 'rolldown';

/** The benchmarks are TypeScript, which Node 20 does not run: all of them in one program. */
export default defineConfig({
  input: 'bench/run.ts',
  platform: 'node',
  external: ['libxml2-wasm', 'koffi'],
  output: { dir: 'dist/bench', format: 'esm', cleanDir: true },
});
