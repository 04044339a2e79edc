import { describe, expect, it } from 'vitest';
import { Fuse, managerOf, newWorld } from './fused-manager.ts';
import {
  FUNCTIONS,
  type Ground,
  MEDIATED,
  operationsOn,
  PEERS,
  peersOf,
  stateOf,
} from './operations.ts';

const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EROFS', 'ENODEV', 'ENOMEM'];
/** More than any operation has. */
const MOST = 60;

const CASES = [MEDIATED, PEERS, FUNCTIONS].flatMap((ground) =>
  operationsOn(ground).map((operation) => ({ ...operation, ground, of: ground.name })),
);
/** Of functions, the steps themselves are other ones; what a step's error is called makes no difference to them. */
const errnosOf = (ground: Ground): readonly string[] =>
  ground === MEDIATED ? ERRNOS : ['EIO', 'EBUSY'];

describe.each(CASES)('$name of $of', ({ before, run, ground }) => {
  it.each(
    errnosOf(ground).flatMap((errno) => [
      { errno, when: 'before', isLate: false },
      { errno, when: 'after', isLate: true },
    ]),
  )(
    'leaves the host as it was, whichever step fails with $errno $when its effect',
    async (fault) => {
      let steps = 0;
      for (let failing = 1; failing < MOST; failing++) {
        const fuse = new Fuse();
        const world = newWorld(fuse, ground.profile);
        const manager = managerOf(fuse, world);
        const look = async () => ({ ...(await stateOf(manager)), peers: peersOf(world.host) });
        await before(manager);
        const state = await look();
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
        const after = await look();
        expect(failed ? after : state).toEqual(state);
      }
      expect(steps).toBeGreaterThanOrEqual(4);
      expect(steps).toBeLessThan(MOST - 1);
    },
  );
});
