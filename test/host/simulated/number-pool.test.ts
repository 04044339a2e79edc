import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberPool } from '../../../src/host/simulated/number-pool.ts';

it('gives the lowest free number, whatever was taken and released', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.oneof(fc.nat(100), fc.nat())), { maxLength: 200 }),
      (steps) => {
        const pool = new NumberPool();
        const taken = new Set<number>();
        for (const [isTaking, number] of steps) {
          const lowest = pool.lowest();
          if (isTaking) {
            pool.take(lowest);
            taken.add(lowest);
            pool.take(number);
            taken.add(number);
          } else {
            pool.release(number);
            taken.delete(number);
          }
          let free = 0;
          while (taken.has(free)) free += 1;
          expect(pool.lowest()).toBe(free);
        }
      },
    ),
  );
});
