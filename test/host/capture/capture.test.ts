import { describe, expect, it } from 'vitest';
import { type CaptureOptions, captureHost } from '../../../src/host/capture/capture.ts';
import type { HostCapture } from '../../../src/host/capture/assemble.ts';
import type { Host } from '../../../src/host/host.ts';
import { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { createMemoryHost, simulateInMemory } from '../../../src/host/simulated/memory.ts';
import { parseProfile } from '../../../src/host/simulated/parse-profile.ts';
import { readSampleProfile, sampleProfiles } from '../../../src/host/simulated/samples.ts';
import { SysfsReader } from '../../../src/host/sysfs/reader.ts';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { file, type Tree } from '../../../src/host/tree.ts';
import { type FileTree, writeFiles } from '../../support/file-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { uuid } from '../../drivers/cards.ts';
import { readCapture, treeOf } from '../support/captures.ts';
import { memorySimulation } from '../support/trees.ts';

/** Everything that a profile describes of a host. */
const shownBy = (
  host: Pick<Host, 'parents' | 'types' | 'describeHardware' | 'describeComputer'>,
) => ({
  computer: host.describeComputer(),
  parents: host.parents().items.map((parent) => ({
    device: host.describeHardware(parent),
    types: host.types(parent).items,
  })),
});

/** A tree as a real host, whose settings cannot be read. */
function real(tree: Tree): SysfsReader & { readonly kind: 'sysfs' } {
  return Object.assign(new SysfsReader(tree), { kind: 'sysfs' as const });
}

/** A host made by hand, captured. */
function captured(files: FileTree, options?: CaptureOptions): HostCapture {
  const folder = temporaryFolder({ inMemory: true });
  writeFiles(folder, files);
  return captureHost(real(new DiskTree(folder)), options);
}

const typeFiles = (path: string, counts: Readonly<Record<string, number>>): FileTree =>
  Object.fromEntries(
    Object.entries(counts).flatMap(([id, count]) => [
      [`${path}/mdev_supported_types/${id}/available_instances`, `${count}\n`],
      [`${path}/mdev_supported_types/${id}/device_api`, 'vfio-pci\n'],
      [`${path}/mdev_supported_types/${id}/devices/`, ''],
    ]),
  );

/** A PCI parent with free instances of some types, and devices of them. */
function parentFiles(
  address: string,
  counts: Readonly<Record<string, number>>,
  devices: readonly string[] = [],
): FileTree {
  const path = `sys/devices/pci0000:00/${address}`;
  return {
    [`sys/class/mdev_bus/${address}`]: { link: `../../devices/pci0000:00/${address}` },
    [`${path}/vendor`]: '0xacce\n',
    [`${path}/device`]: '0x0001\n',
    ...typeFiles(path, counts),
    ...Object.fromEntries(
      devices.flatMap((type, index): [string, FileTree[string]][] => {
        const name = uuid(index + Number(address.at(-1)) * 100);
        return [
          [`${path}/${name}/mdev_type`, { link: `../mdev_supported_types/${type}` }],
          [`${path}/${name}/xpu/limit`, '60\n'],
          [
            `sys/bus/mdev/devices/${name}`,
            { link: `../../../devices/pci0000:00/${address}/${name}` },
          ],
        ];
      }),
    ),
  };
}

const countsOf = (profile: string): readonly string[] => {
  const host = createMemoryHost(profile);
  return host
    .parents()
    .items.flatMap((parent) =>
      host
        .types(parent)
        .items.map((type) => `${parent.address} ${type.id} ${type.availableInstances}`),
    );
};

describe.each(sampleProfiles())('%s', (name) => {
  it('comes back from its own capture', () => {
    const original = createMemoryHost(readSampleProfile(name));
    const { profile, caveats } = captureHost(original);
    expect(caveats).toEqual([]);
    const again = createMemoryHost(profile);
    expect(shownBy(again)).toEqual(shownBy(original));
    expect(again.parents().items.map((parent) => again.card(parent).settings)).toEqual(
      original.parents().items.map((parent) => original.card(parent).settings),
    );
    expect(captureHost(again).profile).toBe(profile);
  });

  it('comes back as it was empty, captured as a real host with a device', () => {
    const { host, tree } = memorySimulation(name);
    for (const { address } of host.hardware().items) {
      const off = host.setupCard(address);
      const turnOn = off?.driver.setup?.command(address, { do: 'functions', on: true });
      if (off?.isOn === false && turnOn !== undefined) host.runTool(turnOn);
    }
    const empty = shownBy(host);
    const [parent] = host.parents().items;
    const types = parent === undefined ? [] : host.types(parent).items;
    const type = types.find(({ availableInstances }) => availableInstances > 0);
    if (parent === undefined || type === undefined) throw new Error('nothing can be created');
    host.create(parent, type.id, uuid(1));
    const { profile, caveats } = captureHost(real(tree));
    expect(shownBy(createMemoryHost(profile))).toEqual(empty);
    expect(caveats).toContainEqual(expect.stringContaining('Settings of a card cannot be read'));
  });
});

it('has the other files of a type', () => {
  const path = 'sys/devices/pci0000:00/0000:00:05.0';
  const { profile } = captured({
    ...parentFiles('0000:00:05.0', { 'xpu-a': 2 }),
    [`${path}/mdev_supported_types/xpu-a/frl_config`]: '45\n',
    [`${path}/mdev_supported_types/xpu-a/note`]: '\n',
  });
  expect(profile).toContain("<attribute name='frl_config' value='45'/>");
  const again = createMemoryHost(profile);
  const [parent] = again.parents().items;
  expect(parent && again.types(parent).items).toMatchObject([
    {
      id: 'xpu-a',
      files: [
        { name: 'frl_config', value: '45' },
        { name: 'note', value: '' },
      ],
    },
  ]);
});

it('virtual functions stay one card when a file of their types differs, which is said', () => {
  const { tree } = memorySimulation('nvidia-a40');
  for (const [address, value] of [
    ['0000:41:00.4', '1'],
    ['0000:41:00.5', '2'],
  ]) {
    const path = `/sys/class/mdev_bus/${address}`;
    const parent = real(tree).parent(address ?? '');
    tree.plant(
      `${parent?.path ?? path}/mdev_supported_types/nvidia-558/placement`,
      file(`${value}\n`),
    );
  }
  const { profile, caveats } = captureHost(real(tree));
  expect(profile.match(/<card /g)).toHaveLength(1);
  expect(caveats).toContainEqual(
    '0000:41:00.4: other parents of its card have other values in the files of their types',
  );
});

it('a device is not in the profile, and that is said', () => {
  const host = createMemoryHost(readSampleProfile('nvidia-t4'));
  const [parent] = host.parents().items;
  if (parent !== undefined) host.create(parent, 'nvidia-222', uuid(1));
  const { profile, caveats } = captureHost(host);
  expect(caveats).toEqual(['The profile has no mediated devices: 1 of this host are not in it']);
  expect(profile).not.toContain(uuid(1));
});

it('a setting that cannot be read is found by what it did', () => {
  const text = readSampleProfile('nvidia-m60').replaceAll(
    /<card [^>]*>/g,
    "$&<setting name='homogeneous' value='type'/>",
  );
  const simulation = simulateInMemory(parseProfile(text));
  const host = new SimulatedHost(simulation);
  for (const [index, parent] of host.parents().items.entries())
    host.create(parent, 'nvidia-18', uuid(index));
  const { profile } = captureHost(real(simulation.tree));
  expect(profile.match(/homogeneous' value='type'/g)).toHaveLength(2);
});

describe('of a vendor whose rules are not known, the counts are kept', () => {
  it.each([
    ['empty', parentFiles('0000:00:05.0', { 'xpu-a': 2, 'xpu-b': 8 }), ['a 2', 'b 8'], 'parent'],
    [
      'one counter',
      parentFiles('0000:00:05.0', { 'xpu-a': 3, 'xpu-b': 3 }, ['xpu-a']),
      ['a 4', 'b 4'],
      'parent',
    ],
    [
      'a counter for each type',
      parentFiles('0000:00:05.0', { 'xpu-a': 1, 'xpu-b': 8 }, ['xpu-a']),
      ['a 2', 'b 8'],
      'type',
    ],
    ['nothing free', parentFiles('0000:00:05.0', { 'xpu-a': 0 }), ['a 0'], 'parent'],
  ])('%s', (_, files, counts, counter) => {
    const { profile, caveats } = captured(files);
    expect(countsOf(profile)).toEqual(counts.map((count) => `0000:00:05.0 xpu-${count}`));
    expect(profile.includes("name='counter'") ? counter : 'parent').toBe(counter);
    expect(caveats).toContainEqual(
      expect.stringContaining('the rules of its driver are not known'),
    );
  });

  it('attributes of devices, too', () => {
    const files = parentFiles('0000:00:05.0', { 'xpu-a': 3 }, ['xpu-a']);
    expect(captured(files).profile).toContain("<attr name='xpu/limit' value='60'/>");
  });

  it('where the rules of a known one do not explain them', () => {
    const { profile, caveats } = captured(
      parentFiles('0000:00:05.0', { 'mtty-1': 7, 'mtty-2': 1 }),
    );
    expect(countsOf(profile)).toEqual(['0000:00:05.0 mtty-1 7', '0000:00:05.0 mtty-2 1']);
    expect(caveats).toContainEqual(
      '0000:00:05.0: no settings of driver mtty explain its counts; the profile has the counts that the kernel shows',
    );
  });
});

describe('what a profile cannot have is said', () => {
  it.each<[string, FileTree, string]>([
    [
      'no types',
      parentFiles('0000:00:05.0', {}),
      '0000:00:05.0: offers no types, so it is not in the profile',
    ],
    [
      'an unknown device API',
      {
        ...parentFiles('0000:00:05.0', { 'xpu-a': 1, 'xpu-b': 1 }),
        'sys/devices/pci0000:00/0000:00:05.0/mdev_supported_types/xpu-a/device_api':
          'vfio-platform\n',
      },
      "0000:00:05.0: type 'xpu-a' is not in the profile: no profile has device API 'vfio-platform'",
    ],
    [
      'more instances than a profile counts',
      parentFiles('0000:00:05.0', { 'xpu-a': 10_000_000 }),
      "0000:00:05.0: not in the profile: <availableInstances> is '10000000'",
    ],
    [
      'a file that cannot be read',
      {
        ...parentFiles('0000:00:05.0', { 'xpu-a': 1, 'xpu-b': 1 }),
        'sys/devices/pci0000:00/0000:00:05.0/mdev_supported_types/xpu-a/available_instances':
          'many\n',
      },
      '/mdev_supported_types/xpu-a/available_instances cannot be read (EBADMSG)',
    ],
    [
      'another device in the IOMMU group',
      {
        ...parentFiles('0000:00:05.0', { 'xpu-a': 1 }),
        'sys/devices/pci0000:00/0000:00:05.0/iommu_group': {
          link: '../../../kernel/iommu_groups/7',
        },
        'sys/kernel/iommu_groups/7/devices/0000:00:05.1': '',
      },
      'pci_0000_00_05_0: its IOMMU group has devices that are not in the profile',
    ],
    [
      'no PCI ids',
      {
        'sys/class/mdev_bus/0000:00:05.0': { link: '../../devices/pci0000:00/0000:00:05.0' },
        ...typeFiles('sys/devices/pci0000:00/0000:00:05.0', { 'xpu-a': 1 }),
      },
      'pci_0000_00_05_0: its PCI ids are not known; 0x0000 stands for them',
    ],
  ])('%s', (_, files, caveat) => {
    const { profile, caveats } = captured(files);
    expect(caveats).toContainEqual(expect.stringContaining(caveat));
    expect(() => createMemoryHost(profile)).not.toThrow();
  });
});

it.each(['linux-6.1', 'linux-6.12-cdev'])(
  'a real kernel with devices, as it is without: %s',
  (kernel) => {
    const busy = real(treeOf(readCapture(kernel, 'one-of-each')));
    const empty = real(treeOf(readCapture(kernel, 'parents')));
    const again = createMemoryHost(captureHost(busy).profile);
    expect(shownBy(again).parents).toEqual(shownBy(empty).parents);
  },
);

it('anonymous, the same stands for the same', () => {
  const text = readSampleProfile('nvidia-t4').replace(
    '</vendor>\n        <uuid>',
    '</vendor>\n        <serial>CZ1234</serial>\n        <uuid>',
  );
  const { profile } = captureHost(createMemoryHost(text), { name: 'given', anonymize: true });
  expect(profile).toMatch(/<name>given<\/name>/);
  expect(profile).not.toMatch(/36383150|CZ1234|HPE|ProLiant|U30/);
  expect(profile).toContain(`<product>name-1</product>
      <hardware>
        <vendor>name-2</vendor>
        <serial>serial-1</serial>
        <uuid>00000000-0000-4000-8000-000000000001</uuid>
      </hardware>
      <firmware>
        <vendor>name-2</vendor>
        <version>name-3</version>`);
  expect(countsOf(profile)).toEqual(countsOf(text));
});

it.each([
  ['4.10', "<kernel version='4.10'/>"],
  ['5.15.0-91-generic', "<kernel version='5.15.0'/>"],
  ['6.12', "<kernel version='6.12'/>"],
  ['4.4.0', '<name>captured</name>\n  <types'],
  ['\u001b[2J', '<name>captured</name>\n  <types'],
])('the kernel is kept, if it can be one: %s', (release, expected) => {
  const { profile } = captured({
    ...parentFiles('0000:00:05.0', { 'acme-1': 2 }),
    'proc/sys/kernel/osrelease': `${release}\n`,
  });
  expect(profile).toContain(expected);
});

it('a simulated host keeps the kernel of its profile, and names none without', () => {
  const text = readSampleProfile('kernel-samples');
  expect(captureHost(createMemoryHost(text)).profile).not.toContain('<kernel');
  const old = text.replace('</name>', "</name><kernel version='5.15'/>");
  const { profile } = captureHost(createMemoryHost(old));
  expect(captureHost(createMemoryHost(profile)).profile).toBe(profile);
  expect(profile).toContain("<kernel version='5.15'/>");
});
