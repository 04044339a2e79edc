import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Dialect, MdevType, NodeDevice } from '../../src/nodedev/device.ts';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';

const sample = (name: string): string => readFileSync(`samples/${name}.xml`, 'utf8');

const TYPE: MdevType = {
  id: 'nvidia-11',
  name: 'GRID M60-0B',
  deviceApi: 'vfio-pci',
  availableInstances: 16,
  description: 'num_heads=2, frl_config=45',
  attributes: [
    { name: 'num_heads', value: '2' },
    { name: 'frl_config', value: '45' },
  ],
  extra: [],
};
const USED_UP: MdevType = { ...TYPE, id: 'nvidia-12', availableInstances: 0 };

const mdev: NodeDevice = {
  name: 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0',
  parent: { name: 'pci_0000_86_00_0' },
  devnodes: [],
  capabilities: [
    {
      kind: 'mdev',
      types: [TYPE],
      uuid: '0695d332-7831-493f-9e71-1c85c8911a08',
      parentAddress: '0000:86:00.0',
      alias: 'my-vgpu',
      group: 'group1',
      groupNumber: 3,
      attributes: [{ name: "x<y'z", value: '"&' }],
      params: 'disable_console_vnc=1',
      extra: [],
    },
  ],
  extra: [],
};

const parent: NodeDevice = {
  name: 'ap_matrix',
  devnodes: [],
  capabilities: [
    {
      kind: 'ap_matrix',
      capabilities: [{ kind: 'mdev_types', types: [TYPE, USED_UP], extra: [] }],
      extra: [],
    },
  ],
  extra: [],
};

/** The lines inside the device's first capability. */
function inside(device: NodeDevice, dialect: Dialect): readonly string[] {
  const lines = formatNodeDevice(device, { dialect }).split('\n');
  const start = lines.findIndex((line) => line.startsWith('  <capability'));
  return lines.slice(start + 1, lines.indexOf('  </capability>')).map((line) => line.trim());
}

/** The lines of the parent that show its types. */
function typesIn(dialect: Dialect): readonly string[] {
  return inside(parent, dialect).filter((line) => /<(?:capability|type|available)/.test(line));
}

describe("the thread's documents", () => {
  it.each([
    'vgpu',
    'vgpu-second',
    'vgpu-minimal',
    'vgpu-several-types',
    'vgpu-created-thread',
    'vgpu-parent-thread',
  ])('%s prints as its authors wrote it', (name) => {
    const device = parseNodeDevice(sample(name));
    expect(formatNodeDevice(device, { dialect: 'thread' })).toBe(sample(name));
  });

  it('keep short type ids, names, groups and params as written', () => {
    expect(parseNodeDevice(sample('vgpu'))).toEqual({
      name: 'my-vgpu',
      parent: { name: 'pci_0000_86_00_0' },
      devnodes: [],
      capabilities: [
        {
          kind: 'mdev',
          types: [{ id: '11', attributes: [], extra: [] }],
          uuid: '0695d332-7831-493f-9e71-1c85c8911a08',
          group: 'group1',
          attributes: [],
          params: 'disable_console_vnc=1',
          extra: [],
        },
      ],
      extra: [],
    });
  });

  it('describe a parent whose types have name and attributes', () => {
    const [pci] = parseNodeDevice(sample('vgpu-parent-thread')).capabilities;
    expect(pci).toMatchObject({
      kind: 'pci',
      capabilities: [{ kind: 'mdev_types', types: [{ id: '11' }, { id: '12' }] }],
    });
  });

  it('survive the extended dialect, which has no libvirt form for types without device API', () => {
    const device = parseNodeDevice(sample('vgpu-parent-thread'));
    expect(parseNodeDevice(formatNodeDevice(device))).toEqual(device);
  });

  it('may hold an attribute in value=', () => {
    const written = sample('vgpu-created-thread');
    const other = written.replaceAll(/>(\d+)<\/attribute>/g, " value='$1'/>");
    expect(other).not.toBe(written);
    expect(parseNodeDevice(other)).toEqual(parseNodeDevice(written));
  });
});

