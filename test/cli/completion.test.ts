import { connect } from '../../src/index.ts';
import { expect, it } from 'vitest';
import { run } from './run.ts';

it.each([
  ['gro', 'group'],
  ['nodedev-i', 'nodedev-info'],
  ['group ', 'list show create add remove claim release'],
  ['sim re', 'reset'],
  ['--q', '--quiet'],
  ['-c ', ''],
  ['list --p', '--persistent'],
  ['list --cap mdev', 'mdev_types mdev'],
  ['list --cap=css', '--cap=css'],
  [
    'list --',
    '--tree --cap --inactive --all --persistent --transient --long --json --connect --quiet --help --version --version-long --readonly --input-timeout --lock-timeout --allow-driver',
  ],
  ['dumpxml --dialect ', 'extended libvirt thread'],
  ['completion ', 'bash zsh fish'],
  ['sim init d --profile nvidia-m', 'nvidia-m60'],
  ['help lis', 'list'],
  ['-c test:///default info pci_0000_86', 'pci_0000_86_00_0'],
  ['-c test:///default info --device comp', 'computer'],
  ['types -c test:///default pci_0000_87', 'pci_0000_87_00_0'],
  ['-c test:///default group show ', ''],
  ['create ', ''],
  ['info a ', ''],
])('%s can go on with %s', async (line, expected) => {
  const words = line.split(' ');
  const { code, stdout } = await run(['__complete', '--', ...words], {
    connect: (uri) => connect(uri),
  });
  expect({ code, found: stdout.split('\n').join(' ').trim() }).toEqual({
    code: 0,
    found: expected,
  });
});

it('offers nothing after a line that is wrong', async () => {
  expect((await run(['__complete', '--', 'list', '--foo', ''])).stdout).toBe('');
});

it.each(['bash', 'zsh', 'fish'])(
  'prints a script for %s that asks for candidates',
  async (shell) => {
    const { code, stdout } = await run(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('virt-nodedev __complete -- ');
  },
);
