import { expect, it } from 'vitest';
import { nearMiss } from '../src/suggest.ts';

it.each([
  ['adress', ['address', 'alias'], 'address'],
  ['nvidia-81', ['nvidia-11', 'nvidia-18'], 'nvidia-18'],
  ['PCI_0000_86_00_0', ['pci_0000_86_00_0'], 'pci_0000_86_00_0'],
  ['mtty', ['nvidia-11'], undefined],
  ['x', [], undefined],
  ['', ['a'], undefined],
  ['a', ['b', 'ab', 'A'], 'A'],
  ['a', ['b', 'ab'], undefined],
  ['ls', ['lsp'], 'lsp'],
])('%s in %j is %s', (written, candidates, expected) => {
  expect(nearMiss(written, candidates)).toBe(expected);
});
