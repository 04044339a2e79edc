import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedMap } from '../../src/engine/sorted-map.ts';

const keys = fc.constantFrom('', 'a', 'a/', 'a/b', 'a/c', 'b', 'b/1', 'b/2', 'ba', 'c');

it('has what a map has, in the order of the keys', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('set', 'delete', 'range'), keys, fc.nat(9)), {
        maxLength: 40,
      }),
      (calls) => {
        const map = new Map<string, number>();
        const sorted = new SortedMap<number>();
        for (const [call, key, value] of calls) {
          if (call === 'set') {
            map.set(key, value);
            sorted.set(key, value);
          }
          if (call === 'delete') {
            map.delete(key);
            sorted.delete(key);
          }
          const expected = [...map].filter(([each]) => each.startsWith(key)).toSorted();
          if (call === 'range') expect(sorted.range(key)).toEqual(expected);
          expect(sorted.get(key)).toBe(map.get(key));
        }
      },
    ),
    { numRuns: 300 },
  );
});
