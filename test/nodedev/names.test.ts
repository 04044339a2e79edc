import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  mdevName,
  nodeDeviceName,
  nodeDeviceSuffix,
  parseMdevName,
} from '../../src/nodedev/names.ts';

const UUID = '4b20d080-1b54-4048-85b3-a6a62d165c01';
const UNDERSCORED = '4b20d080_1b54_4048_85b3_a6a62d165c01';

it.each([
  ['pci', '0000:86:00.0', 'pci_0000_86_00_0'],
  ['css', '0.0.0052', 'css_0_0_0052'],
  ['mtty', 'mtty', 'mtty_mtty'],
  ['mdpy', 'mdpy', 'mdpy_mdpy'],
  ['ccwgroup', '0.0.bd00', 'ccwgroup_0_0_bd00'],
])('names %s %s as libvirt does', (subsystem, sysname, name) => {
  expect(nodeDeviceName(subsystem, sysname)).toBe(name);
});

it.each([
  ['0000:00:05.0', `mdev_${UNDERSCORED}_0000_00_05_0`],
  ['0.0.0052', `mdev_${UNDERSCORED}_0_0_0052`],
  ['matrix', `mdev_${UNDERSCORED}_matrix`],
])('names a mediated device on %s as libvirt does', (parent, name) => {
  expect(mdevName(UUID, parent)).toBe(name);
});

it.each([
  [`mdev_${UNDERSCORED}_0000_00_05_0`, { uuid: UUID, parentSuffix: '0000_00_05_0' }],
  [`mdev_${UUID}_matrix`, { uuid: UUID, parentSuffix: 'matrix' }],
  [`mdev_${UNDERSCORED}`, { uuid: UUID }],
  [`mdev_${UUID}`, { uuid: UUID }],
  [`mdev_${UNDERSCORED.toUpperCase()}`, { uuid: UUID }],
  [UUID, { uuid: UUID }],
  [UUID.replaceAll('-', '').toUpperCase(), { uuid: UUID }],
])('reads %s', (name, expected) => {
  expect(parseMdevName(name)).toEqual(expected);
});

it.each([
  'pci_0000_86_00_0',
  'my-vgpu',
  'mdev_',
  `mdev_${UNDERSCORED}_`,
  `mdev_${UNDERSCORED}x`,
  `mdev_${UUID.replaceAll('-', '')}_0000_00_05_0`,
  `mdev_${UNDERSCORED.slice(1)}_0000_00_05_0`,
])('does not take %s for a mediated device', (name) => {
  expect(parseMdevName(name)).toBeUndefined();
});

it('reads every name it makes', () => {
  const sysname = fc.stringMatching(/^[A-Za-z0-9:.]{1,20}$/);
  fc.assert(
    fc.property(fc.uuid(), sysname, (uuid, parent) => {
      const parentSuffix = nodeDeviceSuffix(parent);
      expect(parseMdevName(mdevName(uuid, parent))).toEqual({ uuid, parentSuffix });
    }),
  );
});
