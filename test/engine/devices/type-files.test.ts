import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, initSimulatedHost } from '../../../src/index.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { examined, rootWith } from '../doctor/hosts.ts';

const PATH = 'sys/devices/pci0000:00/0000:01:00.0';

/** A GPU below a root, with these files in the directories of its types. */
function root(
  types: Readonly<Record<string, Readonly<Record<string, string>>>>,
  device = '0x1bb3',
): string {
  const files = Object.entries(types).flatMap(([type, own]) =>
    Object.entries({ device_api: 'vfio-pci\n', available_instances: '1\n', ...own }).map(
      ([name, text]) => [`${PATH}/mdev_supported_types/${type}/${name}`, text] as const,
    ),
  );
  return rootWith({
    'sys/class/mdev_bus/0000:01:00.0': { link: '../../devices/pci0000:00/0000:01:00.0' },
    [`${PATH}/subsystem`]: { link: '../../../bus/pci' },
    [`${PATH}/vendor`]: '0x10de\n',
    [`${PATH}/device`]: `${device} \r\n`,
    [`${PATH}/class`]: '0x030000\n',
    [`${PATH}/numa_node`]: ' 1\n',
    ...Object.fromEntries(files),
  });
}

async function manager(folder: string) {
  const connection = await connect(`sysfs://${folder}`);
  onTestFinished(() => connection.close());
  return connection;
}

const NVIDIA = 'num_heads=4, frl_config=60, framebuffer=2048M';

describe("a type's other files", () => {
  it('are attributes of our dialects and of JSON, beside its description; libvirt has none', async () => {
    const folder = root({
      'nvidia-64': {
        description: `${NVIDIA}\n`,
        frl_config: '45\n', // the description says it already
        resolution: '4096x2160\n',
        zeta: 'a\u0001\u001b[31m <b>&"\'\n\tb\n',
        long: 'y'.repeat(4097),
        '.hidden': 'x',
      },
      'acme-1': { description: 'A card for people, in words\nwith=1\n' },
    });
    const type = join(folder, PATH, 'mdev_supported_types/nvidia-64');
    symlinkSync('/etc/hostname', join(type, 'leak'));
    writeFiles(type, { 'folder/file': 'x' });
    const host = await manager(folder);
    const { items } = await host.types();
    expect(
      items.map(({ id, attributes }) => [
        id,
        Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
      ]),
    ).toEqual([
      ['acme-1', { with: '1', description: 'A card for people, in words' }],
      [
        'nvidia-64',
        {
          num_heads: '4',
          frl_config: '60',
          framebuffer: '2097152',
          resolution: '4096x2160',
          zeta: 'a\u{fffd}\u{fffd}[31m <b>&"\'\n\tb',
        },
      ],
    ]);
    for (const dialect of ['extended', 'thread'] as const) {
      const xml = await host.dumpxml('pci_0000_01_00_0', { dialect });
      expect(xml).toContain("<attribute name='resolution'>4096x2160</attribute>");
      expect(xml).toContain(
        "<attribute name='description'>A card for people, in words</attribute>",
      );
      expect(xml).toMatch(/<attribute name='zeta'>a��\[31m &lt;b&gt;&amp;/);
    }
    expect(await host.dumpxml('pci_0000_01_00_0', { dialect: 'libvirt' })).not.toMatch(
      /attribute|zeta|people/,
    );
  });

  it('can be given in a profile, and nothing in it leaves the directory', async () => {
    const profile = (lines: string): string =>
      readSampleProfile('kernel-samples').replace(/<deviceAPI>vfio-pci<\/deviceAPI>/, `$&${lines}`);
    const make = async (lines: string) => {
      const host = await initSimulatedHost(join(temporaryFolder(), 'h'), profile(lines));
      onTestFinished(() => host.close());
      return host;
    };
    const host = await make("<attribute name='vendor_note' value='one &amp; two'/>");
    const said = (await host.types()).items.flatMap(({ attributes }) => attributes);
    expect(said).toContainEqual({ name: 'vendor_note', value: 'one & two' });
    const refused = [
      "name='create' value='x'",
      "name='../x' value='x'",
      "name='.x' value=''",
      "value='x'",
    ];
    for (const attributes of refused) {
      await expect(make(`<attribute ${attributes}/>`)).rejects.toMatchObject({
        code: 'profile-invalid',
      });
    }
    await expect(
      make("<attribute name='a' value='1'/><attribute name='a' value='2'/>"),
    ).rejects.toMatchObject({ message: expect.stringContaining("There are two files 'a'") });
  });
});

it.each<[string, number | undefined]>([
  [' 3 \r\n', 3],
  ['+2\n\n', 2],
  ['\t0', 0],
  ['007\n', 7],
  ['\n', undefined],
  ['-1\n', undefined],
  ['1 2\n', undefined],
  ['1e3\n', undefined],
  ['0x10\n', undefined],
])('available_instances %j is %j', async (text, count) => {
  const files = { available_instances: text, device_api: ' vfio-pci \r\n', name: ' A B \n' };
  const { items } = await (await manager(root({ 'acme-1': files }))).types();
  expect(
    items.map(({ name, deviceApi, availableInstances }) => [name, deviceApi, availableInstances]),
  ).toEqual(count === undefined ? [] : [['A B', 'vfio-pci', count]]);
});

it('numbers of a PCI device may have blanks around them', async () => {
  const host = await manager(root({ 'acme-1': {} }));
  const xml = await host.dumpxml('pci_0000_01_00_0');
  expect(xml).toContain("<product id='0x1bb3'/>");
  expect(xml).toContain("<numa node='1'/>");
});

it.each<[device: string, types: readonly string[], says: string | undefined]>([
  [
    '0x1bb3',
    ['GRID P40-2Q', 'GRID P40-1B4'],
    'its types are of board P40, but it is by its PCI id 0x1bb3 a P4',
  ],
  [
    '0x1b38',
    ['GRID P4-2Q', 'GRID P40-2Q'],
    'its types are of board P4, but it is by its PCI id 0x1b38 a P40',
  ],
  ['0x1bb3', ['GRID P4-2Q', 'GRID P4-1B4'], undefined],
  ['0x20b5', ['NVIDIA A100D-4C', 'NVIDIA A100D-1-10CME'], undefined],
  ['0x1db6', ['GRID V100D-8Q'], undefined],
  // Without the PCI ID database, a board that is not in the list is not judged.
  ['0x1b80', ['GRID P40-2Q'], undefined],
  ['0x1bb3', ['strange'], undefined],
])('a GPU %s with %j: %s', async (device, names, says) => {
  const types = Object.fromEntries(
    names.map((name, index) => [`nvidia-${index}`, { name, description: NVIDIA }]),
  );
  const found = (await examined(`sysfs://${root(types, device)}`)).filter(
    ({ code }) => code === 'doctor-types-odd',
  );
  expect(found.map(({ message }) => message)).toEqual(
    says === undefined ? [] : [`pci_0000_01_00_0: ${says}`],
  );
});

it('judges a board by its name where the PCI ID database has it, and says that it is likely only', async () => {
  const folder = root({ 'nvidia-1': { name: 'GRID P40-2Q', description: NVIDIA } }, '0x1b80');
  writeFiles(folder, {
    'usr/share/hwdata/pci.ids': '10de  NVIDIA Corporation\n\t1b80  GP104 [GeForce GTX 1080]\n',
  });
  expect(await examined(`sysfs://${folder}`)).toContainEqual(
    expect.objectContaining({
      code: 'doctor-types-odd',
      severity: 'notice',
      message: expect.stringContaining('probably a GTX1080'),
    }),
  );
});
