import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { commandHint } from '../../src/cli/command-hint.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunResult } from './run.ts';

/**
 * Text and templates of the library, without comments. What `exports/` writes and virsh is given (`host/libvirt/`) are other programs'
 * options, what `remote/` names is the command of another machine, and `fleet/` is only the command's.
 */
const sentences = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(
    (file) => file.endsWith('.ts') && !/^(?:cli|exports|fleet|remote|host\/libvirt)\//u.test(file),
  )
  .flatMap((file) =>
    readFileSync(join('src', file), 'utf8')
      .split('\n')
      .map((line) => line.replace(/^\s*\/?\*.*|(?:^|\s)\/\/ .*/u, ''))
      .flatMap((line) => line.match(/'(?:[^'\\]|\\.)*'|"[^"]*"|`(?:[^`\\]|\\.)*`/gu) ?? [])
      .map((literal) => ({ file, text: literal.slice(1, -1).replaceAll('\\`', '`') })),
  );

it('no sentence of the library names a command or an option of the command', () => {
  const ours =
    /`virt-nodedev |`list -|(?<!control|nvidia-smi|ansible-inventory(?: --list)?)[ (`]--[a-z]|-c sim:/u;
  expect(sentences.filter(({ text }) => ours.test(text))).toEqual([]);
});

it('the command has its own words for every call that a sentence of the library names', () => {
  const calls = sentences.flatMap(({ file, text }) =>
    (text.match(/(?:the JSON of what )?`\w+\(.*?\)`(?: returns)?|the option `\w+`/gu) ?? []).map(
      (call) => ({ file, call }),
    ),
  );
  expect(calls.length).toBeGreaterThan(20);
  expect(calls.filter(({ call }) => commandHint(call).includes(call))).toEqual([]);
});

it.each([
  ["`start('a')` starts it", '`virt-nodedev start a` starts it'],
  [
    "`undefine('b')` or `types({ parent: 'c' })`",
    '`virt-nodedev undefine b` or `virt-nodedev types c`',
  ],
  ['the option `adopt` makes it ours', '--adopt makes it ours'],
  ["a name '$1' and `x` stay", "a name '$1' and `x` stay"],
  ["`group('$&')`", "`virt-nodedev group show '$&'`"],
  [
    "`start('it's')` and `group('a b')`",
    "`virt-nodedev start 'it'\\''s'` and `virt-nodedev group show 'a b'`",
  ],
  [
    "`initSimulatedHost('a b', 'c')`, `connect('sim:///a b')`",
    "`virt-nodedev sim init 'a b' --profile c`, `-c 'sim:///a b'`",
  ],
  ["the expression '//a[@b]'", "--xpath '//a[@b]'"],
])('%s', (hint, expected) => {
  expect(commandHint(hint)).toBe(expected);
});

it('a hint about a group of any name works when it is pasted, and runs nothing else', async () => {
  const folder = temporaryFolder({ onFinished: onTestFinished });
  makeSimulatedHost(join(folder, 'a host; id'), 'nvidia-m60');
  const inFolder = (words: readonly string[]): Promise<RunResult> =>
    run(['-c', 'a host; id', ...words], { connect, cwd: folder });
  for (const name of [
    'a b',
    "it's",
    '$(id)',
    '`id`',
    'a|b',
    '*',
    '~',
    '#x',
    'a"\\',
    'x; id',
    'é',
  ]) {
    const group = ['--parent', 'pci_0000_86_00_0', '--type', 'nvidia-11', '--group', name];
    expect(await inFolder(['create', ...group])).toMatchObject({ code: 0 });
    const { stdout } = await inFolder(['doctor']);
    const line = /^hint: `virt-nodedev (.*) DOMAIN` gives it to one$/mu.exec(stdout)?.[1] ?? '';
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
    expect(words).toBe(`group\nclaim\n${name}\n`);
    await inFolder(['group', 'claim', name, 'vm']);
  }
});

it.each(['text', 'json', 'github', 'sarif'])(
  'validate in the form %s says it the same way',
  async (format) => {
    const stdin =
      "<domain><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address/></source></hostdev></devices></domain>";
    const { stdout } = await run(['validate', '-', '--format', format], { stdin });
    expect(stdout).toContain('`virt-nodedev list --cap mdev` shows it');
  },
);
