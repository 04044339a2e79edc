import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { connect, NodedevError } from '../../src/index.ts';
import { run } from './run.ts';

/** Sentences virsh has are as virsh 9.0.0 prints them. */
const cases: readonly (readonly [line: string, message: string, hint?: string])[] = [
  ['', 'no command given', 'see virt-nodedev --help'],
  ['--quiet', 'no command given', 'see virt-nodedev --help'],
  ['--foo', "unsupported option '--foo'. See --help."],
  ['--foo list', "unsupported option '--foo'. See --help."],
  ['--tree list', "unsupported option '--tree'. See --help."],
  ['-c', 'expected syntax: --connect <string>'],
  ['-c a -c b list', 'option --connect already seen'],
  ['-c a list -c b', 'option --connect already seen'],
  ['x', "unknown command: 'x'", 'see virt-nodedev --help'],
  ['lst', "unknown command: 'lst'", 'did you mean list?'],
  ['nodedev-lst', "unknown command: 'nodedev-lst'", 'did you mean nodedev-list?'],
  ['nodedev-types', "unknown command: 'nodedev-types'"],
  ['__proto__', "unknown command: '__proto__'", 'see virt-nodedev --help'],
  ['group shw', "unknown command: 'group shw'", 'did you mean group show?'],
  [
    'group --tree',
    "unknown command: 'group'",
    'use group list, group show, group create, group add, group remove, group claim, group release',
  ],
  // What is destroyed is suggested only for one wrong letter.
  ['destory', "unknown command: 'destory'", 'did you mean destroy?'],
  ['undefin', "unknown command: 'undefin'", 'did you mean undefine?'],
  ['undefined', "unknown command: 'undefined'", 'did you mean undefine?'],
  ['define-', "unknown command: 'define-'", 'did you mean define?'],
  ['deploy', "unknown command: 'deploy'", 'see virt-nodedev --help'],
  ['nodedev-deploy', "unknown command: 'nodedev-deploy'", 'see virt-nodedev --help'],
  ['sim rest', "unknown command: 'sim rest'", 'did you mean sim reset?'],
  [
    'group lease',
    "unknown command: 'group lease'",
    'use group list, group show, group create, group add, group remove, group claim, group release',
  ],
  ['group relaese', "unknown command: 'group relaese'", 'did you mean group release?'],
  ['group new', "unknown command: 'group new'", 'use group create'],
  [
    'group delete',
    "unknown command: 'group delete'",
    'a group goes with its last member: `virt-nodedev destroy --group GROUP` and `virt-nodedev undefine --group GROUP`, or group remove takes devices out',
  ],
  ['sim delete', "unknown command: 'sim delete'", 'a simulated host is its directory: remove that'],
  [
    'fleet lease',
    "unknown command: 'fleet lease'",
    'use fleet reserve, fleet apply, fleet release, fleet status',
  ],
  ['stop', "unknown command: 'stop'", 'use destroy: it is the name in virsh'],
  [
    'modify',
    "unknown command: 'modify'",
    'use update DEVICE FILE, and autostart DEVICE for its start',
  ],
  ['list -v', "command 'nodedev-list' doesn't support option -v", 'use --long'],
  ['list -d', "command 'nodedev-list' doesn't support option -d", 'use --all --persistent'],
  ['types -p x', "command 'types' doesn't support option -p", 'use types PARENT'],
  [
    '-c nvidia-m6 list',
    "no host 'nvidia-m6': it is no URI, no directory and no profile",
    'did you mean nvidia-m60?',
  ],
  [
    '-c ./none list',
    "no host './none': it is no URI, no directory and no profile",
    'use sysfs:/// (this host), DIR (a simulated host, or another root), libvirt:URI or a profile: virt-nodedev sim profiles',
  ],
  ['info', "command 'nodedev-info' requires <device> option"],
  ['nodedev-info', "command 'nodedev-info' requires <device> option"],
  ['-q -c test:///default nodedev-info', "command 'nodedev-info' requires <device> option"],
  ['create', "command 'nodedev-create' requires <file> option"],
  ['create --', "command 'nodedev-create' requires <file> option"],
  [
    'destroy',
    "command 'nodedev-destroy' requires <device> option",
    'see virt-nodedev nodedev-destroy --help',
  ],
  ['define', "command 'nodedev-define' requires <file> option"],
  ['undefine', "command 'nodedev-undefine' requires <device> option"],
  ['nodedev-start', "command 'nodedev-start' requires <device> option"],
  ['start a --group g', 'Options --device and --group are mutually exclusive'],
  ['autostart', "command 'nodedev-autostart' requires <device> option"],
  ['update a', "command 'nodedev-update' requires <file> option"],
  ['update a f --current --live', 'Options --current and --live are mutually exclusive'],
  ['update a f --config --current', 'Options --current and --config are mutually exclusive'],
  [
    'nodedev-start-parent a',
    "unknown command: 'nodedev-start-parent'",
    'did you mean start-parent?',
  ],
  ['start-parent', "command 'start-parent' requires <parent> option"],
  ['group claim group1', "command 'group claim' requires <domain> option"],
  ['sim init /tmp/x', "command 'sim init' requires --profile option"],
  ['info a b', "unexpected data 'b'"],
  ['info --device a b', "unexpected data 'b'"],
  ['info -- a -b', "unexpected data '-b'"],
  ['list x', "unexpected data 'x'"],
  ['list -', "unexpected data '-'"],
  [
    'list --foo',
    "command 'nodedev-list' doesn't support option --foo",
    'see virt-nodedev nodedev-list --help',
  ],
  [
    'list --foo=bar',
    "command 'nodedev-list' doesn't support option --foo",
    'see virt-nodedev nodedev-list --help',
  ],
  ['list --tre', "command 'nodedev-list' doesn't support option --tre", 'did you mean --tree?'],
  [
    'list -x',
    "command 'nodedev-list' doesn't support option -x",
    'see virt-nodedev nodedev-list --help',
  ],
  [
    'list -5',
    "command 'nodedev-list' doesn't support option -5",
    'see virt-nodedev nodedev-list --help',
  ],
  ['list --no-tree', "command 'nodedev-list' doesn't support option --no-tree"],
  ['list --all:x', "command 'nodedev-list' doesn't support option --all:x"],
  ['list --a.b', "command 'nodedev-list' doesn't support option --a.b"],
  [
    'list --__proto__=1',
    "command 'nodedev-list' doesn't support option --__proto__",
    'see virt-nodedev nodedev-list --help',
  ],
  [
    'list --constructor',
    "command 'nodedev-list' doesn't support option --constructor",
    'see virt-nodedev nodedev-list --help',
  ],
  ['list --cap', 'expected syntax: --cap <string>'],
  ['list --cap --tree', 'expected syntax: --cap <string>'],
  ['-c --quiet list', 'expected syntax: --connect <string>'],
  ['create --type a --uuid --group b', 'expected syntax: --uuid <string>'],
  [
    'create --type a --params=--json --nope',
    "command 'nodedev-create' doesn't support option --nope",
  ],
  ['list --tree=1', "invalid '=' after option --tree"],
  ['list --tree=false', "invalid '=' after option --tree"],
  ['list --tree true', "unexpected data 'true'"],
  ['list --cap pci --cap mdev', 'option --cap already seen'],
  ['list --cap=MDEV', 'Invalid capability type', 'did you mean mdev?'],
  ['list --cap mdev,', 'Invalid capability type'],
  ['list --all --inactive', 'Option --all is incompatible with --inactive'],
  [
    'list --transient --persistent',
    'Option --transient is incompatible with --persistent and --inactive',
  ],
  [
    'list --transient --inactive',
    'Option --transient is incompatible with --persistent and --inactive',
  ],
  [
    'list --tree --cap pci',
    'Option --tree is incompatible with --cap, --inactive, --persistent and --transient',
  ],
  [
    'list --tree --inactive',
    'Option --tree is incompatible with --cap, --inactive, --persistent and --transient',
  ],
  [
    'dumpxml a --dialect xml',
    "invalid value 'xml' for option --dialect",
    'use extended, libvirt, thread',
  ],
  ['destroy a --group g', 'Options --device and --group are mutually exclusive'],
  ['hostdev', "command 'hostdev' requires <device> option", 'see virt-nodedev hostdev --help'],
  ['hostdev a --group g', 'Options --device and --group are mutually exclusive'],
  ['hostdev a --qemu --into d.xml', 'Options --qemu and --into are mutually exclusive'],
  ['hostdev a b --alias ua-x', 'Option --alias is for one device only'],
  ['hostdev a b --boot 1', 'Option --boot is for one device only'],
  ['hostdev a b --address 00:05.0', 'Option --address is for one device only'],
  ['hostdev a b --ramfb on', 'Option --ramfb is for one device only'],
  ['hostdev a --boot 0', "Numeric value '0' for <boot> option is malformed or out of range"],
  ['hostdev a --boot 0x10', "Numeric value '0x10' for <boot> option is malformed or out of range"],
  ['hostdev a --boot 1e3', "Numeric value '1e3' for <boot> option is malformed or out of range"],
  ['hostdev a --boot -1', "Numeric value '-1' for <boot> option is malformed or out of range"],
  ['hostdev a --boot', 'expected syntax: --boot <number>'],
  [
    'hostdev a --address 1.2',
    "invalid value '1.2' for option --address",
    'use 0000:00:05.0 for a PCI device, fe.0.0001 for a channel device',
  ],
  ['hostdev a --display yes', "invalid value 'yes' for option --display", 'use on, off'],
  ['apply', 'give either PATH or --plan FILE', 'see virt-nodedev apply --help'],
  ['apply a --plan p', 'give either PATH or --plan FILE', 'see virt-nodedev apply --help'],
  ['apply --plan p --dry-run', 'Options --plan and --dry-run are mutually exclusive'],
  ['apply --plan p --prune', 'Options --plan and --prune are mutually exclusive'],
  ['apply --plan p --place pack', 'Options --plan and --place are mutually exclusive'],
  ['plan a --autostart', 'Option --autostart requires --define'],
  ['assert a --autostart', 'Option --autostart requires --define'],
  ['completion', "command 'completion' requires <shell> option"],
  ['completion ksh', "invalid value 'ksh' for option --shell", 'use bash, zsh, fish'],
  ['help nope', "unknown command: 'nope'", 'see virt-nodedev --help'],
];

