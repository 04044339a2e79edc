import { describe, expect, it } from 'vitest';
import { generic } from '../../../src/drivers/generic/driver.ts';
import { driverForType, profileDriver } from '../../../src/drivers/registry.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { parseProfile } from '../../../src/host/simulated/parse-profile.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { devicesOf, filesOf, left, repeat, uuid } from '../cards.ts';

const types = [
  { id: 'a', deviceApi: 'vfio-pci', instances: 2 },
  { id: 'b', deviceApi: 'vfio-pci', instances: 8 },
  { id: 'none', deviceApi: 'vfio-pci', instances: 0 },
];
const cardWith = (counter: string, devices: readonly string[]) => ({
  parents: ['parent', 'other'],
  types,
  devices: devicesOf(devices),
  settings: { counter },
});

it.each([
  ['parent', [], [2, 8, 0], [2, 8, 0]],
  ['parent', ['a'], [1, 4, 0], [2, 8, 0]],
  ['parent', ['b'], [1, 7, 0], [2, 8, 0]],
  ['parent', repeat('b', 5), [0, 3, 0], [2, 8, 0]],
  ['type', ['a', ...repeat('b', 8)], [1, 0, 0], [2, 8, 0]],
  ['shared', ['a', 'b@other'], [0, 3, 0], [0, 3, 0]],
  ['shared', ['a', 'a@other'], [0, 0, 0], [0, 0, 0]],
  ['shared', ['unheard-of'], [2, 8, 0], [2, 8, 0]],
])('counter %s with %j', (counter, devices, here, there) => {
  const card = cardWith(counter, devices);
  expect(left(generic, card)).toEqual(here);
  expect(left(generic, card, 'other')).toEqual(there);
});

it('counts without a rounding error', () => {
  const many = [7, 11, 13, 24, 48, 999_999].map((instances) => ({
    id: `of-${instances}`,
    deviceApi: 'vfio-pci',
    instances,
  }));
  for (const { id, instances } of many) {
    for (const used of [1, Math.floor(instances / 3), instances - 1, instances]) {
      const devices = devicesOf(repeat(id, Math.min(used, 50)));
      const card = { parents: ['parent'], types: many, devices, settings: {} };
      const count = left(generic, card)[many.findIndex((type) => type.id === id)];
      expect(count).toBe(instances - devices.length);
    }
  }
});

it('is for profiles only: a real host has rules for its own vendors', () => {
  expect(profileDriver('generic')).toBe(generic);
  expect(driverForType('generic-1')).toBeUndefined();
});

it('has the attributes of its types, which keep what is written', () => {
  const host = createMemoryHost(readSampleProfile('generic'));
  const [parent] = host.parents().items;
  if (parent === undefined) throw new Error('no parent');
  host.create(parent, 'acme-eighth', uuid(1));
  const device = host.find(uuid(1));
  if (device === undefined) throw new Error('no device');
  expect(host.details(device).attributes).toEqual(['acme/priority']);
  expect(host.readAttribute(device, 'acme/priority')).toBe('normal');
  host.setAttribute(device, 'acme/priority', 'high');
  expect(host.readAttribute(device, 'acme/priority')).toBe('high');
  expect(filesOf(generic, types[0])).toEqual([]);
});

describe('a profile', () => {
  const profile = (type: string, driver = 'generic'): string =>
    `<host><name>p</name><types name='t'><type id='mtty-1'><deviceAPI>vfio-pci</deviceAPI>${type}</type></types>
<card driver='${driver}' types='t'><device><name>mtty_mtty</name><path>/sys/devices/virtual/mtty/mtty</path><parent>computer</parent><capability type='mdev_types'/></device></card></host>`;
  const instances = '<availableInstances>3</availableInstances>';

  it('may have types of a known vendor with counts of its own', () => {
    const { cards } = parseProfile(profile(instances));
    expect(cards.map(({ types: [type] }) => type?.instances)).toEqual([3]);
  });

  it.each([
    ['', 'generic', "Type 'mtty-1' has no <availableInstances>, which driver 'generic' needs"],
    [instances, 'mtty', "The rules of driver 'mtty' say what type 'mtty-1' says"],
    ["<attr name='a' value=''/>", 'mtty', "The rules of driver 'mtty' say what type 'mtty-1' says"],
    ['<availableInstances>1e3</availableInstances>', 'generic', "is '1e3', but takes a decimal"],
    ['<availableInstances>1000000</availableInstances>', 'generic', 'up to 999999'],
    ...['../remove', 'a/b/c', 'remove', 'driver/unbind', '.x', ''].map((name) => [
      `${instances}<attr name='${name}' value='x'/>`,
      'generic',
      name === '' ? "no attribute 'name'" : `'${name}' can be no attribute of a device`,
    ]),
    [
      `${instances}<attr name='a' value=''/><attr name='a/b' value=''/>`,
      'generic',
      "Two things would be at 'a'",
    ],
    [
      `${instances}<attr name='a' value=''/><attr name='a' value=''/>`,
      'generic',
      "Two things would be at 'a'",
    ],
  ])('with %s for %s is refused', (type = '', driver, message) => {
    expect(() => parseProfile(profile(type, driver))).toThrow(message);
  });
});
