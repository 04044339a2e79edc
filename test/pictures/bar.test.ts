import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadBar, typeBar } from '../../src/pictures/bar.ts';
import { percent } from '../../src/pictures/labels.ts';

it.each([
  [{ used: 2, free: 14, maximum: 16 }, 16, 'used 2, free 14'],
  [{ used: 0, free: 2, maximum: 4 }, 12, 'free 6, taken 6'],
  [{ used: 1, free: 65_534, maximum: 65_536 }, 12, 'used 1, free 10, taken 1'],
  [{ used: 1, free: 0, maximum: 1 }, 12, 'used 12'],
  [{ used: 3, free: 1, maximum: undefined }, 12, 'used 9, free 3'],
  [{ used: 0, free: 0, maximum: 8 }, 12, 'taken 12'],
  [{ used: 0, free: 0, maximum: 0 }, 12, ''],
])('%j in %i', (counts, length, expected) => {
  const bar = typeBar({ ...counts, confidence: 'exact' }, length);
  expect(bar.map(([part, own]) => `${part} ${own}`).join(', ')).toBe(expected);
});

it('fills its length, and shows whatever there is', () => {
  const count = fc.nat(100_000);
  fc.assert(
    fc.property(
      count,
      count,
      count,
      fc.integer({ min: 3, max: 200 }),
      (used, free, maximum, length) => {
        const bar = typeBar({ used, free, maximum, confidence: 'exact' }, length);
        const total = bar.reduce((sum, [, own]) => sum + own, 0);
        expect(total).toBe(used + free + maximum === 0 ? 0 : length);
        expect(bar.filter(([, own]) => own < 1)).toEqual([]);
        expect(bar.some(([part]) => part === 'used')).toBe(used > 0);
        expect(bar.some(([part]) => part === 'free')).toBe(free > 0);
      },
    ),
  );
});

it.each([
  [0, '0 %', 'free 10'],
  [0.001, '<1 %', 'used 1, free 9'],
  [0.5, '50 %', 'used 5, free 5'],
  [0.999, '99 %', 'used 9, free 1'],
  [1, '100 %', 'used 10'],
])('a load of %d', (load, label, bar) => {
  expect(percent(load)).toBe(label);
  expect(
    loadBar(load, 10)
      .map(([part, own]) => `${part} ${own}`)
      .join(', '),
  ).toBe(bar);
});