it.each(cases.map(([line, message, hint]) => ({ line, message, hint })))('$line', async (usage) => {
  const { line, message, hint } = usage;
  const { code, stdout, stderr } = await run(line.split(' ').filter((word) => word !== ''));
  const [first, second, ...rest] = stderr.split('\n');
  expect({ code, stdout, first }).toEqual({ code: 2, stdout: '', first: `error: ${message}` });
  expect(hint === undefined || second === `hint: ${hint}` ? hint : second).toBe(hint);
  expect(rest.filter((other) => other !== '')).toEqual([]);
});

it.each([
  ['list --tree --json', 'Option --tree is incompatible with --json'],
  ['dumpxml a --xpath / --json', 'Options --xpath and --json are mutually exclusive'],
  ['hostdev a --into - --json', 'Options --json and --into are mutually exclusive'],
  ['--json hostdev a --into -', 'Options --json and --into are mutually exclusive'],
  ['lst --json', "unknown command: 'lst'"],
  ['--json', 'no command given'],
  ['list --cap --json', 'expected syntax: --cap <string>'],
  ['list --fleet --json', 'expected syntax: --fleet <string>'],
  ['hostdev a --boot --json', 'expected syntax: --boot <number>'],
  [
    'create --parent a --type b --print --json',
    'Options --print and --json are mutually exclusive',
  ],
  ['list --foo --json', "command 'nodedev-list' doesn't support option --foo"],
])('%s is refused in JSON', async (line, message) => {
  const { code, stdout, stderr } = await run(line.split(' '));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage', message, issues: [] } });
});

