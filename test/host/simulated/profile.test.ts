import { readFileSync } from 'node:fs';
import { compareIds } from '../../../src/drivers/type-order.ts';
import { describe, expect, it } from 'vitest';
import { NodedevError } from '../../../src/errors.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { parseProfile } from '../../../src/host/simulated/parse-profile.ts';
import { readSampleProfile, sampleProfiles } from '../../../src/host/simulated/samples.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { diskHost, memoryHost, temporaryFolder } from '../support/hosts.ts';

describe('the profiles that come with the package', () => {
  it('are those that their README has a row for', () => {
    const rows = readFileSync('samples/hosts/README.md', 'utf8').matchAll(/^\| `([^`]+)`/gm);
    expect([...rows].map((row) => row[1])).toEqual(expect.arrayContaining([...sampleProfiles()]));
  });

  it('another one is refused with their names', () => {
    const { code, hint } = errorOf(() => readSampleProfile('../../package'));
    expect(code).toBe('profile-invalid');
    expect(hint).toContain('nvidia-m60');
  });
});

describe.each(sampleProfiles())('a host made of %s', (name) => {
  const profile = parseProfile(readSampleProfile(name));
  const host = memoryHost(name);
  /** Cards whose functions, if they have some, are on. */
  const booted = profile.cards.filter(({ bootsOff }) => bootsOff !== true);

  it('has its parents, each with the facts of the profile', () => {
    const { items, unreadable } = host.parents();
    expect(unreadable).toEqual([]);
    const parents = booted.flatMap((card) => card.parents);
    expect(items.map(({ path }) => path).toSorted()).toEqual(
      parents.map(({ path }) => path).toSorted(),
    );
    for (const parent of parents) {
      const found = host.parent(parent.address);
      const described = found && host.describeHardware(found);
      const capabilities = parent.device.capabilities.filter(({ kind }) => kind !== 'mdev_types');
      expect(described).toEqual({ ...parent.device, capabilities });
    }
  });

  it('has the other hardware of the profile, with its facts', () => {
    const { items, unreadable } = host.hardware();
    expect(unreadable).toEqual([]);
    for (const device of profile.devices.filter(({ name: each }) => each !== 'computer')) {
      const found = items.find(({ path }) => path === device.path);
      expect(found && host.describeHardware(found)).toEqual(device);
    }
  });

  it('is the computer of the profile', () => {
    const computer = profile.devices.find((device) => device.name === 'computer');
    expect(host.describeComputer()).toEqual(computer);
  });

  it('has its types, with as many instances as the driver gives an empty card', () => {
    for (const { parents, types, driver, settings } of booted) {
      const card = { parents: parents.map(({ address }) => address), types, settings, devices: [] };
      for (const { address } of parents) {
        const parent = host.parent(address);
        const listed = parent && host.types(parent);
        const expected = types.map((type) => {
          const availableInstances = driver.available(card, address, type);
          const { instances: _, attributes: __, ...shown } = type;
          return { availableInstances, ...shown, files: shown.files ?? [] };
        });
        expect(listed?.unreadable).toEqual([]);
        expect(listed?.items).toEqual(expected.toSorted((a, b) => compareIds(a.id, b.id)));
      }
    }
  });
});

describe('the kernel’s host reads a simulated tree as the simulated host does', () => {
  it.each(['mixed', 's390-ccw-ap', 'kernel-samples'])('%s', (name) => {
    const { host, dispose } = diskHost(name);
    try {
      let number = 0;
      for (const parent of host.parents().items) {
        for (const type of host.types(parent).items.slice(0, 2)) {
          if (host.type(parent, type.id)?.availableInstances === 0) continue;
          number += 1;
          host.create(parent, type.id, `00000000-1111-4222-8333-0000000000${10 + number}`);
        }
      }
      const real = new SysfsHost(host.root);
      expect(real.bootId()).toBe(host.bootId());
      expect(real.parents()).toEqual(host.parents());
      expect(real.devices()).toEqual(host.devices());
      expect(real.devices().items).toHaveLength(number);
      for (const parent of host.parents().items) {
        expect(real.types(parent)).toEqual(host.types(parent));
        expect(real.devices(parent)).toEqual(host.devices(parent));
        expect(real.describeHardware(parent)).toEqual(host.describeHardware(parent));
      }
      for (const device of host.devices().items) {
        expect(real.find(device.ref.uuid)).toEqual(device);
        expect(real.details(device)).toEqual(host.details(device));
        expect(real.holders(device)).toEqual([]);
      }
    } finally {
      dispose();
    }
  });
});

it('a PCI device has a configuration space that says what the profile says', () => {
  const link = (rest: string) => `<pci-express>${rest}</pci-express>`;
  const parts = {
    '00:01.0': "<capability type='pci-bridge'/>",
    '00:02.0': "<capability type='cardbus-bridge'/>",
    '00:03.0': link(
      "<link validity='cap' port='3' speed='16' width='16'/><link validity='sta' speed='2.5' width='8'/>",
    ),
    '00:04.0': link(''),
    '00:05.0': '',
  };
  const devices = Object.entries(parts).map(([place, part]) => {
    const [, slot] = /:0(\d)/.exec(place) ?? [];
    return `<device><name>pci_0000_00_0${slot}_0</name><path>/sys/devices/pci0000:00/0000:${place}</path>
<parent>computer</parent><capability type='pci'><class>0x030201</class><domain>0</domain><bus>0</bus>
<slot>${slot}</slot><function>0</function><product id='0xfedc'/><vendor id='0x10de'/>${part}</capability></device>`;
  });
  const text = `<host><name>h</name>${devices.join('')}</host>`;
  const { folder, dispose } = temporaryFolder();
  try {
    const { root } = makeSimulatedHost(folder, text);
    for (const host of [createMemoryHost(text), new SysfsHost(root)]) {
      expect(host.hardware().items.map((device) => host.describeHardware(device))).toEqual(
        parseProfile(text).devices.filter(({ name }) => name !== 'computer'),
      );
    }
    const folderOf = `${folder}/sys/bus/pci/devices/0000:00:03.0`;
    expect(readFileSync(`${folderOf}/config`).subarray(0, 4)).toEqual(
      Buffer.from([0xde, 0x10, 0xdc, 0xfe]),
    );
    expect(readFileSync(`${folderOf}/uevent`, 'utf8')).toBe(
      'PCI_CLASS=30201\nPCI_ID=10DE:FEDC\nPCI_SUBSYS_ID=0000:0000\nPCI_SLOT_NAME=0000:00:03.0\n' +
        'MODALIAS=pci:v000010DEd0000FEDCsv00000000sd00000000bc03sc02i01\n',
    );
  } finally {
    dispose();
  }
});

const DEVICE = `<device><name>mtty_mtty</name><path>/sys/devices/virtual/mtty/mtty</path>
<parent>computer</parent><capability type='mdev_types'/></device>`;
const TYPE = `<type id='mtty-1'><deviceAPI>vfio-pci</deviceAPI></type>`;

/** A small profile with one part of it changed. */
function profileWith(
  change: Partial<Record<'name' | 'types' | 'card' | 'more' | 'device', string>>,
): string {
  const {
    name = '<name>x</name>',
    types = `<types name='t'>${TYPE}</types>`,
    device = DEVICE,
    card = `<card driver='mtty' types='t'>${device}</card>`,
    more = '',
  } = change;
  return `<host>${name}${types}${card}${more}</host>`;
}

describe('a profile', () => {
  it('may be as small as this', () => {
    const host = createMemoryHost(profileWith({}));
    const parent = host.parent('mtty');
    expect(parent && host.types(parent).items).toEqual([
      {
        id: 'mtty-1',
        name: undefined,
        deviceApi: 'vfio-pci',
        availableInstances: 24,
        description: undefined,
        files: [],
      },
    ]);
  });

  it.each([
    ['another root', '<hosts/>', 'not a <host>'],
    ['an unknown element', profileWith({ more: '<group/>' }), 'unknown <group>'],
    [
      'an unknown attribute',
      profileWith({}).replace('<host>', "<host x='1'>"),
      "unknown attribute 'x'",
    ],
    ['text', profileWith({ more: 'text' }), 'unknown text'],
    ['no name', profileWith({ name: '' }), 'no <name>'],
    ['two names', profileWith({ more: '<name>y</name>' }), 'two <name>'],
    ['an element in a name', profileWith({ name: '<name><b>x</b></name>' }), 'text only'],
    ['types without name', profileWith({ types: `<types>${TYPE}</types>` }), "no attribute 'name'"],
    ['no type', profileWith({ types: "<types name='t'/>" }), 'at least one <type>'],
    [
      'two lists of one name',
      profileWith({ more: `<types name='t'>${TYPE}</types>` }),
      'two lists',
    ],
    [
      'two types of one id',
      profileWith({ types: `<types name='t'>${TYPE}${TYPE}</types>` }),
      'two types',
    ],
    ['an unknown device API', profileWith({}).replace('vfio-pci', 'vfio-x'), "'vfio-x'"],
    [
      'a type that is no directory',
      profileWith({}).replace("'mtty-1'", "'mtty-/../x'"),
      'no directory',
    ],
    [
      'a type of another driver',
      profileWith({}).replace("'mtty-1'", "'mdpy-1'"),
      'no type of driver',
    ],
    [
      'an unknown driver',
      profileWith({}).replace("driver='mtty'", "driver='foo'"),
      "'foo' are not known",
    ],
    ['an unknown list', profileWith({}).replace("types='t'", "types='u'"), "no list of types 'u'"],
    ['a card without device', profileWith({ device: '' }), 'at least one <device>'],
    [
      'an unknown setting',
      profileWith({ device: `<setting name='a' value='1'/>${DEVICE}` }),
      "setting 'a'",
    ],
    ['two devices of one name', profileWith({ more: DEVICE }), "two devices 'mtty_mtty'"],
    [
      'a device without parent',
      profileWith({}).replace('<parent>computer</parent>', ''),
      'no <parent>',
    ],
    ['an unknown parent', profileWith({}).replace('>computer<', '>pci_x<'), "'pci_x'"],
    [
      'a path elsewhere',
      profileWith({}).replace('/sys/devices/virtual', '/etc'),
      'none below /sys/devices',
    ],
    [
      'a path that climbs',
      profileWith({}).replace('/virtual/mtty/', '/../../etc/'),
      'none below /sys/devices',
    ],
    ['a device without path', profileWith({}).replace(/<path>.*<\/path>/, ''), 'has a <path>'],
    [
      'an address that is not its path’s',
      profileWith({
        more: `<device><name>pci_0</name><path>/sys/devices/pci0000:00/0000:00:02.0</path>
          <parent>computer</parent><capability type='pci'><class>0x030000</class><domain>0</domain><bus>1</bus>
          <slot>2</slot><function>0</function><product id='0x1'/><vendor id='0x2'/></capability></device>`,
      }),
      'is not that of its path',
    ],
  ])('is refused with %s', (_, text, sentence) => {
    const { code, message, location } = errorOf(() => parseProfile(text, 'x.xml'));
    expect(code).toBe('profile-invalid');
    expect(message).toContain(sentence);
    expect(location?.file).toBe('x.xml');
  });
});

describe('a profile whose things stand in each other’s place', () => {
  const device = (name: string, path: string, parent: string): string =>
    `<device><name>${name}</name><path>/sys/devices/${path}</path><parent>${parent}</parent>
      <capability type='drm'><type>render</type></capability></device>`;
  const MTTY = 'virtual/mtty/mtty';

  it.each([
    ['a device and a file of its parent', device('a', `${MTTY}/uevent`, 'mtty_mtty')],
    ['a device and its parent’s types', device('a', `${MTTY}/mdev_supported_types`, 'mtty_mtty')],
    ['a device and one of VFIO’s files', device('a', 'virtual/misc/vfio/dev', 'computer')],
    [
      'two devices of one class',
      device('a', 'a/q/z', 'computer') + device('b', 'b/q/z', 'computer'),
    ],
  ])('is refused: %s', (_, more) => {
    const { code, message } = errorOf(() => createMemoryHost(profileWith({ more })));
    expect(code).toBe('profile-invalid');
    expect(message).toContain('stand at /sys/');
  });
});

function errorOf(operation: () => unknown): NodedevError {
  try {
    operation();
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