describe('a mediated device', () => {
  it('has everything in extended', () => {
    expect(inside(mdev, 'extended')).toEqual([
      "<type id='nvidia-11'>",
      '<name>GRID M60-0B</name>',
      '<deviceAPI>vfio-pci</deviceAPI>',
      '<availableInstances>16</availableInstances>',
      "<attribute name='num_heads'>2</attribute>",
      "<attribute name='frl_config'>45</attribute>",
      '<description>num_heads=2, frl_config=45</description>',
      '</type>',
      '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>',
      '<parent_addr>0000:86:00.0</parent_addr>',
      '<alias>my-vgpu</alias>',
      '<group>group1</group>',
      '<groupNumber>3</groupNumber>',
      "<attr name='x&lt;y&apos;z' value='&quot;&amp;'/>",
      '<params>disable_console_vnc=1</params>',
    ]);
  });

  it('has what libvirt prints, and iommuGroup 0, in libvirt', () => {
    expect(inside(mdev, 'libvirt')).toEqual([
      "<type id='nvidia-11'/>",
      '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>',
      '<parent_addr>0000:86:00.0</parent_addr>',
      "<iommuGroup number='0'/>",
      "<attr name='x&lt;y&apos;z' value='&quot;&amp;'/>",
    ]);
  });

  it('has its type with the details, group and params in thread', () => {
    expect(inside(mdev, 'thread')).toEqual([
      "<type id='nvidia-11'>",
      '<name>GRID M60-0B</name>',
      "<attribute name='num_heads'>2</attribute>",
      "<attribute name='frl_config'>45</attribute>",
      '</type>',
      '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>',
      '<group>group1</group>',
      "<attr name='x&lt;y&apos;z' value='&quot;&amp;'/>",
      '<params>disable_console_vnc=1</params>',
    ]);
  });
});

describe("a parent's types", () => {
  it.each(['libvirt', 'extended'] as const)('stay with 0 instances in %s', (dialect) => {
    expect(typesIn(dialect)).toEqual([
      "<capability type='mdev_types'>",
      "<type id='nvidia-11'>",
      '<availableInstances>16</availableInstances>',
      "<type id='nvidia-12'>",
      '<availableInstances>0</availableInstances>',
    ]);
  });

  it('disappear with 0 instances in thread', () => {
    expect(typesIn('thread')).toEqual(["<capability type='mdev'>", "<type id='nvidia-11'>"]);
  });

  it('have attributes and description beside what libvirt prints in extended only', () => {
    expect(inside(parent, 'libvirt').join()).not.toMatch(/attribute|description/);
    expect(inside(parent, 'extended').join()).toMatch(/<attribute.*<description>/);
  });
});

describe('mtty, whose types stand at the top', () => {
  const mtty: NodeDevice = {
    name: 'mtty_mtty',
    devnodes: [],
    capabilities: [{ kind: 'mdev_types', types: [{ ...TYPE, id: 'mtty-1' }], extra: [] }],
    extra: [],
  };

  it('has the element twice in libvirt, and that is read', () => {
    const xml = formatNodeDevice(mtty, { dialect: 'libvirt' });
    expect(xml.match(/<capability type='mdev_types'>/g)).toHaveLength(2);
    expect(parseNodeDevice(xml).capabilities).toMatchObject([
      { kind: 'mdev_types', types: [{ id: 'mtty-1', availableInstances: 16 }] },
    ]);
  });

  it.each(['thread', 'extended'] as const)('has it once in %s', (dialect) => {
    const xml = formatNodeDevice(mtty, { dialect });
    expect(xml.match(/<capability type='mdev_types'>/g)).toHaveLength(1);
    expect(parseNodeDevice(xml).capabilities).toMatchObject([{ types: [{ id: 'mtty-1' }] }]);
  });
});

describe('what is unknown', () => {
  const xml = `<device>
  <name>new</name>
  <capability type='quantum'>
    <qubits>7</qubits>
  </capability>
  <capability type='ap_matrix'>
    <capability type='mdev_types'>
      <type id='a'>
        <deviceAPI>vfio-ap</deviceAPI>
        <availableInstances>1</availableInstances>
        <class>1</class>
      </type>
    </capability>
    <capability type='entangled'/>
    <news/>
  </capability>
  <weather>fine &amp; <b>dry</b></weather>
</device>
`;

  it.each(['extended', 'thread'] as const)('is printed back in %s', (dialect) => {
    const printed = formatNodeDevice(parseNodeDevice(xml), { dialect });
    for (const line of ["<capability type='entangled'/>", '<news/>', '<qubits>7</qubits>']) {
      expect(printed).toContain(line);
    }
    expect(printed).toContain('<weather>fine &amp; <b>dry</b></weather>');
    expect(printed).toContain('<class>1</class>');
  });

  it('is printed back unchanged in extended', () => {
    expect(formatNodeDevice(parseNodeDevice(xml))).toBe(xml);
  });

  it('is left out in libvirt, but for a capability of the device', () => {
    const printed = formatNodeDevice(parseNodeDevice(xml), { dialect: 'libvirt' });
    expect(printed).toContain('<qubits>7</qubits>');
    expect(printed).not.toMatch(/entangled|news|weather|<class>/);
  });
});

it('a type said by its attributes has no form in the libvirt dialect', () => {
  const xml = `<device>
  <parent>pci_0000_86_00_0</parent>
  <capability type='mdev'>
    <type>
      <attribute name='framebuffer' min='2097152'/>
    </type>
  </capability>
</device>
`;
  const device = parseNodeDevice(xml);
  expect(formatNodeDevice(device)).toBe(xml);
  expect(formatNodeDevice(device, { dialect: 'thread' })).toBe(xml);
  expect(() => formatNodeDevice(device, { dialect: 'libvirt' })).toThrow('<type> without id');
});