it('takes a flag that is repeated as said once', async () => {
  const { stdout } = await run(['list', '--help', '--help', '-h']);
  expect(stdout).toContain('nodedev-list [--tree]');
});

it("list --cap '' lists all, as virsh", async () => {
  const all = await run(['-c', 'test:///default', 'list'], { connect });
  expect(all.stdout).toContain('computer');
  expect(await run(['-c', 'test:///default', 'list', '--cap', ''], { connect })).toEqual(all);
});

it.each(['detach', 'dettach', 'reset', 'reattach'])(
  "nodedev-%s is virsh's, which the error says",
  async (word) => {
    const { code, stderr } = await run([`nodedev-${word}`]);
    expect(code).toBe(2);
    expect(stderr).toContain('`virsh nodedev-detach`, `nodedev-reset` and `nodedev-reattach` do');
  },
);

it.each(['group', 'group --help', 'help group', '-q group -h'])(
  '%s shows the commands of the family',
  async (line) => {
    const { code, stdout, stderr } = await run(line.split(' '));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('virt-nodedev group <command>');
    for (const name of ['list', 'show', 'claim']) expect(stdout).toContain(`group ${name} `);
    expect(stdout).not.toContain('sim init');
  },
);

it('-V says with what it works, before a command as well', async () => {
  const long = await run(['-V']);
  expect(long.stdout).toMatch(/^virt-nodedev \d.*\nNode\.js v/u);
  expect(long.stdout).toContain('nvidia-m60');
  expect(await run(['-V', 'list'])).toEqual(long);
  // Every scheme that the hint for a wrong one names.
  const wrong = await run(['-c', 'nonsense:x', 'list'], { connect });
  const schemes = [...wrong.stderr.matchAll(/(\w+):(?:\/\/|URI)/gu)].map(([, scheme]) => scheme);
  const line = /^Connections: (.*)$/mu.exec(long.stdout)?.[1] ?? '';
  expect(new Set(line.split(' '))).toEqual(new Set(schemes));
  expect(await run(['-v', 'list'])).toEqual(await run(['--version']));
});

