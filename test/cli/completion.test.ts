import { commands } from '../../src/cli/commands.ts';
import { connect } from '../../src/index.ts';
import { expect, it } from 'vitest';
import { run } from './run.ts';

it.each([
  ['gro', 'group'],
  ['nodedev-i', 'nodedev-info'],
  ['group ', 'list show create add remove claim release'],
  ['sim re', 'reset'],
  ['--q', '--quiet'],
  ['-c te', 'test:///default'],
  ['-c nvidia-t', 'nvidia-t4'],
  ['-c test:///default explain nvidia-2', 'nvidia-20 nvidia-21 nvidia-22 nvidia-210 nvidia-238'],
  ['-c test:///default create --type=nvidia-20', '--type=nvidia-20'],
  ['-c test:///default predict nvidia-20', 'nvidia-20'],
  ['-c test:///default predict nvidia-20*2@pci_0000_86', 'nvidia-20*2@pci_0000_86_00_0'],
  ['metrics --listen ', ''],
  ['__', ''],
  ['group claim g ', ''],
  ['list --p', '--persistent'],
  ['list --cap mdev', 'mdev_types mdev'],
  ['list --cap=css', '--cap=css'],
  [
    'list --',
    '--tree --cap --inactive --all --persistent --transient --long --fleet --host --host-timeout --json --connect --quiet --help --version --version-long --readonly --input-timeout --lock-timeout --allow-driver --wide --no-pager',
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
  ['mdevctl ', 'define undefine modify start stop list types help'],
  ['mdevctl un', 'undefine'],
  ['mdevctl help st', 'start stop'],
  ['mdevctl help start ', ''],
  ['mdevctl nope ', ''],
  ['mdevctl stop ', '--uuid --force --help'],
  ['mdevctl stop --', '--uuid --force --help'],
  ['mdevctl list -dv --uuid=x ', '--dumpjson --parent --help --version'],
  ['mdevctl define --auto ', '--uuid --parent --type --force --help'],
  ['mdevctl start --jsonfile f -', '--uuid --parent --force --help'],
  ['mdevctl modify --addattr ', ''],
  ['mdevctl modify --index=', ''],
  ['-c test:///default mdevctl start -p ', '0000:86:00.0 0000:87:00.0'],
  ['-c test:///default mdevctl list -dp ', '0000:86:00.0 0000:87:00.0'],
  ['-c test:///default mdevctl types --parent=0000:87', '--parent=0000:87:00.0'],
  ['-c test:///default mdevctl start-parent-mdevs ', '0000:86:00.0 0000:87:00.0'],
  ['-c test:///default mdevctl start-parent-mdevs x ', ''],
  [
    '-c test:///default mdevctl start -p 0000:86:00.0 -t nvidia-2',
    'nvidia-20 nvidia-21 nvidia-210 nvidia-22 nvidia-238',
  ],
  ['-c test:///default mdevctl start -p none --type=nvidia-2', ''],
])('%s can go on with %s', async (line, expected) => {
  const words = line.split(' ');
  const { stdout, stderr } = await run(['__complete', '--', ...words], {
    connect: (uri) => connect(uri),
  });
  const found = stdout.split('\n').map((each) => each.split('\t', 1)[0]);
  expect({ stderr, found: found.join(' ').trim() }).toEqual({ stderr: '', found: expected });
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

it.each([
  ['create ', 0],
  ['create --parent ', 1],
  ['dumpxml a --xpath ', 1],
  ['destroy a --wait ', 1],
  ['-c ', 0],
])('%s says with %i whether names of files fit', async (line, expected) => {
  const { code } = await run(['__complete', '--', ...line.split(' ')], {
    connect: () => connect('test:///default'),
  });
  expect(code).toBe(expected);
});

it('completes uuids, aliases, groups and domains of the host', async () => {
  const uuid = '0695d332-7831-493f-9e71-1c85c8911a08';
  const host = await connect('test:///default');
  await host.create(
    `<device><name>my-vgpu</name><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${uuid}</uuid><group>g1</group></capability></device>`,
  );
  await host.claim('g1', { name: 'desktop' });
  const offered = async (line: string): Promise<string> => {
    const { stdout } = await run(['__complete', '--', ...line.split(' ')], {
      connect: () => Promise.resolve({ ...host, close: () => Promise.resolve() }),
    });
    return stdout;
  };
  expect(await offered('info 0695')).toBe(`${uuid}\tnvidia-18 on pci_0000_86_00_0\n`);
  expect(await offered('info my')).toBe('my-vgpu\tnvidia-18 on pci_0000_86_00_0\n');
  expect(await offered('group release ')).toBe('g1\tdesktop\n');
  expect(await offered('group claim g1 ')).toBe('desktop\n');
  expect(await offered('define --uuid ')).toBe(`${uuid}\tnvidia-18\n`);
  await host.close();
});

it('completes the uuids that a subcommand of mdevctl is for', async () => {
  await using host = await connect('test:///default');
  const [active, defined] = ['1', '2'].map((last) => `ffffffff-1111-4222-8333-00000000000${last}`);
  const xml = (uuid = '', parent = ''): string =>
    `<device><parent>${parent}</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${uuid}</uuid></capability></device>`;
  await host.create(xml(active, 'pci_0000_86_00_0'));
  await host.define(xml(defined, 'pci_0000_87_00_0'));
  const uuids = async (line: string): Promise<string> =>
    (
      await run(['__complete', '--', 'mdevctl', ...line.split(' ')], {
        connect: () => Promise.resolve({ ...host, close: () => Promise.resolve() }),
      })
    ).stdout;
  const [ofActive, ofDefined] = [
    `${active}\tnvidia-18 on 0000:86:00.0\n`,
    `${defined}\tnvidia-18 on 0000:87:00.0\n`,
  ];
  const both = [ofActive, ofDefined];
  for (const line of ['stop -u ', 'list --uuid ', 'define -u ', 'modify --live -u ']) {
    expect([line, await uuids(line)]).toEqual([line, both[0]]);
  }
  for (const line of [
    'start -u ',
    'list -du ',
    'undefine -fu ',
    'modify -u ',
    'start -p 0000:87:00.0 -u ',
  ]) {
    expect([line, await uuids(line)]).toEqual([line, both[1]]);
  }
  expect(await uuids('undefine -p 0000:86:00.0 -u ')).toBe('');
});

it.each([
  ['mdevctl define --jsonfile ', 0],
  ['mdevctl define --jsonfile=', 0],
  ['mdevctl modify --value ', 1],
  ['mdevctl ', 1],
])('%s says with %i whether names of files fit', async (line, expected) => {
  expect((await run(['__complete', '--', ...line.split(' ')])).code).toBe(expected);
});

/** What is a name of the host, or of its domains, wherever it is asked for. */
const NAMES = /^(?:device|uuid|type|group|parent|guest|connect|forget|profile)$/u;

it('completes every option and argument for a name', async () => {
  const all = await Promise.all(
    commands.map(async ({ name, load }) => [name, (await load()).command] as const),
  );
  const options = all.flatMap(([name, { arguments: places, options: given }]) =>
    [...places, ...given].map((option) => [name, option] as const),
  );
  const named = options.filter(([, { name, takes }]) => takes !== undefined && NAMES.test(name));
  expect(named.length).toBeGreaterThan(30);
  const without = named.filter(([, { completion }]) => completion === undefined);
  expect(without.map(([name, option]) => `${name} ${option.name}`)).toEqual([]);
});
