import { describe, expect, it } from 'vitest';
import type { CardType } from '../../../src/drivers/driver.ts';
import { describedTypes } from '../../../src/drivers/described-types.ts';
import { nvidia } from '../../../src/drivers/nvidia/driver.ts';
import { functionFiles } from '../../../src/drivers/nvidia/function-files.ts';

const described = (name: string, others: readonly string[] = []): string | undefined => {
  const types = [name, ...others].map((each, index): CardType => {
    return { id: `nvidia-${index + 1}`, name: `NVIDIA ${each}`, deviceApi: 'vfio-pci' };
  });
  return describedTypes(nvidia, types, new Map())[0]?.description;
};

describe('what a type of a function is', () => {
  it.each([
    // 141 GiB hold 17 of 8
    ['H200X-8C', [], 'framebuffer=8192M, max_instance=16, max_instance_mixed=16'],
    ['H200X-1-18CME', [], 'framebuffer=18432M, max_instance=1'],
    ['H100-1-10C', [], 'framebuffer=10240M, max_instance=7'],
    ['H100-80C', [], 'framebuffer=81920M, max_instance=1, max_instance_mixed=1'],
    ['H100XM-16C', [], 'framebuffer=16384M, max_instance=5, max_instance_mixed=4'],
    ['H100L-6C', [], 'framebuffer=6144M, max_instance=15, max_instance_mixed=8'],
    ['H800L-4C', [], 'framebuffer=4096M, max_instance=23, max_instance_mixed=16'],
    ['H100XS-4C', [], 'framebuffer=4096M, max_instance=16, max_instance_mixed=16'],
    ['L40S-3B', ['L40S-48Q'], 'framebuffer=3072M, max_instance=16'],
    ['L40S-0B', ['L40S-48Q'], 'framebuffer=512M, max_instance=96'],
    ['B200-1-23C', ['B200-180C'], 'framebuffer=23552M'], // no table says how many instances
    ['something else', [], undefined],
  ])('%s', (name, others, expected) => {
    expect(described(name, others)).toBe(expected);
  });
});

it.each([
  ['ID    : vGPU Name\n1155  : NVIDIA L40S-24Q  \n', [[1155, 'NVIDIA L40S-24Q']]],
  ['1155 NVIDIA L40S-24Q\n', [[1155, 'NVIDIA L40S-24Q']]],
  ['NVIDIA L40S-24Q 1155\n', [[1155, 'NVIDIA L40S-24Q']]],
  // As the list of a real L40S is padded; a blank before the end of a line; other ends of lines.
  ['ID    : vGPU Name\n  594 : NVIDIA A10-6Q \r\n', [[594, 'NVIDIA A10-6Q']]],
  ['vGPU Name   ID\nNVIDIA A40-2Q   558\n', [[558, 'NVIDIA A40-2Q']]],
  [
    'ID    : vGPU Name\n1561  : NVIDIA RTX Pro 6000 Blackwell DC-1-24Q\n',
    [[1561, 'NVIDIA RTX Pro 6000 Blackwell DC-1-24Q']],
  ],
  ['1145:NVIDIA L40S-1B', [[1145, 'NVIDIA L40S-1B']]],
  ['1 : a : b\n', [[1, 'a : b']]],
  ['ID    : vGPU Name\n', []],
  ['0     : nothing\n', []],
  [
    '1154  : \n1155  :\n : 1156\n',
    [
      [1154, undefined],
      [1155, undefined],
    ],
  ],
  ['', []],
])('%j lists %j', (text, expected) => {
  expect(functionFiles.parse(text).map(({ number, name }) => [number, name])).toEqual(expected);
});
