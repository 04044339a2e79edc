import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** A program of `programs/` as one file a bare Node runs. */
export async function buildProgram(name: string): Promise<string> {
  const folder = join(process.cwd(), 'node_modules/.cache/virt-nodedev-faults', name);
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'programs', `${name}.ts`),
    platform: 'node',
    logLevel: 'silent',
  });
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'program.mjs' });
  await bundle.close();
  return join(folder, 'program.mjs');
}

/** How a process ended, and what it printed. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, ...output };
}

/** Why a program cannot run here; undefined: it can. */
export async function obstacle(
  program: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  const { code, stderr } = await runCommand(program, args).catch((error: unknown) => ({
    code: 1,
    stderr: String(error),
  }));
  return code === 0 ? undefined : `${program}: ${stderr.trim()}`;
}
