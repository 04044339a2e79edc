import { expect, it } from 'vitest';
import type { Issue } from '../../src/errors.ts';
import { withPlanning } from '../../src/plan/connection.ts';
import { Fuse, managerOf, newWorld } from '../engine/journal/fused-manager.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';
import { domainXml, wishXml } from './planned-host.ts';

const GPU = '0000:86:00.0';
const small = (uuid: string): string =>
  wishXml({
    uuid,
    name: `old-${uuid}`,
    parent: GPU,
    type: 'nvidia-18',
    group: 'old',
    params: 'x=1',
  });
const large = wishXml({ uuid: uuidOf(3), parent: GPU, type: 'nvidia-22', group: 'new' });
/** The first of those that are there, of another type. */
const changed = wishXml({ uuid: uuidOf(1), parent: GPU, type: 'nvidia-22', group: 'old' });
/** A device that comes back is the last of its group. */
const inAnyOrder = ({ groups, ...rest }: State): object => ({
  ...rest,
  groups: groups.map((group) => ({
    ...group,
    members: group.members.toSorted((one, other) => (one.uuid < other.uuid ? -1 : 1)),
  })),
});
type State = Awaited<ReturnType<typeof stateOf>>;
/** What each device was created with, as the host has it. */
const paramsOf = ({ host }: ReturnType<typeof newWorld>): readonly string[] =>
  host.devices().items.map((device) => host.readAttribute(device, 'nvidia/vgpu_params'));
/** More changes than any of these plans makes. */
const MOST = 60;

it.each([
  ['makes room for another device', large, {}],
  ['makes a device anew, of another type', changed, {}],
  ['makes a persistent device anew', changed, { define: true }],
  ['makes a device anew for its domain', [changed, domainXml('vm1', [uuidOf(1)])], {}],
  [
    'makes a persistent device anew for its domain',
    [changed, domainXml('vm1', [uuidOf(1)])],
    { define: true },
  ],
])(
  'a plan that %s is done or undone as a whole, whenever its process dies',
  async (_, wish, options) => {
    const asked = { ...options, prune: true };
    const told = new Set<string>();
    const outcomes = { nothing: 0, all: 0 };
    let deaths = 0;
    for (; deaths < MOST; deaths++) {
      const fuse = new Fuse();
      const world = newWorld(fuse);
      const dying = withPlanning(managerOf(fuse, world));
      for (const uuid of [uuidOf(1), uuidOf(2)]) {
        if ('define' in options) await dying.define(small(uuid), { autostart: true });
        await ('define' in options ? dying.start(uuid) : dying.create(small(uuid)));
      }
      if (Array.isArray(wish)) await dying.claim('old', { name: 'vm1' });
      const before = await stateOf(dying);
      const params = paramsOf(world);
      const plan = await dying.plan(wish, asked);
      Object.assign(fuse, { left: deaths + 1, isDeadly: true });
      await dying.apply(plan).catch(() => undefined);
      const died = fuse.left <= 0;
      Object.assign(fuse, { left: Infinity, isDeadly: false });
      if (!died) break;
      const report = ({ message }: Issue): unknown => told.add(message.replace(/:.*/, ''));
      const connection = withPlanning(managerOf(new Fuse(), world, report));
      await connection.recover();
      const left = (await connection.plan(wish, asked)).actions;
      const isDone = left.length === 0;
      outcomes[isDone ? 'all' : 'nothing'] += 1;
      const after = isDone ? before : await stateOf(connection);
      expect(inAnyOrder(after)).toEqual(inAnyOrder(before));
      expect(isDone ? params : paramsOf(world)).toEqual(params);
      await connection.apply(await connection.plan(wish, asked));
      expect(world.host.devices().items.map(({ type }) => type)).toEqual(['nvidia-22']);
      expect((await connection.plan(wish, asked)).actions).toEqual([]);
    }
    expect(deaths).toBeLessThan(MOST);
    expect(outcomes.nothing).toBeGreaterThan(5);
    expect(told).toContain('an interrupted apply was undone');
  },
);