it('-r refuses what would change the host, and only that', async () => {
  const root = join(temporaryFolder({ onFinished: onTestFinished }), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  const scripts = join(root, 'etc/mdevctl.d/scripts.d/callouts');
  mkdirSync(scripts, { recursive: true });
  writeFileSync(join(scripts, 'tell'), `#!/bin/sh\ntouch ${root}/called\n`, { mode: 0o755 });
  const files = () => execFileSync('find', [root], { encoding: 'utf8' });
  const before = files();
  for (const line of [
    'create samples/vgpu.xml',
    'define samples/vgpu.xml',
    'apply samples/vgpu.xml',
    'group claim x y',
    'sim reset',
    `sim run ${root} -- true`,
    `sim mount ${root} ${root}/..`,
    `sim init ${root}/new --profile nvidia-m60`,
  ]) {
    const { code, stderr } = await run(['-r', '-c', root, ...line.split(' ')], { connect });
    expect([line, code]).toEqual([line, 1]);
    expect(stderr).toContain('read only access prevents this change\nhint: connect without -r');
  }
  expect(files()).toEqual(before);
  expect(await run(['-r', '-c', root, 'types', '-q'], { connect })).toMatchObject({ code: 0 });
});

it.each<readonly [word: string, uri: string]>([
  ['DIR/host', 'sim://DIR/host'],
  ['host', 'sim://DIR/host'],
  ['./host', 'sim://DIR/host'],
  ['sim:host', 'sim://DIR/host'],
  ['sim:DIR/host', 'sim://DIR/host'],
  ['other', 'sysfs://DIR/other'],
  ['sysfs:other', 'sysfs://DIR/other'],
  ['nvidia-t4', 'test:///nvidia-t4'],
  ['sim:///x', 'sim:///x'],
  ['nonsense:x', 'nonsense:x'],
])('-c %s is %s', async (word, uri) => {
  const folder = temporaryFolder({ onFinished: onTestFinished });
  makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
  mkdirSync(join(folder, 'other'));
  const opened: (string | undefined)[] = [];
  await run(['-c', word.replace('DIR', folder), 'list'], {
    cwd: folder,
    connect: (given) => {
      opened.push(given);
      return connect('test:///default');
    },
  });
  expect(opened).toEqual([uri.replace('DIR', folder)]);
});

it.each<readonly [uri: string, hint: string]>([
  ['qemu:///system', "that is libvirt's"],
  ['sim://host', 'sim:///host'],
  ['http://host/', 'use sysfs:///'],
  ['ssh://host:x/', 'PORT is a number'],
  ['ssh://-oProxyCommand=x/', 'HOST is a name'],
  ['ssh://a b@host/', 'USER does not begin'],
  ['ssh://h/ssh://i/', 'a ProxyJump of ssh'],
])('of -c %s it says what was meant', async (uri, hint) => {
  const { code, stderr } = await run(['-c', uri, 'list'], { connect });
  expect(code).toBe(1);
  expect(stderr).toContain(hint);
});

it('--json stands before a command as well as after it', async () => {
  const after = await run(['-c', 'test:///default', 'types', '--json'], { connect });
  expect(JSON.parse(after.stdout)).toHaveProperty('types');
  expect(await run(['-c', 'test:///default', '--json', 'types'], { connect })).toEqual(after);
  expect((await run(['--json', 'lsp'])).stderr).toContain(
    "command 'lsp' doesn't support option --json",
  );
});

it.each(['list', 'types', 'list --cap mdev'])(
  'on a host without mediated devices, %s is an empty list that says why',
  async (line) => {
    const root = join(temporaryFolder({ onFinished: onTestFinished }), 'host');
    mkdirSync(join(root, 'sys/bus/pci/devices'), { recursive: true });
    const { code, stdout, stderr } = await run(['-c', root, '-q', ...line.split(' ')], { connect });
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((row) => /mdev_|nvidia/u.test(row))).toEqual([]);
    expect(stderr).toMatch(/^notice: no mediated device support: [^\n]*\nhint: /u);
  },
);

