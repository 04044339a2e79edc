import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const ENGINE = JSON.stringify(join(process.cwd(), 'src/index.ts'));

/** A program of these lines, with `connect` and `argv` in scope, as one file a bare Node runs. */
export async function buildProgram(name: string, lines: string): Promise<string> {
  // Below node_modules, where native packages are found.
  const folder = join(process.cwd(), 'node_modules/.cache/virt-nodedev-faults', name);
  mkdirSync(folder, { recursive: true });
  const source = join(folder, 'source.ts');
  writeFileSync(
    source,
    `import { connect } from ${ENGINE};\nconst argv = process.argv.slice(2);\n${lines}`,
  );
  const bundle = await rolldown({
    input: source,
    platform: 'node',
    logLevel: 'silent',
    external: ['lmdb', 'libxml2-wasm'],
  });
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'program.mjs' });
  await bundle.close();
  return join(folder, 'program.mjs');
}

/** How a process ended, and what it printed. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

export async function run(
  program: string,
  args: readonly string[],
  { faultAt }: { readonly faultAt?: number } = {},
): Promise<Ending> {
  const preload =
    faultAt === undefined ? [] : ['--import', join(import.meta.dirname, 'preload.mjs')];
  const child: ChildProcess = spawn(process.execPath, [...preload, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FAULT_AT: String(faultAt ?? 0) },
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, output };
}
