import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Issue } from '../../../src/errors.ts';
import { connect } from '../../../src/remote/connect.ts';
import type { Connection } from '../../../src/plan/connection.ts';
import { type FakeVirsh, fakeVirsh, recorded } from './fake-virsh.ts';

const URI = 'libvirt:qemu:///system';
const [ACTIVE, DEFINED, MTTY] = [1, 2, 3].map(
  (number) => `11111111-2222-4333-8444-00000000000${number}`,
);
const T4 = 'mdev_11111111_2222_4333_8444_000000000001_0000_3b_00_0';
const ALL = 'nodedev-list --all --cap system,pci,css,ap_card,ap_queue,ap_matrix,mdev_types,mdev';

const path = process.env['PATH'];
let virsh: FakeVirsh;
beforeEach(() => {
  virsh = fakeVirsh();
  virsh.says(recorded());
  process.env['PATH'] = virsh.folder;
});
afterEach(() => {
  process.env['PATH'] = path;
});

const domain = (uuid: string): string =>
  `<domain type='kvm'><name>vm</name><memory>1</memory><os><type>hvm</type></os><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid}'/></source></hostdev></devices></domain>`;

it('lists what libvirt lists, and says what it knows of each', async () => {
  await using host = await connect(URI);
  const { items } = await host.list({ capabilities: ['mdev'], state: 'all' });
  expect(items.map(({ uuid, active, persistent }) => [uuid, active, persistent])).toEqual([
    [ACTIVE, true, true],
    [DEFINED, false, true],
    [MTTY, true, false],
  ]);
  const info = await host.info(T4);
  expect(info).toMatchObject({
    parent: 'pci_0000_3b_00_0',
    type: 'nvidia-230',
    autostart: true,
    owner: { name: 'desk top', by: 'running' },
  });
  // Whether we made it is in that host's store, and which files open it in its /dev.
  expect([info.foreign, info.group, info.deviceNodes]).toEqual([undefined, undefined, []]);
  // libvirt prints types in the order of the folder.
  const lines = (text = ''): readonly string[] => text.split('\n').toSorted();
  expect(lines(await host.dumpxml('pci_0000_3b_00_0', { dialect: 'libvirt' }))).toEqual(
    lines(recorded()['nodedev-dumpxml pci_0000_3b_00_0']),
  );
  expect(await host.dumpxml(String(DEFINED), { inactive: true })).toContain(`id='nvidia-230'`);
});

it('asks an older virsh, which knows no --inactive here and then does nothing at all, for what it shows', async () => {
  const said = recorded();
  const inactive = 'nodedev-dumpxml --inactive ';
  for (const [asked, text] of Object.entries(recorded())) {
    if (asked.startsWith(inactive))
      said[`nodedev-dumpxml ${asked.slice(inactive.length)}`] ??= text;
  }
  virsh.says(said);
  const program = join(virsh.folder, 'virsh');
  const refusal = `case "$*" in *'${inactive}'*) echo "error: command 'nodedev-dumpxml' doesn't support option --inactive" >&2; exit 1 ;; esac`;
  const text = readFileSync(program, 'utf8');
  writeFileSync(program, text.replace('\n', `\n${refusal}\n`));
  await using host = await connect(URI);
  const { items, problems } = await host.list({ capabilities: ['mdev'], state: 'all' });
  expect(problems).toEqual([]);
  expect(items.map(({ uuid, active, persistent }) => [uuid, active, persistent])).toEqual([
    [ACTIVE, true, true],
    [DEFINED, false, true],
    [MTTY, true, false],
  ]);
});

it('has types in the order of all hosts, whatever the order of libvirt', async () => {
  const asked = 'nodedev-dumpxml pci_0000_3b_00_0';
  virsh.says({
    ...recorded(),
    [asked]: recorded()[asked]?.replaceAll('nvidia-230', 'nvidia-9') ?? '',
  });
  await using host = await connect(URI);
  const { items } = await host.types({ parent: 'pci_0000_3b_00_0' });
  const numbers = items.map(({ id }) => Number(id.split('-')[1]));
  expect(numbers).toContain(9);
  expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
});

