import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from './built-command.ts';
import { run, type RunOptions } from './run.ts';

const narrow: RunOptions = { connect, terminal: { columns: 60, rows: 500 } };
const types = ['-c', 'nvidia-m60', 'types'];

it.each([
  types,
  ['-c', 'nvidia-m60', 'list', '--long'],
  ['rules'],
  ['-c', 'nvidia-m60', 'group', 'list'],
])(
  'tables fit the terminal, and are whole with --wide and in a pipe: %s %s %s',
  async (...line) => {
    const words = line.filter((word) => typeof word === 'string');
    const piped = await run(words, { connect });
    const shown = await run(words, narrow);
    expect(shown.stdout.split('\n').filter((row) => row.length > 60)).toEqual([]);
    expect(await run([...words, '--wide'], narrow)).toEqual(piped);
    expect(shown.stdout.split('\n')).toHaveLength(piped.stdout.split('\n').length);
  },
);

const small = { columns: 60, rows: 10 };

it('long output of what only shows something goes through the pager, once and whole', async () => {
  const pages: string[] = [];
  const page = (text: string): Promise<void> => {
    pages.push(text);
    return Promise.resolve();
  };
  const asked = async (...words: readonly string[]): Promise<readonly string[]> => {
    pages.length = 0;
    const { stdout } = await run(words, { connect, terminal: small, page });
    // All of it is in the pager, or all is printed.
    expect(stdout === '').toBe(pages.length > 0);
    return [...pages];
  };
  const { stdout: whole } = await run(types, { connect, terminal: small });
  expect(await asked(...types)).toEqual([whole]);
  expect(await asked('--help')).toHaveLength(1);
  expect(await asked('create', '--help')).toHaveLength(1);
  expect(await asked('group')).toHaveLength(1);
  expect(await asked(...types, '--no-pager')).toEqual([]);
  expect(await asked('--no-pager', '--help')).toEqual([]);
  expect(await asked('--version')).toEqual([]);
  expect(await asked('-c', 'nvidia-m60', 'group', 'list')).toEqual([]);
  expect(await asked('event', '--list')).toEqual([]);
  pages.length = 0;
  expect((await run(types, { connect, page })).stdout).not.toBe('');
  expect(pages).toEqual([]);
});

it('that a command lasts is told until it prints something', async () => {
  const told: string[] = [];
  const showWaiting = (command: string): (() => void) => {
    told.push(command);
    return () => told.push('end');
  };
  await run(types, { connect, showWaiting, onOutput: () => told.push('output') });
  expect(told.slice(0, 3)).toEqual(['virt-nodedev types', 'end', 'output']);
  told.length = 0;
  await run(['event', '--list'], { connect, showWaiting });
  expect(told).toEqual([]);
});

/** What a person sees on a terminal of this size, with its lines ended as in files. */
function onTerminal(script: string, env: Readonly<Record<string, string>> = {}) {
  const line = `stty cols 60 rows 10; ${script}`;
  const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
    encoding: 'utf8',
    input: '',
    timeout: 60_000,
    env: {
      PATH: process.env['PATH'],
      HOME: temporaryFolder(),
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      ...env,
    },
  });
  return { status, shown: stdout.replaceAll('\r', '') };
}

const COMMAND = `'${process.execPath}' '${builtCommand}'`;
const isMissing = spawnSync('script', ['--version']).error !== undefined;

it.skipIf(isMissing)('a pager may end early, and one that is not there is none', () => {
  const rules = `${COMMAND} rules`;
  const { status, shown } = onTerminal(rules, { PAGER: 'head -2' });
  expect({ status, lines: shown.split('\n').length }).toEqual({ status: 0, lines: 3 });
  const without = onTerminal(rules, { PAGER: '' });
  expect(without.shown.split('\n').length).toBeGreaterThan(100);
  const missing = onTerminal(rules, { PAGER: '/nowhere/pager' });
  expect(missing).toEqual({ status: 0, shown: expect.stringContaining(without.shown) });
  const named = onTerminal(rules, { PAGER: "sed 's/^/page:/'" });
  expect(named.shown).toBe(
    without.shown.replaceAll(/^(?=.)/gmu, 'page:').replace(/\n\n$/u, '\npage:\n'),
  );
  expect(onTerminal(`${rules} | cat`, { PAGER: 'false' }).shown).toContain('ramfb-without-display');
});

it.skipIf(isMissing)(
  'a command that lasts says so on the terminal, and nothing of it stays',
  () => {
    const host = `${temporaryFolder()}/host`;
    const { status, shown } = onTerminal(
      [
        `${COMMAND} -q sim init ${host} --profile kernel-samples`,
        `${COMMAND} -q -c ${host} sim delay create 3000`,
        `${COMMAND} -c ${host} create --parent mtty_mtty --type mtty-1`,
      ].join(' && '),
    );
    expect(status).toBe(0);
    expect(shown).toMatch(/virt-nodedev create: 1 s/u);
    expect(shown).toContain('\u{1b}[KNode device mdev_');
  },
);
