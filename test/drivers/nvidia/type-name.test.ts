import { describe, expect, it } from 'vitest';
import { type NvidiaTypeName, parseNvidiaTypeName } from '../../../src/drivers/nvidia/type-name.ts';
import { a40, m60, t4 } from './types.ts';

/** What a name says that this test knows to be one. */
function profile(name: string): NvidiaTypeName {
  const parsed = parseNvidiaTypeName(name);
  if (!parsed) throw new Error(`${name} does not parse`);
  return parsed;
}

describe('parseNvidiaTypeName', () => {
  it.each([
    ['GRID M60-2Q', 'M60-2Q', 'M60', undefined, 2, 'Q', undefined],
    ['GRID M60-0B', 'M60-0B', 'M60', undefined, 0, 'B', undefined],
    ['GRID M60-2B4', 'M60-2B4', 'M60', undefined, 2, 'B', '4'],
    ['NVIDIA A40-48C', 'A40-48C', 'A40', undefined, 48, 'C', undefined],
    ['M60-8A', 'M60-8A', 'M60', undefined, 8, 'A', undefined],
    ['NVIDIA RTX6000-Ada-24Q', 'RTX6000-Ada-24Q', 'RTX6000-Ada', undefined, 24, 'Q', undefined],
    ['NVIDIA H200X-1-18C', 'H200X-1-18C', 'H200X', 1, 18, 'C', undefined],
    ['NVIDIA H100-1-10C-ME', 'H100-1-10C-ME', 'H100', 1, 10, 'C', 'ME'],
    [
      'NVIDIA RTX Pro 6000 Blackwell DC-1-24Q+GFX',
      'RTX Pro 6000 Blackwell DC-1-24Q+GFX',
      'RTX Pro 6000 Blackwell DC',
      1,
      24,
      'Q',
      'GFX',
    ],
    ['NVIDIA A100-1-5CME', 'A100-1-5CME', 'A100', 1, 5, 'C', 'ME'],
  ])('%s', (name, shortName, board, slices, size, series, variant) => {
    expect(parseNvidiaTypeName(name)).toEqual({ shortName, board, slices, size, series, variant });
  });

  it.each([
    '',
    'GVTg_V5_4',
    'M60',
    'M60-Q',
    'M60-2',
    'M60-2X',
    'GRID -2Q',
    'mdpy-hd',
    'M60-2Q\nM60-4Q',
  ])('%j is none', (name) => {
    expect(parseNvidiaTypeName(name)).toBeUndefined();
  });

  it('reads every name in the tables, and its size is the framebuffer’s', () => {
    const wrong = [...m60, ...t4, ...a40].filter((type) => {
      const { size } = profile(type.name ?? '');
      return !type.description?.includes(`framebuffer=${size === 0 ? 512 : size * 1024}M`);
    });
    expect(wrong).toEqual([]);
  });
});
