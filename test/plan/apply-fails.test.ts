import { expect, it } from 'vitest';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';
import { domainXml, type PlannedHost, plannedHost, wishXml } from './planned-host.ts';

const GPU = '0000:86:00.0';
const [GONE, CHANGED, NEW, OTHER] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4)] as const;
const vgpu = (uuid: string, type = 'nvidia-18', params = 'x=1'): string =>
  wishXml({ uuid, parent: GPU, type, params, group: uuid === NEW ? 'g' : undefined });

/** One of everything a plan can do. */
async function prepared(): Promise<PlannedHost> {
  const given = plannedHost();
  await given.connection.create(vgpu(GONE));
  await given.connection.define(vgpu(GONE));
  await given.connection.create(vgpu(CHANGED));
  await given.connection.define(vgpu(CHANGED));
  return given;
}
const DESIRED = [
  vgpu(CHANGED, 'nvidia-18', 'x=2'),
  vgpu(NEW),
  vgpu(OTHER),
  domainXml('vm1', [NEW]),
];
const OPTIONS = { prune: true, define: true, autostart: true };

it('whichever step fails, the host is as it was', async () => {
  let steps = 0;
  for (let failing = 1; failing < 100; failing++) {
    const { connection, fuse } = await prepared();
    const plan = await connection.plan(DESIRED, OPTIONS);
    expect(new Set(plan.actions.map(({ action }) => action)).size).toBe(7);
    const before = await stateOf(connection);
    fuse.left = failing;
    const failed = await connection.apply(plan).then(
      () => false,
      () => true,
    );
    const burnt = fuse.left <= 0;
    fuse.left = Infinity;
    if (!burnt) break;
    steps += 1;
    // What fails only after the store has kept the change does not fail it.
    expect(failed ? await stateOf(connection) : before).toEqual(before);
  }
  expect(steps).toBeGreaterThan(20);
  expect(steps).toBeLessThan(99);
});

it('what onProgress throws undoes everything', async () => {
  const { connection } = await prepared();
  const before = await stateOf(connection);
  const plan = await connection.plan(DESIRED, OPTIONS);
  const onProgress = (done: number): void => {
    if (done === 5) throw new Error('enough');
  };
  await expect(connection.apply(plan, { onProgress })).rejects.toThrow('enough');
  expect(await stateOf(connection)).toEqual(before);
});
