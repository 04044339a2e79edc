import { expect, it } from 'vitest';
import { followLinks } from '../../src/host/follow-links.ts';
import { MemoryTree } from '../../src/host/memory-tree.ts';
import { directoryName, file, link } from '../../src/host/tree.ts';

const tree = new MemoryTree();
for (const [path, branch] of [
  ['/a/b/file', file('')],
  ['/absolute', link('/a/b')],
  ['/a/up', link('../a/b/file')],
  ['/a/out', link('../../../a/b')],
  ['/chain', link('absolute/file')],
  ['/parent', link('absolute/..')],
  ['/loop', link('loop')],
  ['/dangling', link('nowhere')],
] as const) {
  tree.ensureDirectory(directoryName(path));
  tree.plant(path, branch);
}

it.each([
  ['/', '/'],
  ['/a/b/file', '/a/b/file'],
  ['/absolute/file', '/a/b/file'],
  ['/a/up', '/a/b/file'],
  ['/a/out/file', '/a/b/file'],
  ['/chain', '/a/b/file'],
  ['/parent/b', '/a/b'],
  ['/loop', undefined],
  ['/dangling', undefined],
  ['/nothing', undefined],
])('%s leads to %s', (path, end) => {
  expect(followLinks(tree, path)).toBe(end);
});
