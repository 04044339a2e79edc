import { describe, expect, it } from 'vitest';
import { oneBoardAndSeries, severalAtAll } from '../../../src/drivers/nvidia/vm-rules.ts';

const typesOf = (names: readonly string[]) => names.map((name) => ({ id: 'nvidia-1', name }));

describe('vGPUs of one VM: sizes may differ, board and series may not', () => {
  it.each([
    ['NVIDIA A40-48C', 'NVIDIA A40-16C', []],
    ['GRID M60-2Q', 'GRID M60-2Q', []],
    ['NVIDIA A30-8C', 'NVIDIA A16-8C', [1]],
    ['NVIDIA A40-8Q', 'NVIDIA A40-8C', [1]],
    ['a name of tomorrow', 'NVIDIA A40-8C', []],
  ])('%s and %s: %j', (first, second, conflicting) => {
    const types = typesOf([first, second]);
    expect(oneBoardAndSeries.conflicts(types).map(({ device }) => device)).toEqual(conflicting);
  });
});

describe('several vGPUs in one VM: of types that NVIDIA lists for it', () => {
  it.each([
    [['GRID M60-2Q'], undefined],
    [['GRID M60-8Q', 'GRID M60-8Q'], undefined],
    [
      ['GRID M60-8Q', 'GRID M60-4Q'],
      'of board M60, NVIDIA lists only M60-8Q for several vGPUs in a VM',
    ],
    [
      ['GRID P4-4Q', 'GRID P4-4Q'],
      'of board P4, NVIDIA lists only P4-8Q for several vGPUs in a VM',
    ],
    [['GRID P40-24C', 'GRID P40-24C'], undefined],
    [['GRID V100D-8Q', 'GRID V100D-8Q'], undefined],
    [['NVIDIA A100-4-20C', 'NVIDIA A100-2-10C'], undefined],
    [
      ['NVIDIA A40-1B', 'NVIDIA A40-1B'],
      'NVIDIA lists Q- and C-series types for several vGPUs in a VM, not A40-1B',
    ],
    [
      ['GRID T4-2A', 'GRID T4-2A', 'GRID T4-2A'],
      'NVIDIA lists Q- and C-series types for several vGPUs in a VM, not T4-2A',
    ],
    [['GRID P4-4Q', 'a name of tomorrow'], undefined],
  ])('%j: %s', (names, why) => {
    expect(severalAtAll.conflicts(typesOf(names))).toMatchObject(
      why === undefined ? [] : [{ device: 1, other: 0, why }],
    );
  });
});
