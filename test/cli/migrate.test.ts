import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect, type Connection, parseDomain } from '../../src/index.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { fakeSsh } from '../remote/fake-ssh.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunResult } from './run.ts';

const ONE = '0695d332-7831-493f-9e71-1c85c8911a08';
const TWO = '11111111-2222-4333-8444-555555555555';
const document = (uuid: string, parent: string, type: string): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid><group>g</group></capability></device>`;

const mdev = (uuid: string): string =>
  `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid}'/></source></hostdev>`;
const FUNCTION =
  "<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/></source></hostdev>";
const domain = (...hostdevs: readonly string[]): string =>
  `<domain type='kvm'><name>vm</name><uuid>4dea22b3-1d52-d8f3-2516-782e98ab3fa0</uuid><memory>1</memory>
  <!-- kept --><os><type>hvm</type></os><devices>${hostdevs.join('\n')}</devices></domain>`;

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
});

const open = (name: string): Promise<Connection> => connect(`sim://${folder}/${name}`);

/** Two hosts, with devices on the first, and a domain that has them. */
async function hosts(
  profile: string,
  devices: readonly string[],
  xml: string,
  { target = profile }: { readonly target?: string } = {},
): Promise<void> {
  makeSimulatedHost(join(folder, 'here'), profile);
  makeSimulatedHost(join(folder, 'there'), target);
  await using here = await open('here');
  await here.create(devices);
  writeFileSync(join(folder, 'vm.xml'), xml);
}

const migrate = (...words: readonly string[]): Promise<RunResult> =>
  run(['-c', `sim://${folder}/here`, 'migrate-xml', 'vm.xml', ...words], {
    connect,
    cwd: folder,
    env: { VIRT_NODEDEV_SSH: fakeSsh(folder) },
  });

const answerIn = (text: string): unknown => JSON.parse(text);

const M60 = [
  document(ONE, 'pci_0000_86_00_0', 'nvidia-18'),
  document(TWO, 'pci_0000_87_00_0', 'nvidia-18'),
];
const there = (): string => `sim://${folder}/there`;

/** What is on the other host. */
async function made(): Promise<readonly string[]> {
  await using host = await open('there');
  return (await host.list({ capabilities: ['mdev'], state: 'all' })).items.map(({ name }) => name);
}

it('makes the devices over ssh, claims them, and writes both files', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  const words = ['--xml', 'live.xml', '--persistent-xml', 'kept.xml'];
  const { code } = await migrate('--to', `ssh://gpu2/${there()}`, ...words);
  expect(code).toBe(0);
  const live = readFileSync(join(folder, 'live.xml'), 'utf8');
  expect(readFileSync(join(folder, 'kept.xml'), 'utf8')).toBe(live);
  const [one = '', two = ''] = parseDomain(live).mdevs.map(({ uuid }) => uuid);
  expect(live).toBe(domain(mdev(one), mdev(two)));
  await using host = await open('there');
  const [group, ...others] = await host.groups();
  expect(others).toEqual([]);
  expect(group).toMatchObject({
    owner: { name: 'vm', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', by: 'claim' },
    members: [
      { uuid: one, type: 'nvidia-18' },
      { uuid: two, type: 'nvidia-18' },
    ],
  });
});

it('of functions with a type it writes the address', async () => {
  const device = document(ONE, 'pci_0000_42_00_4', 'nvidia-1155');
  await hosts('nvidia-l40s', [device], domain(FUNCTION));
  {
    await using host = await open('there');
    await host.create(document(TWO, 'pci_0000_42_00_4', 'nvidia-1155'));
  }
  const { code, stdout } = await migrate('--to', there());
  expect(code).toBe(0);
  const [hostdev] = parseDomain(stdout).hostdevs;
  expect(hostdev?.pci ?? hostdev?.type).toBeDefined();
  expect(stdout).not.toContain("slot='0x00' function='0x4'");
  await using host = await open('there');
  expect((await host.groups()).map(({ owner }) => owner?.name)).toContain('vm');
});

it('writes the other form of the domain, too', async () => {
  await hosts('nvidia-m60', M60.slice(0, 1), domain(mdev(ONE)));
  writeFileSync(join(folder, 'inactive.xml'), domain(mdev(ONE)).replace('kept', 'inactive'));
  const words = [
    '--persistent',
    'inactive.xml',
    '--persistent-xml',
    'kept.xml',
    '--xml',
    'live.xml',
  ];
  expect((await migrate('--to', there(), ...words)).code).toBe(0);
  const [live, kept] = ['live.xml', 'kept.xml'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  expect(kept).toBe(live?.replace('kept', 'inactive'));
  expect(kept).not.toContain(ONE);
});

it('a rehearsal changes nothing', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  const { code, stdout } = await migrate('--to', there(), '--xml', 'live.xml', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toContain(`created in place of ${ONE}`);
  expect(await made()).toEqual([]);
  expect(existsSync(join(folder, 'live.xml'))).toBe(false);
});

it('changes no host that may only be looked at', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  const result = await migrate('--to', there(), '--xml', 'live.xml', '--readonly', '--json');
  expect(answerIn(result.stderr)).toMatchObject({ error: { code: 'read-only' } });
  expect(await made()).toEqual([]);
  expect(existsSync(join(folder, 'live.xml'))).toBe(false);
});