it.each([
  ['--help', 60],
  ['create --help', 72],
  ['help sim', 50],
])('%s fits a terminal of %i columns, and is not wrapped twice', async (line, columns) => {
  const shown = async (terminal?: { readonly columns: number }): Promise<string> =>
    (await run(line.split(' '), terminal === undefined ? {} : { terminal })).stdout;
  const narrow = await shown({ columns });
  const letters = (text: string): string => text.replaceAll(/\s/gu, '');
  expect(letters(narrow)).toBe(letters(await shown()));
  const long = narrow.split('\n').filter((each) => each.length > columns);
  // A command line of an example is not broken.
  expect(
    long.filter((each) => !each.startsWith('  virt-nodedev') && !/^ {6}\S/u.test(each)),
  ).toEqual([]);
});

it.each(['list', 'create x.xml', 'sim run . true', 'sim mount . .', 'list --fleet fleet.xml'])(
  '%s connects with the options of the command line',
  async (line) => {
    const folder = temporaryFolder();
    for (const name of ['x.xml', 'fleet.xml'])
      writeFileSync(join(folder, name), "<fleet><host name='a' uri='sim:///x'/></fleet>");
    const given: unknown[] = [];
    await run(['--readonly', '--allow-driver', '--lock-timeout', '7', ...line.split(' ')], {
      cwd: folder,
      connect: async (_, options) => {
        given.push(options);
        throw new NodedevError('host-not-found', 'x');
      },
    });
    expect(given).toMatchObject([{ readOnly: true, profileDrivers: 'all', lockTimeout: 7 }]);
  },
);