it('has the counts that libvirt shows, and no fact that only the driver knows', async () => {
  await using host = await connect(URI);
  const { items } = await host.types({ parent: 'pci_0000_3b_00_0' });
  const shown = items.find(({ id }) => id === 'nvidia-230');
  expect(shown).toMatchObject({ availableInstances: 15, used: 1, name: 'GRID T4-1Q' });
  expect(shown?.facts.heads).toBeUndefined();
  expect(Object.values(shown?.sources ?? {})).not.toContain('kernel');
  const { cards } = await host.topology();
  expect(cards.map(({ parents }) => parents.map(({ name }) => name))).toEqual([
    ['pci_0000_3b_00_0'],
    ['mtty_mtty'],
  ]);
});

it('says that the types of functions are not known', async () => {
  const told: Issue[] = [];
  await using host = await connect(URI, { report: (issue) => told.push(issue) });
  expect(told).toMatchObject([
    {
      code: 'libvirt-untold',
      severity: 'notice',
      message: expect.stringContaining('of 2 functions of GPUs (0000:42:00.4 and more)'),
    },
  ]);
  const types = (await host.types()).items.map(({ parent }) => parent);
  expect(types.filter((parent) => parent.startsWith('pci_0000_42'))).toEqual([]);
});

it('looks for the devices of a domain', async () => {
  await using host = await connect(URI);
  const codes = async (uuid: string): Promise<readonly string[]> =>
    (await host.validate(domain(uuid))).flatMap(({ issues }) => issues.map(({ code }) => code));
  expect(await codes(String(ACTIVE))).toContain('mdev-in-use');
  expect(await codes(String(MTTY))).toEqual([]);
  expect(await codes('99999999-2222-4333-8444-000000000001')).toEqual(['mdev-not-active']);
});

it('who has a device open is not known, and so it is nobody’s to take', async () => {
  await using host = await connect(URI);
  const groups = await host.groups();
  expect(groups.filter(({ open }) => open === false)).toEqual([]);
});

const CHANGES: Readonly<Record<string, (host: Connection) => Promise<unknown>>> = {
  create: (host) => host.create('<device/>'),
  destroy: (host) => host.destroy(T4),
  define: (host) => host.define('<device/>'),
  undefine: (host) => host.undefine(String(DEFINED)),
  start: (host) => host.start(String(DEFINED)),
  autostart: (host) => host.autostart(String(DEFINED), true),
  claim: (host) => host.claim(String(ACTIVE), { name: 'vm' }),
  gc: (host) => host.gc({ dryRun: true }),
  doctor: (host) => host.doctor(),
  recover: (host) => host.recover(),
  plan: (host) => host.plan('<devices/>'),
  prepareDomain: (host) => host.prepareDomain(domain(String(ACTIVE))),
  resetHost: (host) => host.resetHost(),
  capture: (host) => host.capture(),
};

it('what would change something, or asks what libvirt does not tell, is refused with the reason', async () => {
  await using host = await connect(URI);
  for (const change of Object.values(CHANGES)) {
    await expect(change(host)).rejects.toMatchObject({
      code: 'libvirt-only-reads',
      hint: expect.stringContaining('run it on that host'),
    });
  }
});

