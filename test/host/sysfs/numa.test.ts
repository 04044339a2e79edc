import { expect, it } from 'vitest';
import { readNumaNodes } from '../../../src/host/sysfs/numa.ts';
import { formatNumberSet, readNumberSet } from '../../../src/host/sysfs/number-set.ts';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { directoryName, file } from '../../../src/host/tree.ts';

it.each([
  ['', []],
  ['0', [0]],
  ['0-3,8\n', [0, 1, 2, 3, 8]],
  [' 4 , 2-3 ', [2, 3, 4]],
  ['0-4,^2', [0, 1, 3, 4]],
  ['^2,0-4', [0, 1, 3, 4]],
  ['1,1', [1]],
  ['3-1', undefined],
  ['0-99999', undefined],
  ['a', undefined],
  ['1,,2', undefined],
  ['-1', undefined],
])('%j is the set %j', (text, expected) => {
  const numbers = readNumberSet(text);
  expect(numbers).toEqual(expected);
  expect(readNumberSet(formatNumberSet(numbers ?? []))).toEqual(numbers ?? []);
});

it('reads the nodes of a tree by number, and leaves out what is none', () => {
  const tree = new MemoryTree();
  const files = { node10: '4-7\n', node2: '0-3\n', node3: '\n', nodeX: '9\n', node4: 'many\n' };
  for (const [name, text] of Object.entries(files)) {
    const path = `/sys/devices/system/node/${name}/cpulist`;
    tree.ensureDirectory(directoryName(path));
    tree.plant(path, file(text));
  }
  expect(readNumaNodes(tree)).toEqual([
    { id: 2, cpus: [0, 1, 2, 3] },
    { id: 3, cpus: [] },
    { id: 10, cpus: [4, 5, 6, 7] },
  ]);
  expect(readNumaNodes(new MemoryTree())).toEqual([]);
});
