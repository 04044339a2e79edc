import { spawnSync } from 'node:child_process';
import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ToolAnswer, ToolCommand } from '../../drivers/card-setup.ts';

/** Of a program's output, more is not read; it prints some pages at most. */
const MOST_OUTPUT = 1024 * 1024;

/**
 * Runs a vendor's program: without a shell, with a small environment of our own, for a limited time, and only so much of its output is
 * read.
 *
 * @param file the program's file on this machine
 */
export function runTool(file: string, { program, args, seconds }: ToolCommand): ToolAnswer {
  if (!isSafe(file)) {
    const output = `${program} is not run: it is no program that only root can change`;
    return { status: undefined, output };
  }
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    cwd: '/',
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
  });
  if (status !== null && error === undefined) return { status, output: `${stdout}${stderr}` };
  const code = error !== undefined && 'code' in error ? String(error.code) : undefined;
  const why =
    code === 'ETIMEDOUT'
      ? `did not end within ${seconds} s`
      : code === 'ENOBUFS'
        ? 'printed too much'
        : code === undefined
          ? `was ended by ${signal ?? 'a signal'}`
          : `cannot be run: ${code}`;
  return { status: undefined, output: `${program} ${why}` };
}

/** Whether there is a program that neither it nor its folder can be changed by another user: it runs with our rights. */
function isSafe(file: string): boolean {
  const status = statusOf(file);
  const isProgram = status?.isFile() === true && (status.mode & 0o111) !== 0;
  return isProgram && isOurs(status) && isOurs(statusOf(dirname(file)));
}

const isOurs = (status: Stats | undefined): boolean =>
  status !== undefined &&
  [0, process.geteuid?.()].includes(status.uid) &&
  (status.mode & 0o022) === 0;

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // not to be reached is not to be run
  }
}