const smaller = readSampleProfile('nvidia-m60').replaceAll(
  'framebuffer=2048M',
  'framebuffer=1024M',
);

it.each<readonly [what: string, target: string, code: string, message: string]>([
  ['has another GPU', 'nvidia-t4', 'type-unknown', 'no type nvidia-18'],
  ['shows guests something else', smaller, 'type-mismatch', 'framebuffer 1024 MiB, was 2048 MiB'],
])('nothing is made where the other host %s', async (_, target, code, message) => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)), { target });
  const result = await migrate('--to', there(), '--xml', 'live.xml', '--json');
  expect(result.code).toBe(1);
  expect(answerIn(result.stderr)).toMatchObject({
    error: {
      code,
      message: expect.stringContaining(message),
    },
  });
  expect(await made()).toEqual([]);
  expect(existsSync(join(folder, 'live.xml'))).toBe(false);
});

it('nothing is made where the guest would see the PCI device of another GPU', async () => {
  const target = readSampleProfile('intel-gvtg').replaceAll("'0x1912'", "'0x5912'");
  const device = document(ONE, 'pci_0000_00_02_0', 'i915-GVTg_V5_4');
  await hosts('intel-gvtg', [device], domain(mdev(ONE)), { target });
  const result = await migrate('--to', there(), '--json');
  expect(answerIn(result.stderr)).toMatchObject({
    error: {
      code: 'type-mismatch',
      message: expect.stringContaining('product 0x5912, was 0x1912'),
    },
  });
  expect(await made()).toEqual([]);
});

it('nothing is made without room for all of them', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  {
    await using host = await open('there');
    await host.create([
      document(ONE, 'pci_0000_86_00_0', 'nvidia-22'),
      document(TWO, 'pci_0000_87_00_0', 'nvidia-22'),
    ]);
  }
  const before = await made();
  const result = await migrate('--to', there(), '--xml', 'live.xml', '--json');
  expect(answerIn(result.stderr)).toMatchObject({ error: { code: 'no-instances' } });
  expect(await made()).toEqual(before);
});

it('-r keeps the other host as it is, too', async () => {
  await hosts('nvidia-m60', M60.slice(0, 1), domain(mdev(ONE)));
  const refused = await migrate('--to', there(), '-r');
  expect(refused).toMatchObject({ code: 1, stdout: expect.not.stringContaining('<domain') });
  expect(refused.stderr).toContain('read only access prevents this change');
  expect(await made()).toEqual([]);
});

it('nothing is made when a file cannot be written', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  writeFileSync(join(folder, 'kept.xml'), 'mine');
  const result = await migrate(
    '--to',
    there(),
    '--xml',
    'live.xml',
    '--persistent-xml',
    'kept.xml',
  );
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('kept.xml');
  expect(existsSync(join(folder, 'live.xml'))).toBe(false);
  expect(readFileSync(join(folder, 'kept.xml'), 'utf8')).toBe('mine');
  expect(await made()).toEqual([]);
});

it.each<readonly [xml: string, code: string]>([
  [domain(), 'domain-without-devices'],
  [domain(mdev('00000000-0000-4000-8000-000000000000')), 'device-unknown'],
  ["<domain type='kvm'/>", 'domain-invalid'],
  ['<device/>', 'domain-invalid'],
])('refuses what cannot move (%#)', async (xml, code) => {
  await hosts('nvidia-m60', M60, xml);
  const result = await migrate('--to', there(), '--json');
  expect(answerIn(result.stderr)).toMatchObject({ error: { code } });
});

it('what is never opened is taken back by gc after its time, what was opened is not', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  const xml = (await migrate('--to', there(), '--expires', '3600')).stdout;
  let time = 0;
  await using host = await connect(there(), { now: () => time });
  const [group] = await host.groups();
  const options = { olderThan: 0 };
  const created = 3600_000 * 1000;
  time = created;
  await host.startDomain(xml);
  expect((await host.gc(options)).orphans).toEqual([]);
  await host.stopDomain('vm');
  // It was seen open, so it is the domain's until it is released.
  expect((await host.gc(options)).orphans).toEqual([]);
  await host.release(group?.name ?? '');
  expect((await host.gc({ dryRun: true, ...options })).orphans).toHaveLength(1);
});

it('gc leaves it before, and takes it after', async () => {
  await hosts('nvidia-m60', M60, domain(mdev(ONE), mdev(TWO)));
  await migrate('--to', there(), '--expires', '3600');
  {
    await using host = await open('there');
    expect((await host.gc({ olderThan: 0 })).orphans).toEqual([]);
  }
  await using later = await connect(there(), { now: () => Number.MAX_SAFE_INTEGER });
  expect((await later.gc({ olderThan: 0, dryRun: true })).orphans).toMatchObject([
    { devices: [{ type: 'nvidia-18' }, { type: 'nvidia-18' }] },
  ]);
  expect((await later.gc({ olderThan: 0 })).orphans).toHaveLength(1);
  expect(await made()).toEqual([]);
});
