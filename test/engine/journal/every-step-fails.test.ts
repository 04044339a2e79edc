import { describe, expect, it } from 'vitest';
import { Fuse, managerOf, newWorld } from './fused-manager.ts';
import { OPERATIONS, stateOf } from './operations.ts';

const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EROFS', 'ENODEV', 'ENOMEM'];
/** More than any operation has. */
const MOST = 60;

describe.each(OPERATIONS)('$name', ({ before, run }) => {
  it.each(
    ERRNOS.flatMap((errno) => [
      { errno, when: 'before', isLate: false },
      { errno, when: 'after', isLate: true },
    ]),
  )(
    'leaves the host as it was, whichever step fails with $errno $when its effect',
    async (fault) => {
      let steps = 0;
      for (let failing = 1; failing < MOST; failing++) {
        const fuse = new Fuse();
        const manager = managerOf(fuse, newWorld(fuse));
        await before(manager);
        const state = await stateOf(manager);
        Object.assign(fuse, { ...fault, left: failing });
        const failed = await run(manager).then(
          () => false,
          () => true,
        );
        const burnt = fuse.left <= 0;
        fuse.left = Infinity;
        if (!burnt) break;
        steps += 1;
        // What fails only after the store has kept the change does not fail the operation.
        const after = await stateOf(manager);
        expect(failed ? after : state).toEqual(state);
      }
      expect(steps).toBeGreaterThanOrEqual(4);
      expect(steps).toBeLessThan(MOST - 1);
    },
  );
});
