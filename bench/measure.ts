import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The middle one; of an even number, the higher of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A job with the name its time is asked for by. */
export type Job = readonly [name: string, run: () => unknown];

/**
 * Median milliseconds of each job. They run by turns, so that what disturbs the machine disturbs all alike; a first
 * turn, in which code is still being compiled, does not count.
 */
export async function byTurns(
  rounds: number,
  jobs: readonly Job[],
): Promise<(name: string) => number> {
  const times = new Map<string, number[]>(jobs.map(([name]) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, job] of jobs) {
      const start = performance.now();
      await job();
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  }
  return (name) => median(times.get(name) ?? []);
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  const { status, stderr } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stderr}`);
}

/** Whether a program is there and answers. */
export const isInstalled = (program: string, probe = '--version'): boolean =>
  spawnSync(program, [probe]).status === 0;

/** Gives `use` a new directory, and removes it afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * How time grows with size: the slope of the line through the logarithms of both. 1 is linear, 0 constant, 2 quadratic.
 */
export function exponent(points: readonly (readonly [size: number, time: number])[]): number {
  const logs = points.map(([size, time]) => [Math.log(size), Math.log(time)] as const);
  const mean = (pick: 0 | 1): number => logs.reduce((sum, log) => sum + log[pick], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, log) => sum + (log[0] - x) * (log[1] - y), 0);
  return covariance / logs.reduce((sum, log) => sum + (log[0] - x) ** 2, 0);
}
