import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { CommandResult } from '../engine/simulation-options.ts';
import { NodedevError } from '../errors.ts';

/** What ends a program from outside is the child's, as if it ran by itself. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** A terminal sends these to all that run in it. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);

/** Runs what begins a child, and passes on to it all signals for this process. */
export async function withSignalsFor(
  run: (onStart: (pid: number) => void) => Promise<CommandResult>,
): Promise<CommandResult> {
  let child: number | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    if (child === undefined || (FROM_TERMINAL.has(signal) && process.stdin.isTTY)) return;
    try {
      process.kill(child, signal);
    } catch {
      // It has just ended.
    }
  };
  for (const signal of PASSED_ON) process.on(signal, pass);
  try {
    return await run((pid) => {
      child = pid;
    });
  } finally {
    for (const signal of PASSED_ON) process.off(signal, pass);
  }
}

/** Ends as the child did: by the same signal, or with the exit code that is returned. */
export function endAs({ exitCode, signal }: CommandResult): number {
  if (exitCode !== undefined) return exitCode;
  const name = Object.keys(constants.signals).find((known) => known === signal) ?? 'SIGKILL';
  process.kill(process.pid, name);
  return 128;
}

/** Whether this user needs a user namespace to mount anything. */
export const needsNamespace = (): boolean => process.getuid?.() !== 0;

/** This program once more, as root of a user namespace with its own mounts. */
export function againAsRoot(itself: readonly string[]): Promise<CommandResult> {
  return withSignalsFor(
    (onStart) =>
      new Promise((resolve, reject) => {
        const child = spawn('unshare', ['--map-root-user', '--mount', '--', ...itself], {
          stdio: 'inherit',
        });
        child.on('error', (error) => reject(noNamespace(error)));
        child.on('exit', (code, signal) => {
          resolve({ exitCode: code ?? undefined, signal: signal ?? undefined });
        });
        onStart(child.pid ?? 0);
      }),
  );
}

const noNamespace = (cause: Error): NodedevError =>
  new NodedevError('mount-failed', `cannot make a user namespace: ${cause.message}`, {
    hint: 'run it as root, or install unshare (util-linux)',
    cause,
  });