it('asks with a connection that can only read, and gives virsh no words of others', async () => {
  const hostile = ['a; nodedev-destroy b', '-c', "x'y", 'pci_1\u001b[2J'];
  const answers = recorded();
  virsh.says({
    ...answers,
    [ALL]: `${answers[ALL] ?? ''}${hostile.join('\n')}\n`,
    'list --all --uuid': `${answers['list --all --uuid'] ?? ''}undefine x\n`,
  });
  await using host = await connect(URI);
  await host.topology();
  const starts = virsh.starts();
  expect(starts.length).toBeGreaterThan(5);
  for (const start of starts) {
    expect(start.slice(0, 4)).toEqual(['-r', '-q', '-c', 'qemu:///system']);
    const commands = start.slice(4).flatMap((script) => script.split('; '));
    expect(commands.filter((one) => !/^(?:nodedev-|list |dumpxml |echo )/u.test(one))).toEqual([]);
    expect(commands.join()).not.toMatch(/nodedev-destroy|undefine|\[2J|'/u);
  }
});

it('one look is enough for the questions of one command', async () => {
  await using host = await connect(URI);
  const before = virsh.starts().length;
  await Promise.all([host.list(), host.types(), host.groups()]);
  expect(virsh.starts().length - before).toBeLessThanOrEqual(before);
});

it('a device whose XML cannot be read is told, and hides no other', async () => {
  virsh.says({ ...recorded(), [`nodedev-dumpxml ${T4}`]: "<device><name>a</name><attr a='<'/>" });
  await using host = await connect(URI);
  const { items, problems } = await host.list({ capabilities: ['mdev'], state: 'all' });
  expect(items.map(({ uuid }) => uuid)).toContain(MTTY);
  expect(problems).toMatchObject([{ message: expect.stringContaining(T4) }]);
});

it('a host without domains is read as well', async () => {
  const { 'list --all --uuid': _, ...others } = recorded();
  virsh.says(others);
  await using host = await connect('libvirt:nodedev:///system');
  expect((await host.info(T4)).owner).toBeUndefined();
});

const VM = '4dea22b3-1d52-d8f3-2516-782e98ab3fa0';

it.each<readonly [refused: string, name: string]>([
  [`nodedev-dumpxml ${T4}`, T4],
  [`nodedev-info ${T4}`, T4],
  [`dumpxml ${VM}`, VM],
])('what is listed and not told is a problem, and no empty host: %s', async (refused, name) => {
  const answers = { ...recorded(), 'list --all --uuid': `${VM}\n`, 'list --uuid': '' };
  const told = { ...answers, [`dumpxml ${VM}`]: domain(ACTIVE ?? '') };
  virsh.says(Object.fromEntries(Object.entries(told).filter(([command]) => command !== refused)));
  await using host = await connect(URI);
  const { problems } = await host.list();
  expect(problems.map(({ message }) => message)).toEqual([`cannot read ${name}: ENODATA`]);
});

it.each([ALL, 'list --all --uuid', 'list --uuid'])(
  'a list that is refused is no empty one: %s',
  async (refused) => {
    const answers = { 'list --uuid': '', ...recorded() };
    virsh.says(Object.fromEntries(Object.entries(answers).filter(([each]) => each !== refused)));
    await expect(connect(URI)).rejects.toMatchObject({ code: 'libvirt-failed' });
  },
);

it('tells what comes and goes', async () => {
  await using host = await connect(URI);
  const events = (await host.events())[Symbol.asyncIterator]();
  const answers = recorded();
  const gone = { ...answers, [ALL]: String(answers[ALL]).replace(`${T4}\n`, '') };
  virsh.says(gone);
  const seen: unknown[] = [];
  for (let count = 0; count < 2; count += 1) {
    const { value } = await events.next();
    seen.push(value);
  }
  expect(seen).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ change: 'undefined', name: T4 }),
      expect.objectContaining({ change: 'deleted', name: T4 }),
    ]),
  );
  virsh.says(answers);
  expect((await events.next()).value).toMatchObject({ name: T4, kind: 'lifecycle' });
  await events.return?.();
}, 60_000);

describe('what is no answer', () => {
  const FAILURES: readonly (readonly [string, string | undefined, RegExp])[] = [
    ['no virsh', undefined, /virsh is not installed here for qemu:\/\/\/system/u],
    [
      'no connection',
      "process.stderr.write('error: failed to connect to the hypervisor\\nerror: Cannot recv data: ssh: host\\n'); process.exit(1)",
      /virsh failed for .*: failed to connect to the hypervisor; Cannot recv data: ssh: host$/u,
    ],
    ['a signal', 'process.kill(process.pid, 9)', /virsh failed/u],
    [
      'too much',
      "const piece = 'x'.repeat(1 << 20); for (let n = 0; n < 70; n++) require('node:fs').writeSync(1, piece)",
      /virsh printed too much/u,
    ],
    [
      'half of it',
      "const last = process.argv.at(-1); process.stdout.write(last.includes('echo') ? 'a' : last.includes('--inactive') ? '' : 'pci_0')",
      /printed too little/u,
    ],
  ];

  it.each(FAILURES)('%s', async (_, script, message) => {
    if (script === undefined) process.env['PATH'] = '/nonexistent';
    else virsh.does(script);
    await expect(connect(URI)).rejects.toMatchObject({
      code: 'libvirt-failed',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });
});

const BAD = [
  '',
  '-c',
  '--help',
  'qemu:/system',
  'qemu:///sys tem',
  'qemu:///\u001b[2J',
  '-r://',
  'qemu:///a\nb',
  '://x',
  'QEMU:///system',
  'qemu+ssh+x://h',
];

it.each(BAD)('libvirt:%j is refused, and virsh is not started', async (uri) => {
  await expect(connect(`libvirt:${uri}`)).rejects.toMatchObject({
    code: 'uri-invalid',
    hint: expect.stringContaining('libvirt:qemu:///system'),
  });
  expect(virsh.starts()).toEqual([]);
});
