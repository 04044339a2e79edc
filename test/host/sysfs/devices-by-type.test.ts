import { expect, it } from 'vitest';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { MANY_DEVICES } from '../../../src/host/sysfs/devices-by-type.ts';
import { SysfsReader } from '../../../src/host/sysfs/reader.ts';
import { directory, link } from '../../../src/host/tree.ts';

const PARENTS = ['0000:41:00.0', '0000:42:00.0'];
const TYPES = ['nvidia-11', 'nvidia-18'];
const BUS = '/sys/bus/mdev/devices';

const pathOf = (parent: string): string => `/sys/devices/pci0000:00/${parent}`;
const uuidOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A host with this many devices, laid out as the kernel does. Counts the links that are read. */
class CountingTree extends MemoryTree {
  links = 0;

  constructor(count: number) {
    super();
    this.ensureDirectory(BUS);
    this.ensureDirectory('/sys/class/mdev_bus');
    for (const parent of PARENTS) {
      for (const type of TYPES) {
        this.ensureDirectory(`${pathOf(parent)}/mdev_supported_types/${type}/devices`);
      }
      this.plant(`/sys/class/mdev_bus/${parent}`, link(`../../devices/pci0000:00/${parent}`));
    }
    for (let index = 0; index < count; index += 1) {
      const parent = PARENTS[index % 2] ?? '';
      const type = TYPES[index % 3 === 0 ? 0 : 1] ?? '';
      const uuid = uuidOf(index);
      const device = `${pathOf(parent)}/${uuid}`;
      this.plant(device, directory([['mdev_type', link(`../mdev_supported_types/${type}`)]]));
      this.plant(`${BUS}/${uuid}`, link(`../../..${device.slice('/sys'.length)}`));
      this.plant(this.byType(index), link(`../../../${uuid}`));
    }
  }

  byType(index: number): string {
    const type = TYPES[index % 3 === 0 ? 0 : 1] ?? '';
    return `${pathOf(PARENTS[index % 2] ?? '')}/mdev_supported_types/${type}/devices/${uuidOf(index)}`;
  }

  override readLink(path: string): string {
    this.links += 1;
    return super.readLink(path);
  }
}

it('lists many devices as it finds each, but reads none of their links', () => {
  const tree = new CountingTree(MANY_DEVICES);
  const reader = new SysfsReader(tree);
  const { items, unreadable } = reader.devices();
  expect(tree.links).toBeLessThanOrEqual(2 * PARENTS.length); // a parent and its subsystem
  expect(unreadable).toEqual([]);
  expect(items).toHaveLength(MANY_DEVICES);
  expect(items).toEqual(items.map(({ ref }) => reader.find(ref.uuid)));
  const [parent] = reader.parents().items;
  expect(reader.devices(parent).items).toEqual(
    items.filter(({ ref }) => ref.parent === parent?.address),
  );
});

it('reads the links of few devices, and no directory of a type', () => {
  const tree = new CountingTree(MANY_DEVICES - 1);
  expect(new SysfsReader(tree).devices().items).toHaveLength(MANY_DEVICES - 1);
  expect(tree.links).toBe(2 * (MANY_DEVICES - 1));
});

it('lists what the bus has: neither more nor less than that', () => {
  const tree = new CountingTree(MANY_DEVICES + 4);
  tree.prune(`${BUS}/${uuidOf(0)}`); // is being removed
  tree.prune(tree.byType(1)); // is read by its links
  tree.prune(tree.byType(2));
  tree.prune(`${pathOf('0000:41:00.0')}/${uuidOf(2)}`); // its link leads nowhere
  tree.plant(`${BUS}/not-a-uuid`, link('../../../devices/x/not-a-uuid'));
  const reader = new SysfsReader(tree);
  const { items, unreadable } = reader.devices();
  const uuids = new Set(items.map(({ ref }) => ref.uuid));
  expect([0, 1, 2, 3].map((index) => uuids.has(uuidOf(index)))).toEqual([false, true, false, true]);
  expect(items).toHaveLength(MANY_DEVICES + 2);
  expect(unreadable.map(({ errno, path }) => `${errno} ${path}`).toSorted()).toEqual([
    `EBADMSG ${BUS}/not-a-uuid`,
    `ENOENT ${pathOf('0000:41:00.0')}/${uuidOf(2)}/mdev_type`,
  ]);
});
