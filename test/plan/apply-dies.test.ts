import { expect, it } from 'vitest';
import type { Issue } from '../../src/errors.ts';
import { withPlanning } from '../../src/plan/planner.ts';
import { Fuse, managerOf, newWorld } from '../engine/fused-manager.ts';
import { uuidOf } from './hosts.ts';
import { wishXml } from './planned-host.ts';

const GPU = '0000:86:00.0';
const small = (uuid: string): string => wishXml({ uuid, parent: GPU, type: 'nvidia-18' });
const large = wishXml({ uuid: uuidOf(3), parent: GPU, type: 'nvidia-22' });
/** More changes than this plan makes. */
const MOST = 60;

it('a process that dies at whichever step leaves a host on which the plan can be made again', async () => {
  const told = new Set<string>();
  let deaths = 0;
  for (; deaths < MOST; deaths++) {
    const fuse = new Fuse();
    const world = newWorld(fuse);
    const dying = withPlanning(managerOf(fuse, world));
    await dying.create(small(uuidOf(1)));
    await dying.create(small(uuidOf(2)));
    const plan = await dying.plan(large, { prune: true });
    Object.assign(fuse, { left: deaths + 1, isDeadly: true });
    await dying.apply(plan).catch(() => undefined);
    const died = fuse.left <= 0;
    Object.assign(fuse, { left: Infinity, isDeadly: false });
    if (!died) break;
    const report = ({ message }: Issue): unknown => told.add(message.replace(/:.*/, ''));
    const planner = withPlanning(managerOf(new Fuse(), world, report));
    await planner.recover();
    await planner.apply(await planner.plan(large, { prune: true }));
    expect(world.host.devices().items.map(({ type }) => type)).toEqual(['nvidia-22']);
    expect((await planner.plan(large, { prune: true })).actions).toEqual([]);
  }
  expect(deaths).toBeGreaterThan(8);
  expect(deaths).toBeLessThan(MOST);
  expect(told).toContain(
    'an interrupted apply has ended what it was to end and nothing else; apply it again',
  );
});
