import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from './built-command.ts';

const FILE = resolve('samples/vgpu.xml');
const DEVICE = 'sys/bus/mdev/devices/0695d332-7831-493f-9e71-1c85c8911a08';
const FULL = "error: Failed to write file '<stdout>': No space left on device\n";

/** Runs the built command in a shell that has done `streams` to its descriptors. */
function run(streams: string, env: NodeJS.ProcessEnv, ...words: readonly string[]) {
  const shell = `exec "$0" "$@" ${streams}`;
  const command = ['-c', shell, process.execPath, builtCommand, ...words];
  const { status, stderr } = spawnSync('/bin/sh', command, { encoding: 'utf8', env });
  return { status, stderr };
}

const everyStream = [
  ['full standard output', '>/dev/full', { status: 1, stderr: FULL }],
  ['full standard error', '2>/dev/full', { status: 0, stderr: '' }],
  ['no standard input', '<&-', { status: 0, stderr: '' }],
  ['no standard output', '>&-', { status: 0, stderr: '' }],
  ['no standard error', '2>&-', { status: 0, stderr: '' }],
  ['no descriptor at all', '<&- >&- 2>&-', { status: 0, stderr: '' }],
] as const;

it.each(everyStream)(
  'with %s a change is made, and is an error only if its answer is lost',
  (_, streams, ending) => {
    const root = join(temporaryFolder({ onFinished: onTestFinished }), 'host');
    execFileSync(process.execPath, [
      builtCommand,
      '-q',
      'sim',
      'init',
      root,
      '--profile',
      'nvidia-m60',
    ]);
    const uri = ['-c', `sim://${root}`];
    expect(run(streams, process.env, ...uri, 'create', FILE)).toEqual(ending);
    expect(existsSync(join(root, DEVICE))).toBe(true);
    expect(run(streams, process.env, ...uri, 'list')).toEqual(ending);
    expect(run('', {}, ...uri, 'destroy', DEVICE.slice(-36)), 'an empty environment').toEqual({
      status: 0,
      stderr: '',
    });
    expect(existsSync(join(root, DEVICE))).toBe(false);
  },
);
