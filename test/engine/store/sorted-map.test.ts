import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedMap } from '../../../src/engine/store/sorted-map.ts';

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
          } else if (call === 'delete') {
            map.delete(key);
            sorted.delete(key);
          } else sorted.range(key); // which puts its keys in order
          expect(sorted.get(key)).toBe(map.get(key));
        }
        for (const prefix of ['', 'a', 'a/', 'b', 'c', 'd']) {
          const expected = [...map].filter(([key]) => key.startsWith(prefix));
          expect(sorted.range(prefix)).toEqual(expected.toSorted(([a], [b]) => (a < b ? -1 : 1)));
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('keeps nothing of keys that come and go', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('memory cannot be measured here');
  const used = (): number => {
    Reflect.apply(collect, undefined, []);
    return process.memoryUsage().heapUsed;
  };
  const map = new SortedMap<number>();
  const before = used();
  for (let index = 0; index < 200_000; index++) {
    map.set(`a key of some length ${index}`, index);
    map.delete(`a key of some length ${index}`);
  }
  expect(used() - before).toBeLessThan(5_000_000);
  expect(map.range('')).toEqual([]);
});
