import { expect, it } from 'vitest';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { describeComputer, DMI } from '../../../src/host/sysfs/computer.ts';
import { type Branch, directory, file } from '../../../src/host/tree.ts';
import { formatNodeDevice, parseNodeDevice } from '../../../src/index.ts';

const NIL = '00000000-0000-0000-0000-000000000000';

function treeWith(entries: readonly (readonly [string, Branch])[]): MemoryTree {
  const tree = new MemoryTree();
  tree.ensureDirectory('/sys/devices/virtual/dmi');
  tree.plant(DMI, directory(entries));
  return tree;
}

it('returns what the firmware says', () => {
  const tree = treeWith([
    ['product_name', file('R740\n')],
    ['product_uuid', file('4C4C4544-0051-3810-8052-B4C04F4E4D32\n', 0o400)],
    ['bios_date', file('04/01/2014\n')],
  ]);
  expect(describeComputer(tree).capabilities).toMatchObject([
    {
      kind: 'system',
      product: 'R740',
      hardware: { uuid: '4c4c4544-0051-3810-8052-b4c04f4e4d32' },
      firmware: { releaseDate: '04/01/2014' },
    },
  ]);
});

it('returns the rest when it must not read the uuid', () => {
  const tree = treeWith([
    ['product_name', file('R740\n')],
    ['product_uuid', file('4c4c4544-0051-3810-8052-b4c04f4e4d32\n', 0o200)],
  ]);
  expect(describeComputer(tree).capabilities).toMatchObject([
    { product: 'R740', hardware: { uuid: NIL } },
  ]);
});

it('is a node device that can be read also without DMI', () => {
  const computer = describeComputer(new MemoryTree());
  const read = parseNodeDevice(formatNodeDevice(computer, { dialect: 'libvirt' }));
  expect(read.capabilities).toMatchObject([{ kind: 'system', hardware: { uuid: NIL } }]);
});
