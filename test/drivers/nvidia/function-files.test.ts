import { describe, expect, it } from 'vitest';
import { functionFiles } from '../../../src/drivers/nvidia/function-files.ts';

const described = (name: string, others: readonly string[] = []): string | undefined => {
  const [type = { number: 1 }, ...all] = [name, ...others].map((each, index) => {
    return { number: index + 1, name: `NVIDIA ${each}` };
  });
  return functionFiles.describe(type, [type, ...all]);
};

describe('what a type of a function is', () => {
  it.each([
    ['H200X-8C', [], 'framebuffer=8192M, max_instance=16'], // 141 GiB hold 17 of 8
    ['H200X-1-18CME', [], 'framebuffer=18432M, max_instance=1'],
    ['H100-1-10C', [], 'framebuffer=10240M, max_instance=7'],
    ['H100-80C', [], 'framebuffer=81920M, max_instance=1'],
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
  ['ID    : vGPU Name\n', []],
  ['0     : nothing\n', []],
  ['', []],
])('%j lists %j', (text, expected) => {
  expect(functionFiles.parse(text).map(({ number, name }) => [number, name])).toEqual(expected);
});
