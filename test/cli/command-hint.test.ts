import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandHint } from '../../src/cli/command-hint.ts';
import { run } from './run.ts';

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
  ["`group('$&')`", '`virt-nodedev group show $&`'],
])('%s', (hint, expected) => {
  expect(commandHint(hint)).toBe(expected);
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
