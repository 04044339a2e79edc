import { expect, it } from 'vitest';
import { formatTree } from '../../src/cli/device-tree.ts';
import type { ListedDevice } from '../../src/index.ts';

function device(name: string, parent?: string): ListedDevice {
  return { name, parent, capabilities: [], active: true, persistent: false };
}

it('prints what virsh 9.0.0 prints for the same tree', () => {
  const devices = [
    device('a'),
    device('b', 'a'),
    device('c', 'b'),
    device('d', 'a'),
    device('e', 'b'),
    device('f', 'e'),
  ];
  expect(formatTree(devices).split('\n')).toEqual([
    'a',
    '  |',
    '  +- b',
    '  |   |',
    '  |   +- c',
    '  |   +- e',
    '  |       |',
    '  |       +- f',
    '  |         ',
    '  +- d',
    '    ',
    '',
  ]);
});

it('puts a device whose parent is not listed at the top', () => {
  expect(formatTree([device('a', 'gone'), device('b', 'a')])).toBe('a\n  |\n  +- b\n    \n');
});

it('puts a device whose parent is not listed below the computer', () => {
  const devices = [device('gpu', 'bridge'), device('mdev', 'gpu'), device('computer')];
  expect(formatTree(devices).split('\n')).toEqual([
    'computer',
    '  |',
    '  +- gpu',
    '      |',
    '      +- mdev',
    '        ',
    '',
  ]);
});

it('ends a root without children with an empty line, as virsh does', () => {
  expect(formatTree([device('a'), device('b')])).toBe('a\n\nb\n\n');
});

it('takes names that are properties of every object', () => {
  expect(formatTree([device('constructor'), device('__proto__', 'constructor')])).toBe(
    'constructor\n  |\n  +- __proto__\n    \n',
  );
});
